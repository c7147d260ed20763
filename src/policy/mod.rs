//! What the authorities do: from interventions to tables for one day.
//!
//! Users with the same place, and the same groups where an intervention on access names groups, share an access
//! *class*; a class with and without VPN shares one row of access tables. What works for a user follows from the
//! row of the day, so a block changes it for everyone at once and nothing per user has to be rewritten.

mod access;
mod classes;
mod settings;

pub use access::Access;
pub use settings::Incentives;

use crate::population::{Place, Profile};
use crate::scenario::intervention::{OnDay, Schedule, Scope};
use crate::scenario::{Intervention, MAX_MESSENGERS, Scenario, Service};
use classes::Classes;
use settings::{AccessSettings, Settings};

/// A number for each messenger.
pub type PerMessenger = [f32; MAX_MESSENGERS];

/// A day before any of a run.
const LONG_AGO: i32 = i32::MIN / 2;

/// What is left of a shock when it counts as none.
const NO_SHOCK: f32 = 1e-3;

/// Tables of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Today {
    /// Tick: 0 is the scenario's start; negative in the warm-up.
    pub day: i32,
    /// Where the draws of this day stand: see [`Scenario::draw_tick`].
    pub draw_tick: i32,
    /// Messengers that work, by row; a copy of [`Access::works`], dense for reading contacts.
    works: Box<[u16; ROWS]>,
    /// The same in bytes, where there are few rows and messengers.
    works_in_bytes: Option<[u8; BYTE_ROWS]>,
    /// Access, by row (see [`Policy::row`]).
    pub access: Vec<Access>,
    /// What draws users to messengers, by region.
    pub regions: Vec<Incentives>,
    /// Messengers that can be installed.
    pub launched: u16,
    /// E: effectiveness of VPNs.
    pub vpn_effectiveness: f32,
    /// Cost of a VPN added by price and fear (logit).
    pub vpn_cost: f32,
    /// S: how freshly access to messages or calls fell, 0 to 1, by row and messenger.
    pub shock: Vec<PerMessenger>,
    /// Whether any is not 0.
    pub shocked: bool,
}

/// Most rows of the access tables: 256 classes, without and with VPN.
pub const ROWS: usize = 512;

/// Most rows of a table in bytes.
pub(crate) const BYTE_ROWS: usize = 32;

impl Today {
    /// Messengers that work, a bit each, by row of the access tables.
    #[inline(always)]
    pub fn works(&self) -> &[u16; ROWS] {
        &self.works
    }

    /// The same where there are at most 32 rows and eight messengers.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(crate) fn works_in_bytes(&self) -> Option<&[u8; BYTE_ROWS]> {
        self.works_in_bytes.as_ref()
    }

    fn set_works(&mut self, works: &[u16]) {
        self.works[..works.len()].copy_from_slice(works);
        self.works_in_bytes = (works.len() <= BYTE_ROWS && works.iter().all(|&works| works <= 0xFF)).then(|| {
            let mut bytes = [0; BYTE_ROWS];
            for (byte, &works) in bytes.iter_mut().zip(works) {
                *byte = works as u8;
            }
            bytes
        });
    }

    /// Tables of nothing but what works, by row.
    #[cfg(test)]
    pub(crate) fn of_works(works: &[u16]) -> Self {
        let mut today = Today::new(works.len(), 0);
        today.set_works(works);
        today
    }

    /// Tables of so many rows, of an eve on which nothing works.
    fn new(rows: usize, draw_tick: i32) -> Self {
        Today {
            day: -1,
            draw_tick,
            works: Box::new([0; ROWS]),
            works_in_bytes: None,
            access: vec![Access::default(); rows],
            regions: Vec::new(),
            launched: 0,
            vpn_effectiveness: 1.0,
            vpn_cost: 0.0,
            shock: vec![[0.0; MAX_MESSENGERS]; rows],
            shocked: false,
        }
    }
}

/// The interventions of a scenario, and the tables of the day they have come to.
#[derive(Debug)]
pub struct Policy {
    scenario: Scenario,
    /// Of each intervention whom it concerns, and when.
    interventions: Vec<(Scope, Schedule)>,
    classes: Classes,
    /// The levers of access for which the tables of today were made.
    access: Option<AccessSettings>,
    today: Today,
    /// Days on which [`Access::works`] changed, by row and messenger.
    flips: Vec<Vec<i32>>,
    /// The last of them, by row.
    last_flip: Box<[i32; ROWS]>,
}

impl Policy {
    /// The policy on the eve of the start, as it stands during the warm-up.
    pub fn new(scenario: &Scenario) -> Self {
        let classes = Classes::new(scenario);
        let rows = classes.count() << 1;
        let whom_and_when = |i: &Intervention| (Scope::new(scenario, i), i.schedule(scenario.start));
        let mut policy = Policy {
            interventions: scenario.interventions.iter().map(whom_and_when).collect(),
            classes,
            access: None,
            today: Today::new(rows, scenario.draw_tick(-1)),
            flips: vec![Vec::new(); rows * MAX_MESSENGERS],
            last_flip: Box::new([LONG_AGO; ROWS]),
            scenario: scenario.clone(),
        };
        policy.set(-1);
        // Nobody is alarmed before the first day.
        policy.today.regions.iter_mut().for_each(|region| region.vpn_salience = 0.0);
        policy
    }

    /// Access class of a user: place and, where it matters, groups. At most 256.
    pub fn class(&self, profile: &Profile) -> u8 {
        self.classes.of(profile)
    }

    /// Number of access classes; a user's is below it.
    pub fn classes(&self) -> usize {
        self.classes.count()
    }

    /// Groups that interventions on access name, by number, in the order of the bits of access classes.
    pub fn access_groups(&self) -> &[usize] {
        self.classes.groups()
    }

    /// Where the users of an access class live.
    #[inline(always)]
    pub fn place(&self, class: u8) -> Place {
        self.classes.place(class)
    }

    /// Row of the access tables: a class, without or with VPN.
    #[inline(always)]
    pub fn row(class: u8, vpn: bool) -> usize {
        usize::from(class) << 1 | usize::from(vpn)
    }

    /// The tables of the current day.
    #[inline]
    pub fn today(&self) -> &Today {
        &self.today
    }

    /// Days on which messenger `m` began or ceased to work for `row`, up to today, in order.
    #[inline]
    pub fn flips(&self, row: usize, m: usize) -> &[i32] {
        &self.flips[row * MAX_MESSENGERS + m]
    }

    /// Last day on which any messenger began or ceased to work for `row`; long ago if none did.
    #[inline(always)]
    pub fn last_flip(&self, row: usize) -> i32 {
        self.last_flip[row]
    }

    /// D: days before today on which messenger `m` has failed for `row` without a break; 0 where it works and on the first day of
    /// a failure, very many where it failed on the eve of the start (equation 49 of the ODD protocol).
    pub fn days_failing(&self, row: usize, m: usize) -> i32 {
        if self.today.works()[row] >> m & 1 == 1 {
            return 0;
        }
        self.today.day - self.flips(row, m).last().copied().unwrap_or(LONG_AGO)
    }

    /// Sets the day, and the one whose draws it has, without advancing policy, for ticks before the start.
    pub fn warm_up_day(&mut self, day: i32, draws: i32) {
        self.today.day = day;
        self.today.draw_tick = self.scenario.draw_tick(draws);
    }

    /// Goes on to `day`, which must be the next one.
    pub fn advance(&mut self, day: i32) {
        debug_assert!(day == 0 || day == self.today.day + 1, "policy goes day by day");
        let before = self.set(day);
        let today = &mut self.today;
        if today.shocked {
            // Shocks are forgotten by equal shares a day.
            let stays = 1.0 - 1.0 / self.scenario.model.shock_days.max(1) as f32;
            for shock in today.shock.as_flattened_mut() {
                *shock *= stays;
            }
        }
        if let Some(before) = before {
            self.note_changes(&before);
        }
        let today = &mut self.today;
        if today.shocked {
            for shock in today.shock.as_flattened_mut().iter_mut().filter(|shock| **shock < NO_SHOCK) {
                *shock = 0.0;
            }
            today.shocked = today.shock.as_flattened().iter().any(|&shock| shock > 0.0);
        }
    }

    /// Puts another scenario in force from tomorrow on. What has happened so far stays as it was, today's tables too.
    ///
    /// The scenario must have the same access classes and messengers.
    pub fn switch(&mut self, scenario: &Scenario) {
        let next = Policy::new(scenario);
        debug_assert_eq!(self.classes.count(), next.classes.count());
        self.scenario = next.scenario;
        self.interventions = next.interventions;
        self.classes = next.classes;
        // Tables are regenerated tomorrow, and compared with today's.
        self.access = None;
        // Use since a review of before has moved under two scenarios: it cannot be had in one step.
        for last in self.last_flip.iter_mut() {
            *last = (*last).max(self.today.day + 1);
        }
    }

    /// Sets all tables but that of shocks to `day`. Gives the access tables of before, if they were regenerated.
    fn set(&mut self, day: i32) -> Option<Vec<Access>> {
        let mut settings = Settings::untouched(&self.scenario, day);
        for (i, (scope, schedule)) in self.scenario.interventions.iter().zip(&self.interventions) {
            let from = schedule.from;
            if from <= day {
                let on = OnDay { scope: *scope, level: schedule.level(day), from, age: day.abs_diff(from) };
                i.effect.apply(&on, &mut settings);
            }
        }
        let today = &mut self.today;
        today.day = day;
        today.draw_tick = self.scenario.draw_tick(day);
        today.regions = settings.incentives;
        today.launched = settings.launched;
        today.vpn_effectiveness = settings.access.vpn_effectiveness;
        today.vpn_cost = settings.vpn_cost;
        if self.access.as_ref() == Some(&settings.access) {
            return None;
        }
        let rows = (0..today.access.len()).map(|row| {
            let class = row >> 1;
            let vpn = (row & 1 == 1).then_some(settings.access.vpn_effectiveness);
            access::row(&self.scenario, &settings.access, self.classes.region(class), self.classes.members(class), vpn)
        });
        let before = std::mem::replace(&mut today.access, rows.collect());
        let works: Vec<u16> = today.access.iter().map(|access| access.works).collect();
        today.set_works(&works);
        self.access = Some(settings.access);
        Some(before)
    }

    /// Notes what began or ceased to work, and how far access fell (equation 12 of the ODD protocol).
    fn note_changes(&mut self, before: &[Access]) {
        let day = self.today.day;
        for (row, (old, new)) in before.iter().zip(&self.today.access).enumerate() {
            for m in 0..self.scenario.messengers.len() {
                if (old.works ^ new.works) >> m & 1 == 1 {
                    self.flips[row * MAX_MESSENGERS + m].push(day);
                    self.last_flip[row] = day;
                }
                let between_contacts = Service::ALL.into_iter().filter(|service| service.is_between_contacts());
                let falls = between_contacts.map(|service| old.to[service][m] - new.to[service][m]);
                let fall = falls.fold(0.0, f32::max);
                if fall > 0.0 && self.scenario.model.shock_days > 0 {
                    let shock = &mut self.today.shock[row][m];
                    *shock = (*shock + fall).min(1.0);
                    self.today.shocked = true;
                }
            }
        }
    }
}
