//! The page that simulates: `live.html`, a run's scenario with the core as WebAssembly.

use super::curves::Days;
use super::{CHARTS, Own, assemble, citation, run, scenario as words};
use crate::error::{Error, Result};
use crate::live::CORE;
use crate::report::daily::Daily;
use crate::scenario::{self, GraphKind};
use crate::storage::Manifest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("live.css");
const SCRIPT: &str = concat!(
    include_str!("script/live/unpack.js"),
    include_str!("script/live/core.js"),
    include_str!("script/live/curves.js"),
    include_str!("script/live/change.js"),
    include_str!("script/live/page.js"),
);
const WORKER: &str = concat!("\"use strict\";\n", include_str!("script/live/unpack.js"), include_str!("script/live/worker.js"));
/// Nothing is loaded; what runs is in the page, the worker and the core too.
const POLICY: &str =
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:; style-src 'unsafe-inline'";
/// Users of a page, unless the run has fewer.
const USERS: u64 = 20_000;

/// Makes `live.html` in the folder of a finished run; its path. `core` is `examples/live.rs`, compiled for WebAssembly.
///
/// Fails where the folder is not of a run from its scenario's start, the graph is one of a file, or `core` is not this version's.
pub fn write_live_page(folder: &Path, core: &[u8]) -> Result<PathBuf> {
    let path = folder.join("live.html");
    check_core(core)?;
    let data = data(folder)?;
    let block = |id: &str, text: &str| format!("<script type=\"text/plain\" id=\"{id}\">{text}</script>\n");
    let parts = block("packed-charts", &packed(CHARTS.as_bytes()))
        + &block("core", &packed(&without_notes(core).unwrap_or_default()))
        + &block("worker", WORKER);
    assemble(&path, &data, &Own { policy: POLICY, style: STYLE, parts: &parts, script: SCRIPT })?;
    Ok(path)
}

/// Whether a file can be put into a page by [`write_live_page`]: WebAssembly that says it is this version's core.
pub fn check_core(core: &[u8]) -> Result<()> {
    let says = |words: &str| core.windows(words.len()).any(|window| window == words.as_bytes());
    if without_notes(core).is_some() && says(CORE) {
        return Ok(());
    }
    let found = if says("exodus live core ") { "the core of another version" } else { "something else" };
    Err(Error::invalid(format!("the core of a page: found {found}; allowed WebAssembly of {CORE}")))
}

/// A module without its custom sections, which are names and notes for debuggers; `None` where it is no module.
fn without_notes(module: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 8;
    let mut kept = module.get(..HEAD).filter(|head| head.starts_with(b"\0asm"))?.to_vec();
    let mut rest = &module[HEAD..];
    while let Some((&kind, after)) = rest.split_first() {
        let (mut size, mut at) = (0usize, 0);
        // LEB128: seven bits a byte, the lowest first.
        loop {
            let byte = *after.get(at).filter(|_| at < 5)?;
            size |= usize::from(byte & 0x7F) << (7 * at);
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let end = 1 + at + size;
        let section = rest.get(..end)?;
        if kind != 0 {
            kept.extend_from_slice(section);
        }
        rest = &rest[end..];
    }
    Some(kept)
}

/// Compressed by gzip, in base64: what the page's script unpacks.
fn packed(bytes: &[u8]) -> String {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes everything.
    let _ = out.write_all(bytes);
    STANDARD.encode(out.finish().unwrap_or_default())
}

fn data(folder: &Path) -> Result<Value> {
    let refused = |found: &str, allowed: &str| Error::invalid(format!("{}: found {found}; allowed {allowed}", folder.display()));
    let manifest = Manifest::read(folder)?;
    let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
    if manifest.status != "finished" {
        return Err(refused("a run that is not finished", "a finished one: `exodus resume` continues it"));
    }
    if manifest.parent.is_some() {
        return Err(refused("a fork", "a run from its scenario's start, as the page simulates it from there"));
    }
    if scenario.graph.kind == GraphKind::File || scenario.graph.nodes.is_some() {
        return Err(refused("a graph or nodes from a file", "a graph that the scenario generates, as a page has no files"));
    }
    let daily = Daily::of_run(folder)?;
    let messengers: Vec<String> = scenario.messengers.iter().map(|m| m.name.clone()).collect();
    let days = Days::new(daily.dates.len(), messengers.len(), 0, 1);
    Ok(json!({
        "kind": "live",
        "title": words::title(&scenario),
        "scenario": words::facts(&scenario),
        "interventions": words::interventions(&scenario),
        "targets": words::targets(&scenario, &daily.dates),
        "manifest": run::machine(&manifest),
        "dates": days.dates(&daily),
        "step": days.step(),
        "messengers": messengers,
        "curves": days.curves(&daily, &messengers),
        "citation": citation(),
        "live": { "core": CORE, "users": USERS.min(scenario.population.users), "scenario": scenario.to_toml()? },
    }))
}
