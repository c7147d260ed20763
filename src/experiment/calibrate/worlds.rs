//! Other worlds that the same numbers have to explain: those of a file of patterns, whose checks are values to be met.

use super::measured::Measured;
use crate::error::Result;
use crate::experiment::validate::{Check, Outputs, Pattern, Plan};
use std::path::Path;

/// A file of patterns as a calibration uses it.
#[derive(Clone, Debug)]
pub struct Worlds {
    /// The file and its scenarios.
    pub patterns: Plan,
    /// Its checks that have a published value and a tolerance.
    pub checks: Vec<Checked>,
}

/// A check whose published value is to be met.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Place of the world in the file: that of the check's first output.
    pub world: usize,
    /// Place of the pattern.
    pub pattern: usize,
    /// Place of the check in it.
    pub check: usize,
    /// Its value, in the check's unit.
    pub measured: Measured,
}

impl Checked {
    /// The checks of a file that have what it takes.
    pub(super) fn all_of(patterns: &Plan) -> Vec<Checked> {
        let worlds = &patterns.file.worlds;
        let world_of = |check: &Check| {
            worlds.iter().position(|world| world.outputs.iter().any(|output| check.plus.first() == Some(&output.name())))
        };
        let of_pattern = |(pattern, p): (usize, &Pattern)| -> Vec<Checked> {
            let of_check = |(check, c): (usize, &Check)| {
                let (Some(value), Some(low), Some(high)) = (c.published, c.low, c.high) else { return None };
                let measured = Measured { value, weight: 1.0, sd: (high - low) / 4.0, allowed: Some([low, high]) };
                Some(Checked { world: world_of(c)?, pattern, check, measured })
            };
            p.checks.iter().enumerate().filter_map(of_check).collect()
        };
        patterns.file.patterns.iter().enumerate().flat_map(of_pattern).collect()
    }
}

impl Worlds {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let patterns = Plan::read(path, None, None)?;
        Ok(Worlds { checks: Checked::all_of(&patterns), patterns })
    }

    /// Name of a world: that of its scenario.
    pub fn name(&self, world: usize) -> &str {
        &self.patterns.worlds[world].name
    }

    /// The check as it stands in the file.
    pub fn text(&self, checked: &Checked) -> &Check {
        &self.patterns.file.patterns[checked.pattern].checks[checked.check]
    }

    /// Takes the weight off what is known of a world; it is judged all the same.
    pub(super) fn leave_out(&mut self, name: &str) -> std::result::Result<(), String> {
        let names: Vec<&str> = self.patterns.worlds.iter().map(|world| world.name.as_str()).collect();
        if !names.contains(&name) {
            return Err(format!("found no world {name:?}; allowed {}", names.join(", ")));
        }
        for check in &mut self.checks {
            if self.patterns.worlds[check.world].name == name {
                check.measured.weight = 0.0;
            }
        }
        Ok(())
    }

    /// The model's figures for all checks, in their units.
    pub(super) fn figures(&self, outputs: &Outputs) -> Vec<f64> {
        self.checks.iter().map(|checked| self.text(checked).figure(outputs)).collect()
    }

    /// What figures depend on besides the free numbers, seeds and users.
    pub(super) fn identity(&self) -> Result<String> {
        let hashes: Vec<String> = self.patterns.worlds.iter().map(|world| world.hash()).collect::<Result<_>>()?;
        let outputs: Vec<_> = self.patterns.file.worlds.iter().map(|world| &world.outputs).collect();
        let checks: Vec<_> = self.checks.iter().map(|checked| self.text(checked)).collect();
        Ok(format!("{hashes:?} {outputs:?} {checks:?}"))
    }
}
