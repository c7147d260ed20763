//! Access classes: which one a user is in, and what its number says.

use crate::population::{Place, Profile};
use crate::scenario::Scenario;

/// The access classes of a scenario (see `Scenario::access_classes`). A class is a number below 256.
#[derive(Debug)]
pub(super) struct Classes {
    regions: usize,
    /// Groups that interventions on access name, in the order of the bits.
    groups: Vec<usize>,
    count: usize,
    /// By class.
    places: Box<[Place; 256]>,
}

impl Classes {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let regions = scenario.population.regions.len();
        let place = |class: usize| Place { region: (class % regions) as u8, urban: class / regions % 2 == 1 };
        Classes {
            regions,
            groups: scenario.access_groups(),
            count: scenario.access_classes(),
            places: Box::new(std::array::from_fn(place)),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// Class of a user.
    pub(super) fn of(&self, profile: &Profile) -> u8 {
        let groups = self.groups.iter().enumerate().fold(0, |bits, (k, &g)| bits | usize::from(profile.groups >> g & 1) << k);
        ((groups * 2 + usize::from(profile.place.urban)) * self.regions + usize::from(profile.place.region)) as u8
    }

    /// Where the users of a class live.
    #[inline(always)]
    pub(super) fn place(&self, class: u8) -> Place {
        self.places[usize::from(class)]
    }

    /// Region of a class.
    pub(super) fn region(&self, class: usize) -> usize {
        class % self.regions
    }

    /// Groups that the users of a class are in, as bits by number; those that make no classes are left out.
    pub(super) fn members(&self, class: usize) -> u8 {
        let bits = class / (2 * self.regions);
        self.groups.iter().enumerate().fold(0, |groups, (k, &g)| groups | (bits >> k & 1) << g) as u8
    }
}
