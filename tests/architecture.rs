//! ARCHITECTURE.md is true: all rooms of its list are there, and none uses one below it, in whatever form that is written.

mod common;

use common::root;
use exodus::scenario::Effect;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

/// The rooms, in the order of the numbered list.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page is there");
    let numbered = text.lines().filter(|l| l.split_once(". `").is_some_and(|(n, _)| n.parse::<u32>().is_ok()));
    numbered.filter_map(|l| Some(l.split('`').nth(1)?.to_owned())).collect()
}

/// All Rust sources of a file or folder, each with its path as a module: `["graph", "csr"]`.
fn sources(path: &Path, module: &[String]) -> Vec<Source> {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
        return entries
            .flat_map(|entry| {
                let name = entry.file_stem().expect("a name").to_string_lossy().into_owned();
                let inner = if name == "mod" { module.to_vec() } else { [module, &[name]].concat() };
                sources(&entry, &inner)
            })
            .collect();
    }
    if path.extension().is_some_and(|e| e == "rs") {
        let text = fs::read_to_string(path).expect("a source");
        return vec![Source { path: path.display().to_string(), module: module.to_vec(), text }];
    }
    Vec::new()
}

struct Source {
    path: String,
    module: Vec<String>,
    text: String,
}

impl Source {
    /// The sources of a room.
    fn of_room(room: &str) -> Vec<Source> {
        let places = [format!("src/{room}.rs"), format!("src/{room}")].map(|place| root().join(place));
        let found: Vec<_> = places.iter().filter(|p| p.exists()).flat_map(|p| sources(p, &[room.to_owned()])).collect();
        assert!(!found.is_empty(), "{room} is not there");
        found
    }

    /// Everything of the crate that is named here, as full paths, unit tests left out.
    fn names(&self) -> BTreeSet<Vec<String>> {
        let file = syn::parse_file(&self.text).unwrap_or_else(|e| panic!("{}: {e}", self.path));
        let mut names = Names { module: self.module.clone(), found: BTreeSet::new() };
        names.visit_file(&file);
        names.found
    }

    /// The names that are passed on under this module's own (`pub use`), each with where it comes from.
    fn passed_on(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let file = syn::parse_file(&self.text).unwrap_or_else(|e| panic!("{}: {e}", self.path));
        let public = file.items.into_iter().filter_map(|item| match item {
            Item::Use(item) if !matches!(item.vis, syn::Visibility::Inherited) => Some(item),
            _ => None,
        });
        let from = |path: &[String]| match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            _ => [self.module.as_slice(), path].concat(),
        };
        let named = public.flat_map(|item| leaves(&item.tree, &[]));
        named.map(|(path, name)| ([self.module.as_slice(), &[name]].concat(), from(&path))).collect()
    }

    /// The code without unit tests, which may print and write.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

/// Collects paths that begin with `crate` or `super`, in `use` trees of any form, expressions and types.
struct Names {
    module: Vec<String>,
    found: BTreeSet<Vec<String>>,
}

impl Names {
    fn add(&mut self, path: &[String]) {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let full = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("super") if supers <= self.module.len() => {
                [&self.module[..self.module.len() - supers], &path[supers..]].concat()
            }
            _ => return,
        };
        self.found.insert(full);
    }
}

/// The names of a `use`, each with what it is called from there on; of a glob, the path before it.
fn leaves(tree: &UseTree, above: &[String]) -> Vec<(Vec<String>, String)> {
    let with = |name: &syn::Ident| [above, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) => vec![(with(&name.ident), name.ident.to_string())],
        UseTree::Rename(name) => vec![(with(&name.ident), name.rename.to_string())],
        UseTree::Glob(_) => vec![(above.to_vec(), "*".to_owned())],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| leaves(tree, above)).collect(),
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Mod(module) if module.attrs.iter().any(|a| a.path().is_ident("cfg") && quoted(a).contains("test")) => {}
            Item::Mod(module) => {
                self.module.push(module.ident.to_string());
                visit::visit_item(self, item);
                self.module.pop();
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        leaves(&item.tree, &[]).iter().for_each(|(path, _)| self.add(path));
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.add(&path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }
}

fn quoted(attribute: &syn::Attribute) -> String {
    attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default()
}

#[test]
fn the_list_is_the_library() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let module =
        |line: &str| Some(line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.trim_end_matches(';').to_owned());
    let mut modules: Vec<String> = lib.lines().filter_map(module).collect();
    let mut rooms = rooms();
    modules.sort();
    rooms.sort();
    assert_eq!(rooms, modules);
}

#[test]
fn every_form_of_a_name_is_seen() {
    let text = "use crate::{graph::{Graph as G, stats::*}, error};
        use super::super::engine::{self, State};
        fn f() -> super::super::policy::Today { crate::report::make::<crate::storage::Manifest>() }
        mod inner { use super::near; }
        #[cfg(test)] mod tests { use crate::cli; }";
    let source = Source { path: "here".into(), module: ["model", "logit"].map(String::from).into(), text: text.into() };
    let found: Vec<String> = source.names().iter().map(|name| name.join("::")).collect();
    let expected = [
        "engine::State",
        "engine::self",
        "error",
        "graph::Graph",
        "graph::stats",
        "model::logit::near",
        "policy::Today",
        "report::make",
        "storage::Manifest",
    ];
    assert_eq!(found, expected);
}

#[test]
fn no_room_uses_one_below_it() {
    let rooms = rooms();
    assert!(rooms.len() > 5, "the list was not found");
    for (k, room) in rooms.iter().enumerate() {
        for source in Source::of_room(room) {
            for name in source.names() {
                let below = name.first().is_some_and(|first| rooms[k + 1..].contains(first));
                assert!(!below, "{} uses {}, of a room below its own", source.path, name.join("::"));
            }
        }
    }
}

/// Files that use each other in a circle, and those that use such files. A file may use, and be used by, its own `mod.rs`.
fn in_circles(all: &[Source]) -> Vec<String> {
    let files: BTreeSet<Vec<String>> = all.iter().map(|source| source.module.clone()).collect();
    let passed_on: BTreeMap<Vec<String>, Vec<String>> = all.iter().flat_map(Source::passed_on).collect();
    let home = |mut name: Vec<String>| {
        // A name is passed on from room to room at most a few times.
        for _ in 0..4 {
            let Some(k) = (1..=name.len()).find(|&k| passed_on.contains_key(&name[..k]) && !files.contains(&name[..k])) else {
                break;
            };
            name = [passed_on[&name[..k]].as_slice(), &name[k..]].concat();
        }
        (1..=name.len()).rev().find(|&k| files.contains(&name[..k])).map(|k| name[..k].to_vec())
    };
    let used = |source: &Source| -> BTreeSet<Vec<String>> {
        let apart = |file: &Vec<String>| !file.starts_with(&source.module) && !source.module.starts_with(file);
        source.names().into_iter().filter_map(home).filter(apart).collect()
    };
    let mut left: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = all.iter().map(|s| (s.module.clone(), used(s))).collect();
    loop {
        // Those that use nobody who is left stand in no circle.
        let free = |used: &BTreeSet<Vec<String>>| !used.iter().any(|file| left.contains_key(file));
        let free: Vec<Vec<String>> = left.iter().filter(|(_, used)| free(used)).map(|(file, _)| file.clone()).collect();
        if free.is_empty() {
            return left.keys().map(|file| file.join("::")).collect();
        }
        free.iter().for_each(|file| drop(left.remove(file)));
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let source = |module: &[&str], text: &str| Source {
        path: module.join("/"),
        module: module.iter().map(|part| (*part).to_owned()).collect(),
        text: text.into(),
    };
    let mut small = vec![
        source(&["fit"], "mod prior; mod file; pub use file::{Range as Bounds};"),
        source(&["fit", "prior"], "use super::Bounds; use crate::dates;"),
        source(&["fit", "file"], "use crate::dates::Day;"),
        source(&["dates"], "pub struct Day;"),
    ];
    assert!(in_circles(&small).is_empty());
    small[2].text = "fn read() -> super::prior::Prior { todo!() }".into();
    assert_eq!(in_circles(&small), ["fit::file", "fit::prior"]);

    let all: Vec<Source> = rooms().iter().flat_map(|room| Source::of_room(room)).collect();
    let found = in_circles(&all);
    assert!(found.is_empty(), "in a circle, or using one: {}", found.join(", "));
}

/// Files of the core in which what opens files or reads a clock is left out by a feature.
const GATED: [&str; 3] = ["engine/available.rs", "engine/counters.rs", "scenario/load/mod.rs"];

/// What the core may have: everything that needs no file, clock or terminal.
#[test]
fn the_core_is_what_stands_above_files() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let lines: Vec<&str> = lib.lines().collect();
    let gated: Vec<&str> = lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("#[cfg(feature"))
        .filter_map(|pair| Some(pair[1].strip_prefix("pub mod ")?.trim_end_matches(';')))
        .collect();
    assert_eq!(gated, ["cli", "experiment", "files", "measure", "report", "storage"]);
    for room in rooms().iter().filter(|room| !gated.contains(&room.as_str())) {
        for source in Source::of_room(room) {
            for word in ["Instant::now", "SystemTime", "fs::", "File::open", "stdin", "env::"] {
                let found = source.code().lines().find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
                let gated = GATED.iter().any(|place| source.path.ends_with(place));
                assert!(found.is_none() || gated, "{}: {}", source.path, found.unwrap_or_default());
            }
        }
    }
}

#[test]
fn only_files_changes_what_is_on_disk() {
    for room in rooms().iter().filter(|room| !["files", "cli"].contains(&room.as_str())) {
        for source in Source::of_room(room) {
            for word in
                ["fs::rename", "fs::remove", "fs::create", "fs::write", "fs::copy", "File::create", "OpenOptions", "set_len"]
            {
                assert!(!source.code().contains(word), "{}: {word}; `files` has a function for it", source.path);
            }
        }
    }
}

/// A stream that cannot be written to must not end the program in a panic, as `println!` and its kin do.
#[test]
fn the_command_prints_by_its_own_functions_alone() {
    for source in sources(&root().join("src/cli"), &["cli".to_owned()]) {
        let found =
            source.code().lines().find(|l| l.contains("print!(") || l.contains("println!(")).filter(|l| !l.contains("//"));
        assert!(found.is_none(), "{}: {}", source.path, found.unwrap_or_default());
    }
}

#[test]
fn the_library_neither_prints_nor_exits_nor_reads_arguments() {
    for room in rooms().into_iter().filter(|room| room != "cli") {
        for source in Source::of_room(&room) {
            for word in ["println!", "eprintln!", "print!(", "process::exit", "env::args", "dbg!"] {
                assert!(!source.code().contains(word), "{}: {word}", source.path);
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
    for source in sources(&root().join("src"), &[]) {
        let path = &source.path;
        let own = |module: &str| *path == room.join(format!("{module}.rs")).display().to_string();
        let code: String = source.code().lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        for (module, kind) in
            kinds.iter().filter(|(module, _)| !own(module) && *path != room.join("mod.rs").display().to_string())
        {
            let named = code.contains(&format!("Effect::{kind}")) || code.contains(&format!("intervention::{module}"));
            assert!(!named, "{path} knows of {kind}");
        }
    }
}
