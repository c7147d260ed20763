use super::Transport;
use crate::error::Result;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::{self, Universe};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Destination, Source};
use mpi::{Count, Threading};

/// The ranks that `mpirun` or a scheduler started. Errors of MPI itself end all of them.
#[derive(Debug)]
pub(super) struct Mpi {
    rank: usize,
    size: usize,
    host: String,
}

/// What ends MPI when it is dropped: after the last exchange, by the thread that began it.
#[expect(missing_debug_implementations, reason = "a guard without content")]
pub struct MpiGuard(#[expect(dead_code, reason = "kept for its end")] Universe);

/// Begins MPI. `None` where it was begun before, or gives no more than single-threaded processes.
pub(super) fn begin() -> Option<(MpiGuard, Mpi)> {
    // One thread calls it at a time, but not always the first.
    let (universe, threading) = mpi::initialize_with_threading(Threading::Serialized)?;
    if threading < Threading::Serialized {
        return None;
    }
    let world = world();
    let host = environment::processor_name().unwrap_or_else(|_| "a host without a name".into());
    let mpi = Mpi { rank: world.rank() as usize, size: world.size() as usize, host };
    Some((MpiGuard(universe), mpi))
}

/// Bytes that lie somewhere, be they none: Open MPI takes the address of an empty slice, 1, for `MPI_IN_PLACE`.
fn placed(bytes: &[u8]) -> &[u8] {
    static SOMEWHERE: [u8; 1] = [0];
    if bytes.is_empty() { &SOMEWHERE[..0] } else { bytes }
}

fn world() -> SimpleCommunicator {
    SimpleCommunicator::world()
}

impl Transport for Mpi {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn host(&self) -> String {
        self.host.clone()
    }

    fn gather(&self, mine: &[u8], each: &mut dyn FnMut(usize, &[u8])) -> Result<()> {
        let mut counts: Vec<Count> = vec![0; self.size];
        world().all_gather_into(&(mine.len() as Count), &mut counts[..]);
        let starts: Vec<Count> = counts.iter().scan(0, |sum, count| Some(std::mem::replace(sum, *sum + count))).collect();
        let mut all = vec![0u8; counts.iter().map(|&count| count as usize).sum()];
        if !all.is_empty() {
            let mut theirs = PartitionMut::new(&mut all[..], &counts[..], &starts[..]);
            world().all_gather_varcount_into(placed(mine), &mut theirs);
        }
        let mut rest = &all[..];
        for (rank, &count) in counts.iter().enumerate() {
            let (bytes, others) = rest.split_at(count as usize);
            each(rank, bytes);
            rest = others;
        }
        Ok(())
    }

    fn sum(&self, numbers: &mut [i64]) -> Result<()> {
        let mine = numbers.to_vec();
        world().all_reduce_into(&mine[..], numbers, SystemOperation::sum());
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        world().process_at_rank(0).send(placed(bytes));
        Ok(())
    }

    fn receive(&self, from: usize) -> Result<Vec<u8>> {
        Ok(world().process_at_rank(from as i32).receive_vec::<u8>().0)
    }

    fn abort(&self, code: i32) {
        world().abort(code)
    }
}
