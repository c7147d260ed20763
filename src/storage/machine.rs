//! The machine a run was made on, for its manifest.

/// The processor's name, where the system tells it.
pub fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|l| l.strip_prefix("model name")).and_then(|l| l.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Most memory the process has held, in bytes; `None` where the system does not tell.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// A hash of the sources, in hexadecimal digits: programs of one hash compute the same.
pub const SOURCES: &str = env!("EXODUS_SOURCES");

/// Commit of the sources, compiler and target, as found when exodus was built.
pub const BUILT: [&str; 3] = [env!("EXODUS_GIT_COMMIT"), env!("EXODUS_RUSTC"), env!("EXODUS_TARGET")];
