//! `exodus completions`, `exodus man`.

use super::{Outcome, print};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(super) fn run(args: Args, command: &mut clap::Command) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, command, "exodus", &mut text);
    Ok(print(&String::from_utf8_lossy(&text))?)
}

pub(super) fn man(command: clap::Command) -> Outcome {
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut text);
    rendered.map_err(|error| exodus::Error::io("stdout", "writing", error))?;
    Ok(print(&String::from_utf8_lossy(&text))?)
}
