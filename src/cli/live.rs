//! The page that simulates, for `report` and `run`.

use exodus::files::{self, Lock};
use exodus::storage::Inventory;
use exodus::{Error, Result, report};
use std::path::{Path, PathBuf};

/// What pages simulate with, as it is called beside the command.
const CORE: &str = "exodus.wasm";

#[derive(Debug, clap::Args)]
pub(super) struct LiveArgs {
    /// Make `live.html`, a page in which readers change the run's scenario and simulate it themselves.
    #[arg(long)]
    live: bool,
    /// What that page simulates with [default: `exodus.wasm` beside the command].
    #[arg(long, value_name = "FILE", requires = "live")]
    core: Option<PathBuf>,
}

impl LiveArgs {
    /// What the page simulates with, where one is asked for; read before anything is done that takes time.
    pub(super) fn core(&self) -> Result<Option<Vec<u8>>> {
        if !self.live {
            return Ok(None);
        }
        let core = match &self.core {
            Some(path) => files::read(path).map_err(|error| Error::io(path, "reading", error))?,
            None => beside()?,
        };
        report::check_core(&core)?;
        Ok(Some(core))
    }
}

/// The core that lies beside the command.
fn beside() -> Result<Vec<u8>> {
    let path = std::env::current_exe().ok().and_then(|command| Some(command.parent()?.join(CORE)));
    let path = path.unwrap_or_else(|| CORE.into());
    files::read(&path).map_err(|error| {
        let how = "in the sources of exodus, .ci/core makes it and puts it there; --core names one elsewhere";
        Error::invalid(format!("--live: found no core at {} ({error}); {how}", path.display()))
    })
}

/// Makes the page in a folder whose lock nobody holds, and lists it in the manifest.
pub(super) fn leave(folder: &Path, core: &[u8]) -> Result<()> {
    let _lock = Lock::take(folder)?;
    let page = report::write_live_page(folder, core)?;
    Inventory::read(folder)?.record(&[page])
}
