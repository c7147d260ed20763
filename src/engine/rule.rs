//! Rules of choice as the engine holds them: whatever their rows are, as bytes.

use super::State;
use super::kernel::{Outcome, Tick};
use crate::error::Result;
use crate::model::portfolio::PortfolioRow;
use crate::model::{
    Hazard, Logit, Newcomer, Outlook, Portfolio, PublicState, Row, RowType, Rule, SingleRow, Threshold, UserView,
};
use crate::policy::{PerMessenger, Policy};
use crate::population::Population;
use crate::scenario::{self, Scenario};

/// A [`Rule`] without the type of its rows. Each is compiled into the chunk loop for itself.
pub(crate) trait ErasedRule: Send + Sync {
    fn row_type(&self) -> RowType;
    fn reviews(&self, tick: &Tick<'_>, state: &mut State, outcomes: &mut [Outcome]) -> Result<()>;
    fn start(&self, newcomer: &Newcomer<'_>, row: &mut [u8], reviewed: u16) -> PublicState;
    fn use_today(&self, policy: &Policy, public: PublicState, row: &[u8]) -> PerMessenger;
    fn has_use(&self) -> bool;
    fn outlook(&self, review: &UserView<'_>, row: &[u8]) -> Option<Outlook>;
    fn incumbents(&self) -> u16;
    fn settles(&self) -> bool;
    fn after(&mut self, past: &[(i32, &Scenario)]);
    /// The first of many rows that this rule cannot have left.
    fn first_foreign(&self, rows: &[u8]) -> Option<usize>;
}

impl<R: Rule> ErasedRule for R {
    fn row_type(&self) -> RowType {
        R::Row::TYPE
    }

    fn reviews(&self, tick: &Tick<'_>, state: &mut State, outcomes: &mut [Outcome]) -> Result<()> {
        tick.reviews(self, state, outcomes)
    }

    fn start(&self, newcomer: &Newcomer<'_>, row: &mut [u8], reviewed: u16) -> PublicState {
        let row: &mut R::Row = bytemuck::from_bytes_mut(row);
        row.set_reviewed(reviewed);
        Rule::start(self, newcomer, row)
    }

    fn use_today(&self, policy: &Policy, public: PublicState, row: &[u8]) -> PerMessenger {
        Rule::use_today(self, policy, public, bytemuck::from_bytes(row))
    }

    fn has_use(&self) -> bool {
        Rule::has_use(self)
    }

    fn outlook(&self, review: &UserView<'_>, row: &[u8]) -> Option<Outlook> {
        Rule::outlook(self, review, bytemuck::from_bytes(row))
    }

    fn incumbents(&self) -> u16 {
        Rule::incumbents(self)
    }

    fn settles(&self) -> bool {
        Rule::settles(self)
    }

    fn after(&mut self, past: &[(i32, &Scenario)]) {
        Rule::after(self, past);
    }

    fn first_foreign(&self, rows: &[u8]) -> Option<usize> {
        bytemuck::cast_slice::<u8, R::Row>(rows).iter().position(|row| !self.accepts(row))
    }
}

/// A rule of choice of one's own, whatever its rows are.
pub struct OwnRule(pub(super) Box<dyn ErasedRule>);

impl OwnRule {
    /// Of any rule.
    pub fn new(rule: impl Rule) -> Self {
        OwnRule(Box::new(rule))
    }
}

/// The rule that a validated scenario names.
pub(super) fn of_scenario(scenario: &Scenario, population: &Population) -> Box<dyn ErasedRule> {
    match scenario.model.rule {
        scenario::Rule::Portfolio if scenario.messengers.len() <= 8 => Box::new(Portfolio::<1>::new(scenario, population)),
        scenario::Rule::Portfolio => Box::new(Portfolio::<2>::new(scenario, population)),
        scenario::Rule::Logit => Box::new(Logit::new(scenario)),
        scenario::Rule::Threshold => Box::new(Threshold::new(scenario)),
        scenario::Rule::Hazard => Box::new(Hazard::new(scenario)),
    }
}

/// The rows of the rule that a validated scenario names.
pub fn row_type_of(scenario: &Scenario) -> RowType {
    match scenario.model.rule {
        scenario::Rule::Portfolio if scenario.messengers.len() <= 8 => PortfolioRow::<1>::TYPE,
        scenario::Rule::Portfolio => PortfolioRow::<2>::TYPE,
        scenario::Rule::Logit | scenario::Rule::Threshold | scenario::Rule::Hazard => SingleRow::TYPE,
    }
}
