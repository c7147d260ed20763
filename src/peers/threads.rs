use super::Transport;
use crate::error::{Error, Result};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// A rank that is a thread: it sends every other one what it has to say, and hears what they say, each in its order.
#[derive(Debug)]
pub(super) struct Thread {
    rank: usize,
    /// To each rank, and from each.
    to: Vec<Sender<Arc<[u8]>>>,
    from: Vec<Mutex<Receiver<Arc<[u8]>>>>,
}

/// So many ranks.
pub(super) fn connected(size: usize) -> Vec<Thread> {
    let mut threads: Vec<Thread> = (0..size).map(|rank| Thread { rank, to: Vec::new(), from: Vec::new() }).collect();
    for from in 0..size {
        for to in 0..size {
            let (sender, receiver) = channel();
            threads[from].to.push(sender);
            // Of every rank in turn: the lists come to be in order.
            threads[to].from.push(Mutex::new(receiver));
        }
    }
    threads
}

impl Thread {
    fn send(&self, rank: usize, bytes: Arc<[u8]>) -> Result<()> {
        self.to[rank].send(bytes).map_err(|_| ended(rank))
    }

    fn receive(&self, rank: usize) -> Result<Arc<[u8]>> {
        self.from[rank].lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(|_| ended(rank))
    }
}

fn ended(rank: usize) -> Error {
    Error::io(format!("rank {rank}"), "hearing from it", std::io::ErrorKind::ConnectionReset.into())
}

impl Transport for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn host(&self) -> String {
        "a thread".into()
    }

    fn gather(&self, mine: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<()> {
        let mine: Arc<[u8]> = mine.into();
        (0..self.size()).try_for_each(|rank| self.send(rank, mine.clone()))?;
        for rank in 0..self.size() {
            each(rank, &self.receive(rank)?);
        }
        Ok(())
    }

    fn sum(&self, numbers: &mut [i64]) -> Result<()> {
        let mine = bytemuck::cast_slice(numbers).to_vec();
        numbers.fill(0);
        self.gather(&mine, &mut |_, bytes| {
            let theirs = bytes.chunks_exact(8).map(|bytes| i64::from_ne_bytes(std::array::from_fn(|k| bytes[k])));
            numbers.iter_mut().zip(theirs).for_each(|(sum, number)| *sum += number);
        })
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        self.send(0, bytes.into())
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>> {
        Ok(self.receive(from)?.to_vec())
    }
}
