//! `rows-N.csv`: a row for each finished run, in the order in which they finished, each with its checksum. A worker writes
//! one file.

use super::plan::SweepPlan;
use crate::error::{Error, Result};
use crate::files::{self, Writer};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A growing file.
#[derive(Debug)]
pub(super) struct Rows {
    path: PathBuf,
    file: Writer,
}

/// First columns of rows; those of the outputs follow.
pub(super) const HEAD: [&str; 3] = ["point", "replicate", "seed"];

impl Rows {
    /// Goes on with the file of worker `worker`, or begins it. A line that a kill cut off is dropped.
    pub(super) fn open(folder: &Path, worker: usize, plan: &SweepPlan) -> Result<Self> {
        let path = folder.join(format!("rows-{worker}.csv"));
        let whole = match files::open(&path) {
            Ok(mut file) => whole_lines(&mut file).map_err(|e| Error::io(&path, "reading", e))?,
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(Error::io(&path, "opening", error)),
        };
        let mut file = if whole > 0 { Writer::reopen(&path, whole)? } else { Writer::create(&path)? };
        if whole == 0 {
            header(plan).and_then(|header| file.write_all(header.as_bytes())).map_err(|e| Error::io(&path, "writing", e))?;
        }
        Ok(Rows { path, file })
    }

    /// Appends the row of a run, in one piece, and hands it to the system.
    pub(super) fn append(&mut self, point: u32, replicate: u32, seed: u64, outputs: &[f64]) -> Result<()> {
        let mut line = format!("{point},{replicate},{seed}");
        for x in outputs {
            line.push(',');
            if !x.is_nan() {
                // No minus before a zero.
                line.push_str(&(x + 0.0).to_string());
            }
        }
        line = crate::tables::checked(&line) + "\n";
        self.file.write_all(line.as_bytes()).map_err(|e| Error::io(&self.path, "writing", e))
    }
}

/// Length of a file up to its last whole line.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    const PIECE: u64 = 1 << 12;
    let mut end = file.metadata()?.len();
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn header(plan: &SweepPlan) -> std::io::Result<String> {
    let outputs = plan.file.outputs.iter().map(|output| output.name());
    record(HEAD.iter().map(|name| (*name).to_owned()).chain(outputs).chain(["check".to_owned()]))
}

/// A line of a CSV table.
pub(super) fn record(cells: impl IntoIterator<Item = String>) -> std::io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    let bytes = writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where the rows of finished runs stand.
#[derive(Debug)]
pub(super) struct Index {
    files: Vec<PathBuf>,
    /// By run: number of the file plus 1, and place in it; 0 where the run is not finished.
    places: Vec<(u32, u64)>,
    finished: u64,
}

impl Index {
    /// Of all rows in some folders. Fails where a row is not of this sweep, or a run has two.
    pub(super) fn read(folders: &[PathBuf], plan: &SweepPlan) -> Result<Self> {
        let mut index = Index { files: Vec::new(), places: vec![(0, 0); plan.runs() as usize], finished: 0 };
        for folder in folders {
            let entries = fs::read_dir(folder).map_err(|e| Error::io(folder, "opening", e))?;
            let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| is_rows(p)).collect();
            paths.sort();
            for path in paths {
                index.add(path, plan)?;
            }
        }
        Ok(index)
    }

    fn add(&mut self, path: PathBuf, plan: &SweepPlan) -> Result<()> {
        let io = |error| Error::io(&path, "reading", error);
        let columns = HEAD.len() + plan.file.outputs.len();
        let mut reader = BufReader::new(files::open_lines(&path).map_err(io)?);
        let (mut line, mut at, mut number) = (String::new(), 0, 0u64);
        loop {
            line.clear();
            let bytes = reader.read_line(&mut line).map_err(io)? as u64;
            // The last line may be one that is being written, or was cut off.
            if !line.ends_with('\n') {
                break;
            }
            number += 1;
            let place = at;
            at += bytes;
            if number == 1 {
                if line != header(plan).map_err(io)? {
                    return Err(Error::corrupt(&path, "found other columns than those of this sweep"));
                }
                continue;
            }
            let bad = |what: &str| Error::corrupt(&path, format!("line {number}: {what}"));
            let row = crate::tables::unchecked(line.trim_end());
            let damaged = "is damaged, its checksum is another; remove the line, and the run is repeated";
            let cells: Vec<&str> = row.ok_or_else(|| bad(damaged))?.split(',').collect();
            let run = || Some((cells[0].parse().ok()?, cells[1].parse().ok()?, cells[2].parse::<u64>().ok()?));
            let (point, replicate, seed): (u32, u32, u64) =
                run().filter(|_| cells.len() == columns).ok_or_else(|| bad("found no row of a run"))?;
            if u64::from(point) >= plan.design().points() || replicate >= plan.file.replicates {
                return Err(bad("found a run that is not of this sweep"));
            }
            if seed != plan.seed(point, replicate) {
                return Err(bad("found another seed than that of the run"));
            }
            let known = &mut self.places[plan.number(point, replicate) as usize];
            if known.0 != 0 {
                return Err(bad(&format!("found point {point}, replicate {replicate} a second time")));
            }
            *known = (self.files.len() as u32 + 1, place);
            self.finished += 1;
        }
        self.files.push(path);
        Ok(())
    }

    /// Whether a run is finished.
    pub(super) fn has(&self, run: u32) -> bool {
        self.places[run as usize].0 != 0
    }

    /// How many are.
    pub(super) fn finished(&self) -> u64 {
        self.finished
    }

    /// Calls `see` with the row of every run, in their order, without its end; all must be finished.
    pub(super) fn each(&self, mut see: impl FnMut(u32, &str) -> std::io::Result<()>) -> std::io::Result<()> {
        let mut readers =
            self.files.iter().map(|path| Ok(BufReader::new(files::open_lines(path)?))).collect::<std::io::Result<Vec<_>>>()?;
        let mut line = String::new();
        for (run, &(file, place)) in self.places.iter().enumerate() {
            let Some(reader) = (file as usize).checked_sub(1).and_then(|file| readers.get_mut(file)) else { continue };
            let here = reader.stream_position()?;
            reader.seek_relative(place as i64 - here as i64)?;
            line.clear();
            reader.read_line(&mut line)?;
            // The sum was right a moment ago.
            let row = crate::tables::unchecked(line.trim_end());
            see(run as u32, row.ok_or_else(|| std::io::Error::other("a row of a run has changed"))?)?;
        }
        Ok(())
    }
}

/// Whether a path is that of a file of rows.
pub(super) fn is_rows(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_prefix("rows-").and_then(|rest| rest.strip_suffix(".csv")).is_some_and(|n| n.parse::<usize>().is_ok())
}
