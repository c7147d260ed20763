//! The rooms of ARCHITECTURE.md: all are there, and none uses one to its right.

mod common;

use common::root;
use exodus::scenario::Effect;
use std::fs;
use std::path::Path;

/// The rooms, in the order of the numbered list.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page is there");
    let numbered = text.lines().filter(|l| l.split_once(". `").is_some_and(|(n, _)| n.parse::<u32>().is_ok()));
    numbered.filter_map(|l| Some(l.split('`').nth(1)?.to_owned())).collect()
}

/// All Rust sources of a file or folder.
fn sources(path: &Path) -> Vec<(String, String)> {
    if path.is_dir() {
        return fs::read_dir(path).expect("a folder").flat_map(|entry| sources(&entry.expect("an entry").path())).collect();
    }
    if path.extension().is_some_and(|e| e == "rs") {
        return vec![(path.display().to_string(), fs::read_to_string(path).expect("a source"))];
    }
    Vec::new()
}

#[test]
fn the_list_is_the_library() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let mut modules: Vec<String> =
        lib.lines().filter_map(|l| Some(l.strip_prefix("pub mod ")?.trim_end_matches(';').to_owned())).collect();
    let mut rooms = rooms();
    modules.sort();
    rooms.sort();
    assert_eq!(rooms, modules);
}

#[test]
fn no_room_uses_one_to_its_right() {
    let rooms = rooms();
    assert!(rooms.len() > 5, "the list was not found");
    for (k, room) in rooms.iter().enumerate() {
        let [file, folder] = [format!("src/{room}.rs"), format!("src/{room}")].map(|p| root().join(p));
        let all: Vec<_> = [file, folder].iter().filter(|p| p.exists()).flat_map(|p| sources(p)).collect();
        assert!(!all.is_empty(), "{room} is not there");
        for (path, text) in all {
            for right in &rooms[k + 1..] {
                let used = text.lines().find(|l| l.contains(&format!("crate::{right}::")) && !l.trim_start().starts_with("//"));
                assert!(used.is_none(), "{path} uses {right}: {}", used.unwrap_or_default());
            }
        }
    }
}

#[test]
fn only_files_changes_what_is_on_disk() {
    for room in rooms().iter().filter(|room| *room != "files") {
        let folder = [format!("src/{room}.rs"), format!("src/{room}")].map(|p| root().join(p));
        for (path, text) in folder.iter().filter(|p| p.exists()).flat_map(|p| sources(p)) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in
                ["fs::rename", "fs::remove", "fs::create", "fs::write", "fs::copy", "File::create", "OpenOptions", "set_len"]
            {
                assert!(!code.contains(word), "{path}: {word}; `files` has a function for it");
            }
        }
    }
}

#[test]
fn the_library_neither_prints_nor_exits_nor_reads_arguments() {
    for room in rooms() {
        let folder = [format!("src/{room}.rs"), format!("src/{room}")].map(|p| root().join(p));
        for (path, text) in folder.iter().filter(|p| p.exists()).flat_map(|p| sources(p)) {
            // Unit tests may print.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in ["println!", "eprintln!", "print!(", "process::exit", "env::args", "dbg!"] {
                assert!(!code.contains(word), "{path}: {word}");
            }
        }
    }
}

/// A kind of intervention is one file and one line: nothing else in the sources knows its name. What the file must hold, the
/// compiler asks for.
#[test]
fn a_kind_of_intervention_is_one_file_and_one_line() {
    let room = root().join("src/scenario/intervention");
    let list = fs::read_to_string(room.join("mod.rs")).expect("the list of kinds");
    let lines = list.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
    let kinds: Vec<(&str, &str)> = lines.filter_map(|(_, path)| path.trim_end_matches(',').split_once("::")).collect();
    assert_eq!(kinds.len(), Effect::NAMES.len(), "the list was not found");
    for (path, text) in sources(&root().join("src")) {
        let own = |module: &str| path == room.join(format!("{module}.rs")).display().to_string();
        let code: String =
            text.split("#[cfg(test)]").next().unwrap_or_default().lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        for (module, kind) in kinds.iter().filter(|(module, _)| !own(module) && path != room.join("mod.rs").display().to_string())
        {
            let named = code.contains(&format!("Effect::{kind}")) || code.contains(&format!("intervention::{module}"));
            assert!(!named, "{path} knows of {kind}");
        }
    }
}
