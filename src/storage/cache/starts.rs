//! Kept states on the eve of the start, which are read: the days that follow change all of them.

use super::super::machine;
use super::super::sections::{Data, FileKind, Sections};
use super::{Cache, Kept, Origin};
use crate::engine::{Columns, Simulation, Start, State, graph_key, row_type_of, start_key};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::model::Baseline;
use crate::scenario::Scenario;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) const KEPT: Kept =
    Kept { kind: FileKind { magic: *b"\x89EXS\r\n\x1a\n", version: [1, 0], what: "a start" }, ending: "exs", name: "a start" };

impl Cache {
    /// The simulation of a scenario, on its graph, on the eve of its start: as [`Simulation::begin_until`], bit by bit. Its state is
    /// read where it was kept, else made, and kept. A file that is damaged, or of another key, is regenerated.
    ///
    /// The key has in it what the program is made of, too: no start of another version is taken. Starts on a graph, or with users,
    /// that are read from a file are not kept.
    pub fn simulation_until(&self, scenario: Scenario, graph: Arc<Graph>, stop: &AtomicBool) -> Result<(Simulation, Origin)> {
        let bytes = u64::from(graph.nodes()) * State::bytes_per_user(row_type_of(&scenario));
        if graph_key(&scenario)?.is_none() || scenario.graph.nodes.is_some() || bytes < self.least / 4 {
            return Ok((Simulation::begin_until(scenario, graph, None, stop)?, Origin::Made));
        }
        let key = format!("{}-{}", start_key(&scenario)?, machine::SOURCES);
        let kept = self.open(&KEPT, &key).and_then(|file| start_of(&file, &scenario));
        if let Ok(simulation) = kept.and_then(|start| Simulation::from_start(scenario.clone(), Arc::clone(&graph), start)) {
            return Ok((simulation, self.reused(self.path(&KEPT, &key))));
        }
        let simulation = Simulation::begin_until(scenario, graph, None, stop)?;
        let Some(Start { state, settled_days, drift }) = simulation.start() else { return Ok((simulation, Origin::Made)) };
        let settled = settled_days.to_le_bytes();
        let column = |name, kind, bytes| Data { name, kind, width: 1, bytes };
        let mut columns = vec![
            column("settled", "u32", &settled),
            column("drift", "f64", bytemuck::cast_slice(drift.as_slice())),
            column("baseline", "f32", bytemuck::bytes_of(&state.baseline)),
            column("public", "u32", bytemuck::cast_slice(state.public())),
            column("rows", "u8", state.rows()),
        ];
        columns.extend(state.chats().map(|chats| column("chats", "u8", chats)));
        let origin = self.keep(&KEPT, &key, &columns);
        Ok((simulation, origin))
    }
}

/// The start in a file. Its large columns go to memory of their own at once: mapped, they would be there twice.
fn start_of(file: &Sections, scenario: &Scenario) -> Result<Start> {
    let is_none = || Error::corrupt(file.path(), "its sections are not those of a start");
    let small = ["settled", "drift", "baseline"];
    small.iter().try_for_each(|name| file.check(file.section(name)?))?;
    let settled_days = *file.column::<u32>("settled", "u32")?.first().ok_or_else(is_none)?;
    let drift = file.column::<f64>("drift", "f64")?.first().copied();
    let [baseline] = bytemuck::try_cast_slice::<f32, Baseline>(file.column("baseline", "f32")?).unwrap_or_default() else {
        return Err(is_none());
    };
    let (public, rows) = (file.read("public", "u32")?, file.read("rows", "u8")?);
    let chats = if scenario.model.chats.are_off() { None } else { Some(file.read("chats", "u8")?) };
    let (users, row_type) = (public.len() as u32, row_type_of(scenario));
    let state =
        State::from_columns(-1, scenario.messengers.len(), row_type, *baseline, 0..users, Columns { public, rows, chats })?;
    Ok(Start { state, settled_days, drift })
}
