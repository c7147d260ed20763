//! Runs that several processes compute together, started by `mpirun` or a scheduler.

use super::Verb;
use exodus::Error;
use exodus::engine::CHUNK;
use exodus::peers::Peers;

/// How those who start several processes tell each of them how many there are, and which it is.
const STARTED: [[&str; 2]; 4] = [
    ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"],
    ["PMI_SIZE", "PMI_RANK"],
    ["MPI_LOCALNRANKS", "MPI_LOCALRANKID"],
    ["SLURM_STEP_NUM_TASKS", "SLURM_PROCID"],
];

/// How many processes were started together, where it is more than one; the variable that says so; and which of them this is.
fn started() -> Option<(usize, &'static str, usize)> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    let of = |[size, rank]: [&'static str; 2]| Some((number(size).filter(|&size| size > 1)?, size, number(rank).unwrap_or(0)));
    STARTED.into_iter().find_map(of)
}

/// Whether processes that are started together can compute what a verb does together.
fn is_divided(verb: &Verb) -> bool {
    match verb {
        Verb::Sweep(args) => !args.is_merge(),
        verb => matches!(verb, Verb::Run(_) | Verb::Resume(_) | Verb::Fork(_)),
    }
}

/// What is to be kept until everything has been said.
#[cfg(feature = "mpi")]
pub(super) type Guard = exodus::peers::MpiGuard;
#[cfg(not(feature = "mpi"))]
pub(super) type Guard = ();

/// What a process does among those started with it.
pub(super) enum Among {
    /// It works with these, alone or not.
    Peers(Option<Guard>, Peers),
    /// They cannot do it together.
    Refused(Error),
}

/// Of processes that have not joined, the first says what is wrong with all of them, and has the exit code. The others succeed: one that
/// fails may have the first killed before it has spoken.
pub(super) fn first_says(say: impl FnOnce() -> u8) -> u8 {
    match started() {
        Some((_, _, rank)) if rank > 0 => 0,
        _ => say(),
    }
}

/// The processes that do together what was asked for.
pub(super) fn among(verb: &Verb) -> Among {
    let Some((size, variable, _)) = started() else { return Among::Peers(None, Peers::alone()) };
    match with_mpi(verb, size, variable) {
        Ok((guard, peers)) => Among::Peers(guard, peers),
        Err(error) => Among::Refused(error),
    }
}

#[cfg(feature = "mpi")]
fn with_mpi(verb: &Verb, size: usize, variable: &str) -> exodus::Result<(Option<Guard>, Peers)> {
    if !is_divided(verb) {
        return Err(Error::invalid(format!(
            "found {size} processes ({variable}={size}); allowed one: only `run`, `resume`, `fork` and `sweep` are computed by several"
        )));
    }
    let mpi =
        Peers::mpi().ok_or_else(|| Error::invalid("MPI: found one that serves no threads; allowed MPI_THREAD_SERIALIZED"))?;
    // Each would compute the whole run, into the same folder.
    if mpi.1.is_alone() {
        return Err(Error::invalid(format!(
            "MPI: found one process where {size} were started ({variable}={size}); allowed the launcher of the MPI that exodus is built with, \
             under Slurm with the `srun --mpi=...` that it understands"
        )));
    }
    Ok((Some(mpi.0), mpi.1))
}

#[cfg(not(feature = "mpi"))]
fn with_mpi(verb: &Verb, size: usize, variable: &str) -> exodus::Result<(Option<Guard>, Peers)> {
    // Shards may be started together: each has a folder of its own.
    let is_shard = matches!(verb, Verb::Sweep(args) if args.is_shard());
    if is_divided(verb) && !is_shard {
        return Err(Error::invalid(format!(
            "found {size} processes ({variable}={size}); allowed one, as this exodus is built without MPI: build it by \
             `cargo install --path . --features mpi`; for {size} separate runs, unset {variable}"
        )));
    }
    Ok((None, Peers::alone()))
}

/// Refuses more ranks than can have users.
pub(super) fn check(peers: &Peers, users: u64) -> exodus::Result<()> {
    let most = users.div_ceil(u64::from(CHUNK)).max(1);
    if peers.size() as u64 <= most {
        return Ok(());
    }
    let size = peers.size();
    Err(Error::invalid(format!("found {size} ranks; allowed at most {most} for {users} users, {CHUNK} to a rank at least")))
}

/// Refuses what one process does alone.
pub(super) fn only_alone(peers: &Peers, what: &str) -> exodus::Result<()> {
    if peers.is_alone() {
        return Ok(());
    }
    peers.agree(Err(Error::invalid(format!("{what}: found with {} ranks; allowed with one process", peers.size()))))
}
