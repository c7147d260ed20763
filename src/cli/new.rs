//! `exodus new`: a commented scenario to start from.

use super::Outcome;
use super::streams::tell;
use exodus::Error;
use exodus::scenario::{MAX_NAME, is_valid_name};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the scenario: letters, digits, `-` and `_`.
    name: String,
    /// Folder to write it to, instead of the current one.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Replace a file that is already there.
    #[arg(long)]
    force: bool,
}

/// The scenario written, but for its name.
const TEMPLATE: &str = include_str!("new.toml");

pub(super) fn run(args: Args) -> Outcome {
    if !is_valid_name(&args.name) {
        let most = MAX_NAME;
        let message = format!("NAME: found {:?}; allowed 1 to {most} letters (a-z), digits, `-` and `_`", args.name);
        return Err(Error::invalid(message).into());
    }
    let file = format!("{}.toml", args.name);
    let path = args.dir.map_or_else(|| PathBuf::from(&file), |dir| dir.join(&file));
    write(&path, &TEMPLATE.replace("NAME", &args.name), args.force)?;
    let shown = path.display();
    tell!("Wrote {shown}. Look at it, then:\n  exodus check {shown}\n  exodus run {shown}");
    Ok(())
}

/// Writes all of the file or nothing; replaces one only with `force`.
fn write(path: &Path, text: &str, force: bool) -> exodus::Result<()> {
    let taken = || Error::invalid(format!("{} is there already; `--force` replaces it", path.display()));
    if !force && path.exists() {
        return Err(taken());
    }
    let temporary = path.with_extension(format!("toml.{}.tmp", std::process::id()));
    let written = fs::File::create_new(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let placed = written.and_then(|()| {
        if force {
            fs::rename(&temporary, path)
        } else {
            // A link, unlike a rename, does not replace what another process has put there meanwhile.
            fs::hard_link(&temporary, path).or_else(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Err(error),
                _ if path.exists() => Err(std::io::ErrorKind::AlreadyExists.into()),
                // No links on this file system.
                _ => fs::rename(&temporary, path),
            })
        }
    });
    // After a rename there is nothing left to remove.
    let _ = fs::remove_file(&temporary);
    placed.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists if !force => taken(),
        _ => Error::io(path, "writing", error),
    })
}
