//! `exodus check`.

use super::Outcome;

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args) -> Outcome {
    Err(exodus::Error::invalid("not there yet").into())
}
