//! GraphML and GEXF.

use super::collect::Collector;
use super::declared::Declared;
use super::input::{LONGEST, bad, flat, shown};
use super::labels::Labels;
use super::{Format, ImportSummary};
use crate::error::{Error, Result};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::io::{BufRead, Read};
use std::path::Path;

/// Counts lines, and bounds what one tag or text may take.
struct Bounded<'a> {
    stream: &'a mut dyn BufRead,
    line: u64,
    since: usize,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl BufRead for Bounded<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.since > LONGEST {
            return Err(std::io::Error::other(format!("a tag or text of more than {LONGEST} bytes")));
        }
        let ahead = self.stream.fill_buf()?;
        Ok(&ahead[..ahead.len().min(1 << 16)])
    }

    fn consume(&mut self, n: usize) {
        if let Ok(ahead) = self.stream.fill_buf() {
            self.line += memchr::memchr_iter(b'\n', &ahead[..n.min(ahead.len())]).count() as u64;
        }
        self.since += n;
        self.stream.consume(n);
    }
}

/// An attribute of a tag, without its namespace.
fn attribute(tag: &BytesStart<'_>, name: &str) -> std::result::Result<Option<String>, String> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| no_attribute(&e.to_string()))?;
        let key: &[u8] = attribute.key.as_ref().as_ref();
        if key == name.as_bytes() {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            return value.map(|v| Some(v.into_owned())).map_err(|e| no_attribute(&e.to_string()));
        }
    }
    Ok(None)
}

fn no_attribute(why: &str) -> String {
    format!("found what is no attribute ({}); allowed XML", flat(why))
}

/// What is being read.
#[derive(Default)]
struct Place {
    root: Option<String>,
    graphs: u32,
    /// Names of the tags that are open.
    open: Vec<String>,
    node: Option<(String, Vec<Option<String>>)>,
    /// The kind of name whose text comes.
    text_of: Option<usize>,
    /// Ids of the GraphML keys of names.
    keys: Vec<(String, usize)>,
}

/// Further names of nodes: as igraph writes them, and Gephi and yEd.
const NAMES: [&str; 2] = ["name", "label"];

/// Reads GraphML or GEXF, whichever the root says.
pub(super) fn read(
    path: &Path,
    stream: &mut dyn BufRead,
    wanted: Format,
    summary: &mut ImportSummary,
) -> Result<(Collector, Option<Labels>)> {
    let mut reader = Reader::from_reader(Bounded { stream, line: 1, since: 0 });
    reader.config_mut().check_end_names = true;
    let mut place = Place::default();
    let mut all = Declared::new(&NAMES);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().since = 0;
        let line = reader.get_ref().line;
        let event = reader.read_event_into(&mut buffer);
        let at = |what: String| bad(path, line, what);
        let event = event.map_err(|error| match error {
            quick_xml::Error::Io(e) if e.kind() != std::io::ErrorKind::Other => {
                Error::io(path, "reading", std::io::Error::new(e.kind(), e.to_string()))
            }
            error => at(format!("found what is no XML ({}); allowed {}", flat(&error.to_string()), wanted.name())),
        })?;
        match event {
            Event::Start(tag) => {
                let name = local(&tag);
                place.start(&tag, &name, wanted, summary, &mut all, line).map_err(at)?;
                place.open.push(name);
                if place.open.len() > 100 {
                    return Err(bad(path, line, "found tags more than 100 deep; allowed a flat graph"));
                }
            }
            Event::Empty(tag) => {
                let name = local(&tag);
                place.start(&tag, &name, wanted, summary, &mut all, line).map_err(at)?;
                place.end(&name, &mut all).map_err(|what| bad(path, line, what))?;
            }
            Event::End(_) => {
                let name = place.open.pop().unwrap_or_default();
                place.end(&name, &mut all).map_err(at)?;
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                if place.open.is_empty() && !text.trim().is_empty() {
                    let found = shown(text.trim().as_bytes());
                    return Err(at(format!("found `{found}` outside the graph; allowed one whole {}", wanted.name())));
                }
                place.text(&text);
            }
            Event::CData(text) => place.text(&text.xml10_content()),
            Event::GeneralRef(reference) if place.text_of.is_some() => {
                let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                let name: &str = reference.as_ref();
                let known = || quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned);
                let text = character.or_else(known);
                let text =
                    text.ok_or_else(|| bad(path, line, format!("found the entity `&{};`; allowed those of XML", flat(name))))?;
                place.text(&text);
            }
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().and_then(std::result::Result::ok);
                let encoding = encoding.map(|name| String::from_utf8_lossy(name.as_ref().as_ref()).to_lowercase());
                if let Some(other) = encoding.filter(|name| !matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii")) {
                    return Err(bad(
                        path,
                        line,
                        format!("found the encoding `{}`; allowed UTF-8 (`iconv -t UTF-8`)", flat(&other)),
                    ));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !place.open.is_empty() || place.graphs == 0 {
        let found = if place.graphs == 0 { "no graph" } else { "an end in the middle of it" };
        return Err(Error::corrupt(path, format!("found {found}; allowed a whole graph in {}", wanted.name())));
    }
    all.finish(summary).map_err(|(line, what)| bad(path, line, what))
}

fn local(tag: &BytesStart<'_>) -> String {
    let name = tag.local_name();
    let bytes: &[u8] = name.as_ref().as_ref();
    String::from_utf8_lossy(bytes).into_owned()
}

impl Place {
    fn text(&mut self, text: &str) {
        if let (Some(kind), Some((_, names))) = (self.text_of, &mut self.node) {
            let name = names[kind].get_or_insert_default();
            name.push_str(text);
            // Between yEd's tags are ends of lines.
            if name.trim().is_empty() {
                name.clear();
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "what a tag may change")]
    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        wanted: Format,
        summary: &mut ImportSummary,
        all: &mut Declared,
        line: u64,
    ) -> std::result::Result<(), String> {
        if self.root.is_none() {
            if name != wanted.root() {
                let hint = match name {
                    "gexf" => "--format gexf",
                    "graphml" => "--format graphml",
                    _ => "GraphML or GEXF",
                };
                return Err(format!("found XML of `{}`; allowed {} ({hint})", flat(name), wanted.name()));
            }
            self.root = Some(name.into());
        } else if self.open.is_empty() {
            return Err(format!("found `{}` after the end of `{}`; allowed one graph in a file", flat(name), wanted.root()));
        }
        let needed =
            |key: &str| attribute(tag, key)?.ok_or_else(|| format!("found a `{name}` without `{key}`; allowed one with it"));
        // Tags of other programs, such as yEd's shapes, carry names of their own.
        let prefixed = tag.name().prefix().is_some_and(|p| {
            let bytes: &[u8] = p.as_ref().as_ref();
            !matches!(bytes, b"graphml" | b"gexf" | b"g")
        });
        if prefixed {
            if name == "NodeLabel" && wanted == Format::GraphMl && self.node.is_some() {
                self.text_of = Some(1);
            }
            return Ok(());
        }
        if matches!(name, "node" | "edge") && self.open.iter().all(|open| open != "graph") {
            return Err(format!("found `{name}` outside `graph`; allowed nodes and edges within"));
        }
        match name {
            "graph" => {
                if self.node.is_some() {
                    return Err("found a graph inside a node; allowed a flat graph".into());
                }
                self.graphs += 1;
                if self.graphs > 1 {
                    return Err("found a second graph; allowed one in a file".into());
                }
                let direction = attribute(tag, if wanted == Format::GraphMl { "edgedefault" } else { "defaultedgetype" })?;
                summary.directed = direction.is_some_and(|d| d == "directed");
            }
            "key" if wanted == Format::GraphMl => {
                let is_node = attribute(tag, "for")?.is_none_or(|of| of == "node" || of == "all");
                let of = attribute(tag, "attr.name")?;
                if let Some(kind) = NAMES.iter().position(|n| of.as_deref() == Some(*n)).filter(|_| is_node) {
                    self.keys.push((needed("id")?, kind));
                }
                let for_edges = attribute(tag, "for")?.is_some_and(|of| of == "edge");
                if let Some(of) = of.filter(|_| for_edges) {
                    summary.ignored.push(of);
                }
            }
            "node" => {
                if self.node.is_some() {
                    return Err("found a node inside a node; allowed a flat graph".into());
                }
                let label = if wanted == Format::Gexf { attribute(tag, "label")? } else { None };
                self.node = Some((needed("id")?, vec![None, label]));
            }
            "data" if self.node.is_some() => {
                let key = attribute(tag, "key")?;
                self.text_of = self.keys.iter().find(|(id, _)| Some(id) == key.as_ref()).map(|(_, kind)| *kind);
            }
            "hyperedge" => return Err("found a hyperedge; allowed ties between two nodes".into()),
            "edge" => {
                for key in ["weight", "type"] {
                    if attribute(tag, key)?.is_some() && !summary.ignored.iter().any(|k| k == key) {
                        summary.ignored.push(key.into());
                    }
                }
                all.tie(line, needed("source")?, needed("target")?)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, all: &mut Declared) -> std::result::Result<(), String> {
        match name {
            "node" if !self.open.iter().any(|open| open == "node") => {
                if let Some((id, names)) = self.node.take() {
                    all.node(&id, names)?;
                }
            }
            "data" | "NodeLabel" => self.text_of = None,
            _ => {}
        }
        Ok(())
    }
}
