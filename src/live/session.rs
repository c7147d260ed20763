//! The messages of a page: JSON in, JSON out.

use super::{Change, Day, Live, Which, edit};
use crate::error::{Error, Result};
use crate::observe::{Field, PopulationRow, SeriesRow};
use crate::scenario::Scenario;
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What made a page's figures: it says so itself, and `report --live` looks for these words in the file that it is given.
pub const CORE: &str = concat!("exodus live core ", env!("CARGO_PKG_VERSION"));

/// A page's scenario, and what it asks.
#[derive(Debug, Default)]
pub struct Session {
    text: String,
    live: Option<Live>,
}

/// What a page may ask.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// Begin with a scenario in full, with so many users, perhaps changed as a link says.
    Open { scenario: String, users: u64, link: Option<String> },
    /// Go on with what a link says.
    Link(String),
    /// Go on with these interventions.
    Interventions(Vec<Json>),
    /// Begin again with so many users, with the same change.
    Users(u64),
    /// Simulate up to so many days.
    Advance(u32),
}

impl Session {
    /// Nothing yet: the first question is `open`.
    pub fn new() -> Self {
        Session::default()
    }

    /// Answers a question of the page. Where that fails, `error` says why, and all is as it was before.
    ///
    /// | question | answer |
    /// |---|---|
    /// | `{"open": {"scenario": TOML, "users": n, "link": TOML or null}}` | as for a change, and `core`, `series`, `population` (columns), `original` (interventions) |
    /// | `{"interventions": [..]}`, `{"link": TOML}`, `{"users": n}` | `users`, `interventions`, `changed`, `from` and `of` ([`Change`]), `file` and `link` (TOML), `warnings` |
    /// | `{"advance": days}` | `days`, each with `of`, `tick`, `series`, `population`, `errors`, `differences`; `done`, and then `hash` |
    pub fn answer(&mut self, question: &str) -> String {
        let answer = serde_json::from_str(question).map_err(|error| Error::invalid(format!("question: {error}")));
        let answer = answer.and_then(|request| self.ask(request));
        answer.unwrap_or_else(|error| json!({ "error": error.to_string() })).to_string()
    }

    fn ask(&mut self, request: Request) -> Result<Json> {
        match request {
            Request::Open { scenario, users, link } => self.open(scenario, users, link),
            Request::Link(text) => {
                let users = self.live()?.scenario().population.users;
                let changed = edit::read_change(&text, &self.text, users)?;
                if changed.population.users == users {
                    return self.change(changed);
                }
                self.begin(changed)
            }
            Request::Interventions(list) => {
                let changed = edit::with_interventions(self.live()?.scenario(), &list)?;
                self.change(changed)
            }
            Request::Users(users) => {
                let mut changed = self.live()?.scenario().clone();
                changed.population.users = users;
                self.begin(changed)
            }
            Request::Advance(days) => self.advance(days),
        }
    }

    fn live(&mut self) -> Result<&mut Live> {
        self.live.as_mut().ok_or_else(|| Error::invalid("found a question before `open`"))
    }

    fn open(&mut self, text: String, users: u64, link: Option<String>) -> Result<Json> {
        let original = edit::read(&text, Some(users))?;
        let changed = match link {
            Some(link) => edit::read_change(&link, &text, users)?,
            None => original.clone(),
        };
        let interventions = edit::interventions(&original)?;
        let before = std::mem::replace(&mut self.text, text);
        let mut answer = self.begin(changed).inspect_err(|_| self.text = before)?;
        let names = |fields: &[Field]| fields.iter().map(|field| field.name).collect::<Vec<_>>();
        answer["core"] = CORE.into();
        answer["series"] = names(SeriesRow::FIELDS).into();
        answer["population"] = names(PopulationRow::FIELDS).into();
        answer["original"] = interventions.into();
        Ok(answer)
    }

    /// From the start, with as many users as the changed scenario has.
    fn begin(&mut self, changed: Scenario) -> Result<Json> {
        let original = edit::read(&self.text, Some(changed.population.users))?;
        // There is not room for two.
        self.live = None;
        let mut live = Live::new(original)?;
        let change = live.change(changed)?;
        self.live = Some(live);
        self.state(change)
    }

    fn change(&mut self, changed: Scenario) -> Result<Json> {
        let change = self.live()?.change(changed)?;
        self.state(change)
    }

    fn state(&mut self, change: Change) -> Result<Json> {
        let text = std::mem::take(&mut self.text);
        let live = self.live()?;
        let scenario = live.scenario();
        let state = json!({
            "users": scenario.population.users,
            "interventions": edit::interventions(scenario)?,
            "changed": scenario != live.original(),
            "from": change.from,
            "of": change.of.name(),
            "file": scenario.to_toml()?,
            "link": edit::link(scenario, &text)?,
            "warnings": scenario.warnings(),
        });
        self.text = text;
        Ok(state)
    }

    fn advance(&mut self, days: u32) -> Result<Json> {
        let live = self.live()?;
        let mut done = Vec::new();
        while done.len() < days as usize
            && let Some(day) = live.step()?
        {
            done.push(figures(&day));
        }
        let finished = live.finished();
        Ok(json!({
            "days": done,
            "done": finished,
            "hash": finished.then(|| live.hash(Which::Changed).or_else(|| live.hash(Which::Original))),
        }))
    }
}

/// A day, with the figures in the order of the columns; none is null.
fn figures(day: &Day) -> Json {
    json!({
        "of": day.which.name(),
        "tick": day.tick,
        "series": day.series.iter().map(|row| row.values().to_vec()).collect::<Vec<_>>(),
        "population": day.population.values().to_vec(),
        "errors": day.errors,
        "differences": day.differences.iter().map(|d| [d.people, d.error]).collect::<Vec<_>>(),
    })
}
