//! The processes that compute one run together: *ranks*, each with a part of the users.
//!
//! Every rank knows all public states, and has the rows of state and graph of its own users alone. Each day the changed public
//! states are gathered by all, and sums of integers are added up over all: the result is that of one process, bit for bit.
//!
//! All ranks ask for the same exchanges in the same order; that is why each of them depends only on what all ranks know. Where one
//! ends early, with an error, the others' next exchange fails.

#[cfg(feature = "mpi")]
mod mpi;
mod threads;

#[cfg(feature = "mpi")]
pub use mpi::MpiGuard;

use crate::error::{Error, Result};
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Users of a chunk, the unit of parallel work, and of parts of users. A constant of the model's layout, a multiple of 64.
pub const CHUNK: u32 = 4096;

/// Most bytes that are gathered from all ranks at a time, and that are sent at once.
const PIECE: usize = 16 << 20;

/// How ranks reach each other.
pub trait Transport: Debug + Send + Sync {
    /// Number of this rank, from 0.
    fn rank(&self) -> usize;

    /// Number of ranks.
    fn size(&self) -> usize;

    /// What the machine of this rank is called, for messages.
    fn host(&self) -> String;

    /// Gives all ranks these bytes, at most some millions, and shows the bytes of all ranks, in their order.
    fn gather(&self, mine: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<()>;

    /// Adds up, number by number, what all ranks give.
    fn sum(&self, numbers: &mut [i64]) -> Result<()>;

    /// Sends the first rank some bytes, at most some millions.
    fn send(&self, bytes: &[u8]) -> Result<()>;

    /// What another rank sent the first one next.
    fn receive(&self, from: usize) -> Result<Vec<u8>>;

    /// Ends all ranks at once, where that can be.
    fn abort(&self, _code: i32) {}
}

/// The ranks of a run, as one of them sees them: mostly there is but one, and every exchange is none.
#[derive(Clone, Debug, Default)]
pub struct Peers(Option<Ranks>);

#[derive(Clone, Debug)]
struct Ranks {
    transport: Arc<dyn Transport>,
    /// Whether all know that something failed, and what.
    failed: Arc<AtomicBool>,
    /// Bytes that this rank gave so far.
    given: Arc<AtomicU64>,
}

impl Ranks {
    fn count(&self, bytes: usize) {
        self.given.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn gather(&self, mine: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<()> {
        self.count(mine.len());
        self.transport.gather(mine, each)
    }

    fn sum(&self, numbers: &mut [i64]) -> Result<()> {
        self.count(size_of_val(numbers));
        self.transport.sum(numbers)
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        self.count(bytes.len());
        self.transport.send(bytes)
    }
}

impl Peers {
    /// One process has all users.
    pub fn alone() -> Self {
        Peers(None)
    }

    /// Ranks that reach each other in some way.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Peers((transport.size() > 1).then(|| Ranks { transport, failed: Arc::default(), given: Arc::default() }))
    }

    /// So many ranks in one process, each to be given to a thread: what several processes do can be tried on any machine.
    pub fn threads(size: usize) -> Vec<Self> {
        threads::connected(size).into_iter().map(|thread| Peers::new(Arc::new(thread))).collect()
    }

    /// The ranks that `mpirun` or a scheduler started, and what is to be kept until the end. `None` where MPI cannot be begun.
    #[cfg(feature = "mpi")]
    pub fn mpi() -> Option<(MpiGuard, Self)> {
        let (guard, transport) = mpi::begin()?;
        Some((guard, Self::new(Arc::new(transport))))
    }

    /// Whether one process has all users.
    #[inline]
    pub fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Number of this rank, from 0.
    pub fn rank(&self) -> usize {
        self.0.as_ref().map_or(0, |ranks| ranks.transport.rank())
    }

    /// Number of ranks.
    pub fn size(&self) -> usize {
        self.0.as_ref().map_or(1, |ranks| ranks.transport.size())
    }

    /// Bytes that this rank gave the others so far, each counted once however many receive it.
    pub fn given(&self) -> u64 {
        self.0.as_ref().map_or(0, |ranks| ranks.given.load(Ordering::Relaxed))
    }

    /// Whether this is the first rank: it alone writes files.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// This rank and its machine, for messages: `rank 3 on node17`.
    pub fn name(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |ranks| format!("rank {} on {}", ranks.transport.rank(), ranks.transport.host()))
    }

    /// The users of this rank: whole chunks, as many as others have, or one more or less. None where there are more ranks than chunks.
    pub fn part(&self, users: u32) -> Range<u32> {
        self.part_of(self.rank(), users)
    }

    fn part_of(&self, rank: usize, users: u32) -> Range<u32> {
        let (chunks, size) = (u64::from(users.div_ceil(CHUNK)), self.size() as u64);
        let first = |rank: u64| (chunks * rank / size * u64::from(CHUNK)).min(u64::from(users)) as u32;
        first(rank as u64)..first(rank as u64 + 1)
    }

    /// Adds up, number by number, what all ranks give.
    #[inline]
    pub fn sum(&self, numbers: &mut [i64]) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |ranks| ranks.sum(numbers))
    }

    /// The sum of one number of each rank.
    pub fn sum_of(&self, number: u64) -> Result<u64> {
        let mut sum = [number as i64];
        self.sum(&mut sum)?;
        Ok(sum[0] as u64)
    }

    /// What the first rank says, be it by its clock, or as somebody told it.
    pub fn first_says(&self, yes: bool) -> Result<bool> {
        Ok(self.sum_of(u64::from(yes && self.is_first()))? > 0)
    }

    /// Shows what the other ranks give, a list of items of so many bytes each, in no order that matters: a piece of each at a time, so
    /// that never much of it is there.
    pub fn gather(&self, mine: &[u8], item: usize, mut each: impl FnMut(&[u8])) -> Result<()> {
        let Some(ranks) = &self.0 else { return Ok(()) };
        let transport = &ranks.transport;
        let piece = (PIECE / transport.size() / item).max(1) * item;
        let mut pieces = mine.chunks(piece);
        loop {
            let mut more = false;
            ranks.gather(pieces.next().unwrap_or_default(), &mut |rank, bytes| {
                more |= bytes.len() == piece;
                if rank != transport.rank() {
                    each(bytes);
                }
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Completes a list with a value for each user: every rank has filled in its own part.
    pub fn complete(&self, values: &mut [u32]) -> Result<()> {
        let Some(ranks) = &self.0 else { return Ok(()) };
        let transport = &ranks.transport;
        for rank in 0..transport.size() {
            let part = self.part_of(rank, values.len() as u32);
            for piece in values[part.start as usize..part.end as usize].chunks_mut(PIECE / 4) {
                let own = if rank == transport.rank() { bytemuck::cast_slice(piece).to_vec() } else { Vec::new() };
                ranks.gather(&own, &mut |from, bytes| {
                    if from == rank {
                        bytemuck::cast_slice_mut(piece).copy_from_slice(bytes);
                    }
                })?;
            }
        }
        Ok(())
    }

    /// Gives the first rank what all ranks `make`, in their order, piece by piece; `take` is called there alone.
    pub fn to_first(
        &self,
        make: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let Some(ranks) = &self.0 else { return make(&mut take) };
        let transport = &ranks.transport;
        if transport.rank() > 0 {
            make(&mut |bytes| bytes.chunks(PIECE).try_for_each(|piece| ranks.send(piece)))?;
            // Nothing is the end.
            return ranks.send(&[]);
        }
        // Whatever goes wrong here, what the others send is heard to its end: then they can be told.
        let mut result = make(&mut take);
        for rank in 1..transport.size() {
            loop {
                let piece = transport.receive(rank)?;
                if piece.is_empty() {
                    break;
                }
                result = result.and_then(|()| take(&piece));
            }
        }
        result
    }

    /// What the first rank has.
    pub fn from_first(&self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let Some(ranks) = &self.0 else { return Ok(bytes) };
        let mut first = Vec::new();
        let own: &[u8] = if self.is_first() { &bytes } else { &[] };
        ranks.gather(own, &mut |rank, bytes| {
            if rank == 0 {
                first = bytes.to_vec();
            }
        })?;
        Ok(first)
    }

    /// What the first rank alone does, such as all that has to do with files: `None` on the others. Where it fails, all do.
    pub fn first_does<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        self.agree(if self.is_first() { work().map(Some) } else { Ok(None) })
    }

    /// Goes on where all ranks succeeded; else all fail, with what the first rank to fail says, and which it is: unless all failed alike, or
    /// the first was asked for something wrong.
    pub fn agree<T>(&self, result: Result<T>) -> Result<T> {
        let Some(ranks) = &self.0 else { return result };
        let transport = &ranks.transport;
        let mine = result.as_ref().err().map_or_else(Vec::new, |error| {
            let kind = if error.is_stopped() { 2 } else { u8::from(error.is_invalid()) };
            [&[kind], self.name().as_bytes(), b"\n", error.to_string().as_bytes()].concat()
        });
        let (mut failed, mut succeeded) = (None, false);
        ranks.gather(&mine, &mut |rank, bytes| {
            succeeded |= bytes.is_empty();
            if !bytes.is_empty() && failed.is_none() {
                failed = Some((rank, bytes.to_vec()));
            }
        })?;
        ranks.failed.fetch_or(failed.is_some(), Ordering::Relaxed);
        let Some((rank, bytes)) = failed else { return result };
        let (kind, text) = (bytes[0], String::from_utf8_lossy(&bytes[1..]));
        let (name, text) = text.split_once('\n').unwrap_or_default();
        let is_named = succeeded && (rank > 0 || kind == 0);
        Err(match (kind, result) {
            (_, Err(error)) if rank == transport.rank() && !is_named => error,
            (2, _) => Error::stopped(),
            _ if is_named => Error::of_another(format!("{name}: {text}"), kind == 1),
            _ => Error::of_another(text.to_owned(), kind == 1),
        })
    }

    /// Whether all ranks failed together, each knowing why.
    pub fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(|ranks| ranks.failed.load(Ordering::Relaxed))
    }

    /// Ends all ranks at once, where that can be.
    pub fn abort(&self, code: i32) {
        if let Some(Ranks { transport, .. }) = &self.0 {
            transport.abort(code);
        }
    }

    /// Fails, on all ranks, where one has other bytes than the first: `what` says of what.
    pub fn same(&self, what: &str, mine: &[u8]) -> Result<()> {
        if self.is_alone() {
            return Ok(());
        }
        let first = self.from_first(mine.to_vec())?;
        let problem = || Error::invalid(format!("found another {what} than that of rank 0; allowed the same on all ranks"));
        self.agree(if first == mine { Ok(()) } else { Err(problem()) })
    }
}
