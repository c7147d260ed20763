//! What the authorities do: from interventions to tables for one day.
//!
//! Users with the same place, and the same groups where an intervention on access names groups, share an access
//! *class*; a class with and without VPN shares one row of access tables. What works for a user follows from the
//! row of the day, so a block changes it for everyone at once and nothing per user has to be rewritten.

mod access;
mod schedule;

pub use access::Access;
use access::Chains;
pub use schedule::level;

use crate::population::{Place, Profile};
use crate::scenario::{InterventionKind as Kind, MAX_GROUPS, MAX_MESSENGERS, Scenario};

/// A number for each messenger.
pub type PerMessenger = [f32; MAX_MESSENGERS];

/// A fall of access by this much from one day to the next is a shock to those whose main app it is.
const SHOCK_FALL: f32 = 0.02;
/// Days over which the salience of a block fades.
const SALIENCE_DAYS: i32 = 28;

/// Tables of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Today {
    /// Tick: 0 is the scenario's start; negative in the warm-up.
    pub day: i32,
    /// Messengers that work, by row; a copy of [`Access::works`], dense for reading contacts.
    works: Box<[u16; ROWS]>,
    /// Access, by row (see [`Policy::row`]).
    pub access: Vec<Access>,
    /// Wish to install and the like, by region.
    pub regions: Vec<Appeal>,
    /// Messengers that can be installed.
    pub launched: u16,
    /// E: effectiveness of VPNs.
    pub vpn_effectiveness: f32,
    /// Cost of a VPN added by price and fear (logit).
    pub vpn_cost: f32,
    /// Cost taken off the first step to a VPN by visible blocks, by region (logit).
    pub vpn_salience: Vec<f32>,
    /// Messengers whose access fell within the last `shock_days`, by row.
    pub shocked: Vec<u16>,
}

/// Most rows of the access tables: 256 classes, without and with VPN.
pub const ROWS: usize = 512;

impl Today {
    /// Messengers that work, a bit each, by row of the access tables.
    #[inline(always)]
    pub fn works(&self) -> &[u16; ROWS] {
        &self.works
    }
}

/// What draws users of one region to messengers today.
#[derive(Clone, Debug, PartialEq)]
pub struct Appeal {
    /// Offset and promotion less onboarding cost (logit).
    pub wish: PerMessenger,
    /// Natural logarithm of 1 - hazard of hearing in the media (per day).
    pub ln_unheard: PerMessenger,
    /// Messengers for which it is not zero, a bit each.
    pub in_media: u16,
    /// Hazard of pre-installation (1/day).
    pub preinstall: PerMessenger,
    /// Messengers for which it is not zero, a bit each.
    pub preinstalled: u16,
    /// Messengers that any group is told to use, a bit each.
    pub mandated: u16,
    /// Groups that are told to use any, a bit each.
    pub mandated_groups: u8,
    /// Wish added for each group (logit).
    pub mandate: [PerMessenger; MAX_GROUPS],
    /// Use imposed on each group.
    pub traffic: [PerMessenger; MAX_GROUPS],
}

/// The interventions of a scenario, and the tables of the day they have come to.
#[derive(Debug)]
pub struct Policy {
    scenario: Scenario,
    regions: usize,
    /// By access class.
    places: Vec<Place>,
    /// Groups that interventions on access name, in class order.
    access_groups: Vec<usize>,
    chains: Chains,
    levels: Vec<f32>,
    today: Today,
    /// Days on which [`Access::works`] changed, by row and messenger.
    flips: Vec<Vec<i32>>,
    /// The last of them, by row.
    last_flip: Vec<i32>,
    /// Last day on which access fell, by row and messenger.
    falls: Vec<[i32; MAX_MESSENGERS]>,
}

impl Policy {
    /// The policy on the eve of the start, as it stands during the warm-up.
    pub fn new(scenario: &Scenario) -> Self {
        let regions = scenario.population.regions.len();
        let mut access_groups = Vec::new();
        // What has no strength makes no classes: a block of severity 0 changes nothing at all.
        for i in scenario.interventions.iter().filter(|i| is_access(i.kind) && i.severity > 0.0) {
            for name in &i.groups {
                if let Some(g) = scenario.population.groups.iter().position(|g| g.name == *name)
                    && !access_groups.contains(&g)
                {
                    access_groups.push(g);
                }
            }
        }
        let rows = (regions * 2) << access_groups.len() << 1;
        let mut policy = Policy {
            regions,
            places: (0..=255u8)
                .map(|class| Place { region: (usize::from(class) % regions) as u8, urban: usize::from(class) / regions % 2 == 1 })
                .collect(),
            chains: Chains::new(scenario, &access_groups),
            access_groups,
            levels: Vec::new(),
            today: Today {
                day: -1,
                works: Box::new([0; ROWS]),
                access: vec![Access::default(); rows],
                regions: Vec::new(),
                launched: 0,
                vpn_effectiveness: 1.0,
                vpn_cost: 0.0,
                vpn_salience: vec![0.0; regions],
                shocked: vec![0; rows],
            },
            flips: vec![Vec::new(); rows * MAX_MESSENGERS],
            last_flip: vec![i32::MIN / 2; rows],
            falls: vec![[i32::MIN / 2; MAX_MESSENGERS]; rows],
            scenario: scenario.clone(),
        };
        policy.levels = policy.levels_on(-1);
        policy.rebuild();
        policy
    }

    /// Access class of a user: place and, where it matters, groups. At most 256.
    pub fn class(&self, profile: &Profile) -> u8 {
        let mut class = self.access_groups.iter().enumerate().fold(0, |c, (k, &g)| c | usize::from(profile.groups >> g & 1) << k);
        class = (class * 2 + usize::from(profile.place.urban)) * self.regions + usize::from(profile.place.region);
        class as u8
    }

    /// Number of access classes; a user's is below it.
    pub fn classes(&self) -> usize {
        self.today.access.len() / 2
    }

    /// Groups that interventions on access name, by number, in the order of the bits of access classes.
    pub fn access_groups(&self) -> &[usize] {
        &self.access_groups
    }

    /// Where the users of an access class live.
    #[inline(always)]
    pub fn place(&self, class: u8) -> Place {
        self.places[usize::from(class)]
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

    /// Sets the day without advancing policy, for ticks of the warm-up.
    pub fn warm_up_day(&mut self, day: i32) {
        self.today.day = day;
    }

    /// Goes on to `day`, which must be the next one.
    pub fn advance(&mut self, day: i32) {
        debug_assert!(day == 0 || day == self.today.day + 1, "policy goes day by day");
        let levels = self.levels_on(day);
        self.today.day = day;
        if levels == self.levels && day > 0 {
            self.age_shocks();
            return;
        }
        self.levels = levels;
        let before: Vec<Access> = self.today.access.clone();
        self.rebuild();
        for (row, (old, new)) in before.iter().zip(&self.today.access).enumerate() {
            for m in 0..self.scenario.messengers.len() {
                if (old.works ^ new.works) >> m & 1 == 1 {
                    self.flips[row * MAX_MESSENGERS + m].push(day);
                    self.last_flip[row] = day;
                }
                let fall = (old.messages[m] - new.messages[m]).max(old.calls[m] - new.calls[m]);
                if fall > SHOCK_FALL {
                    self.falls[row][m] = day;
                }
            }
        }
        self.age_shocks();
    }

    fn age_shocks(&mut self) {
        let since = self.today.day - self.scenario.model.shock_days as i32;
        for (mask, falls) in self.today.shocked.iter_mut().zip(&self.falls) {
            *mask = falls.iter().enumerate().fold(0, |mask, (m, &fall)| mask | u16::from(fall > since) << m);
        }
        let day = self.today.day;
        let s = &self.scenario;
        for (region, salience) in self.today.vpn_salience.iter_mut().enumerate() {
            *salience = s
                .interventions
                .iter()
                .filter_map(|i| Some((i, i.salience?)))
                .filter(|(i, _)| names_region(s, &i.regions, region))
                .map(|(i, salience)| {
                    let age = i.from.days_until(s.date(day));
                    let fresh = if (0..SALIENCE_DAYS).contains(&age) { 1.0 - age as f32 / SALIENCE_DAYS as f32 } else { 0.0 };
                    salience as f32 * i.severity as f32 * fresh
                })
                .sum();
        }
    }

    fn levels_on(&self, day: i32) -> Vec<f32> {
        let date = self.scenario.date(day);
        let launches = self.scenario.messengers.iter().map(|m| f32::from(m.launch.is_none_or(|launch| launch <= date)));
        self.scenario.interventions.iter().map(|i| level(i, date)).chain(launches).collect()
    }

    /// All tables from `levels`.
    fn rebuild(&mut self) {
        let s = &self.scenario;
        let count = s.messengers.len();
        let (interventions, launches) = self.levels.split_at(s.interventions.len());
        let today = &mut self.today;

        today.vpn_effectiveness = 1.0;
        today.vpn_cost = 0.0;
        today.launched = launches.iter().enumerate().fold(0, |mask, (m, &l)| mask | u16::from(l > 0.0) << m);
        for (i, &level) in s.interventions.iter().zip(interventions) {
            match i.kind {
                Kind::Vpn => {
                    today.vpn_effectiveness *= 1.0 + (i.effectiveness.unwrap_or(1.0) as f32 - 1.0) * level;
                    today.vpn_cost += i.cost.unwrap_or(0.0) as f32 * level;
                }
                Kind::Launch if level > 0.0 => today.launched |= mask_of(s, i),
                _ => {}
            }
        }

        today.regions = (0..self.regions)
            .map(|region| {
                let mut appeal = Appeal {
                    wish: [0.0; MAX_MESSENGERS],
                    ln_unheard: [0.0; MAX_MESSENGERS],
                    in_media: 0,
                    preinstall: [0.0; MAX_MESSENGERS],
                    preinstalled: 0,
                    mandated: 0,
                    mandated_groups: 0,
                    mandate: [[0.0; MAX_MESSENGERS]; MAX_GROUPS],
                    traffic: [[0.0; MAX_MESSENGERS]; MAX_GROUPS],
                };
                for (m, messenger) in s.messengers.iter().enumerate() {
                    appeal.wish[m] = (messenger.offset - messenger.onboarding) as f32;
                }
                let here =
                    s.interventions.iter().zip(interventions).filter(|(i, l)| **l != 0.0 && names_region(s, &i.regions, region));
                for (i, &level) in here {
                    let mask = mask_of(s, i);
                    for m in (0..count).filter(|m| mask >> m & 1 == 1) {
                        match i.kind {
                            Kind::Registration => appeal.wish[m] -= i.onboarding.unwrap_or(0.0) as f32 * level,
                            Kind::Promote => {
                                appeal.wish[m] += i.appeal.unwrap_or(0.0) as f32 * level;
                                appeal.ln_unheard[m] +=
                                    libm::log1p(-(i.awareness.unwrap_or(0.0) * f64::from(level)).min(0.999_999)) as f32;
                            }
                            Kind::Preinstall => {
                                appeal.preinstall[m] += i.rate.unwrap_or(0.0) as f32 * level;
                                appeal.preinstalled |= 1 << m;
                            }
                            Kind::Mandate => {
                                appeal.mandated |= 1 << m;
                                let groups = s.population.groups.iter().enumerate();
                                for (g, _) in groups.filter(|(_, group)| i.groups.contains(&group.name)) {
                                    appeal.mandated_groups |= 1 << g;
                                    appeal.mandate[g][m] += i.appeal.unwrap_or(0.0) as f32 * level;
                                    appeal.traffic[g][m] += i.traffic.unwrap_or(0.0) as f32 * level;
                                }
                            }
                            _ => {}
                        }
                    }
                }
                appeal.in_media = (0..count).filter(|&m| appeal.ln_unheard[m] != 0.0).fold(0, |mask, m| mask | 1 << m);
                appeal
            })
            .collect();

        for row in 0..today.access.len() {
            let class = row >> 1;
            let groups = class / (2 * self.regions);
            let access = self.chains.access(
                s,
                interventions,
                class % self.regions,
                groups,
                (row & 1 == 1).then_some(today.vpn_effectiveness),
            );
            today.works[row] = access.works;
            today.access[row] = access;
        }
    }
}

/// Whether the kind changes access, so that it makes classes.
fn is_access(kind: Kind) -> bool {
    matches!(kind, Kind::Block | Kind::Throttle | Kind::Outage | Kind::Shutdown | Kind::Unblock)
}

fn names_region(scenario: &Scenario, regions: &[String], region: usize) -> bool {
    regions.is_empty() || regions.contains(&scenario.population.regions[region].name)
}

/// Messengers an intervention is about, a bit each.
fn mask_of(scenario: &Scenario, intervention: &crate::scenario::Intervention) -> u16 {
    let all = || scenario.messengers.iter().enumerate();
    match &intervention.messenger {
        Some(names) => all().filter(|(_, m)| names.names().contains(&m.name)).fold(0, |mask, (k, _)| mask | 1 << k),
        None => all().filter(|(_, m)| !intervention.except.contains(&m.name)).fold(0, |mask, (k, _)| mask | 1 << k),
    }
}
