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

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The command, such as `run` or `snapshot export`; none for the program's own page.
    command: Vec<String>,
}

pub(super) fn man(args: &ManArgs, mut root: clap::Command) -> Outcome {
    // Gives commands below the first their full names, such as exodus-run.
    root.build();
    let mut command = &root;
    for name in &args.command {
        let below = || command.get_subcommands().map(clap::Command::get_name).collect::<Vec<_>>().join(", ");
        command = command
            .find_subcommand(name)
            .ok_or_else(|| exodus::Error::invalid(format!("exodus man: found {name:?}; allowed: {}", below())))?;
    }
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut text);
    rendered.map_err(|error| exodus::Error::io("stdout", "writing", error))?;
    Ok(print(&String::from_utf8_lossy(&text))?)
}
