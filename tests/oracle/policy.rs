//! What the authorities do to one user on one day: section 7.2 of the ODD protocol, intervention by intervention.
//! Numbers in brackets are those of the equations there.

use exodus::scenario::{Date, Scenario};
use serde::Deserialize;

/// An intervention as the scenario writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Intervention {
    kind: String,
    #[serde(default)]
    messenger: Option<Names>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(default)]
    services: Vec<String>,
    from: Date,
    until: Option<Date>,
    #[serde(default)]
    ramp_days: u32,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    severity: Option<f64>,
    salience: Option<f64>,
    onboarding: Option<f64>,
    effectiveness: Option<f64>,
    cost: Option<f64>,
    awareness: Option<f64>,
    appeal: Option<f64>,
    traffic: Option<f64>,
    chats: Option<f64>,
    rate: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// Access of one user to one messenger; messages, calls, channels.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// b: quality of a service to which nothing is done.
    pub best: [f64; 3],
    /// q0: access without a VPN.
    pub without_vpn: [f64; 3],
    /// q: access of this user, who may have one.
    pub access: [f64; 3],
    pub works: bool,
    pub works_without_vpn: bool,
}

impl Access {
    /// rho (11): what is left of messages.
    pub fn left(&self) -> f64 {
        left(self.access[0], self.best[0])
    }

    /// rho0 (11): what would be left without a VPN.
    pub fn left_without_vpn(&self) -> f64 {
        left(self.without_vpn[0], self.best[0])
    }

    /// Whether it works better by a VPN, by more than rounding.
    pub fn better_by_vpn(&self) -> bool {
        self.access[0] > self.without_vpn[0] + 1e-5
    }

    /// g (10): how good messages are.
    pub fn good(&self) -> f64 {
        smooth_step(self.access[0], 0.6)
    }

    /// c (10): weight of calls.
    pub fn call_weight(&self) -> f64 {
        smooth_step(self.access[1], 0.5)
    }
}

fn left(access: f64, best: f64) -> f64 {
    if best > 0.0 { access / best } else { 1.0 }
}

/// S (9).
fn smooth_step(x: f64, centre: f64) -> f64 {
    let t = ((x - centre + 0.2) / 0.4).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// What a user hears and is ordered about a messenger not held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Incentive {
    /// Offset and promotion less the cost of an account (logit).
    pub wish: f64,
    /// Probability of not hearing of it in the media on a day.
    pub unheard: f64,
    /// Hazard of getting it with a new phone (1/day).
    pub preinstall: f64,
    /// Strongest mandate of the user's groups: utility (logit), and use.
    pub mandate: f64,
    pub traffic: f64,
}

/// The VPN's side of a day.
#[derive(Clone, Copy, Debug)]
pub struct VpnPolicy {
    pub effectiveness: f64,
    pub cost: f64,
    pub salience: f64,
}

/// Whom a question about policy is asked for: region, groups (a bit each).
pub type Who = (usize, u8);

pub struct Policy<'a> {
    pub scenario: &'a Scenario,
    interventions: Vec<Intervention>,
}

impl<'a> Policy<'a> {
    pub fn new(scenario: &'a Scenario) -> Self {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            intervention: Vec<Intervention>,
        }
        let text = scenario.to_toml().expect("a scenario can be written");
        let file: File = toml::from_str(&text).expect("and read");
        Policy { scenario, interventions: file.intervention }
    }

    /// l (5): how far an intervention has come.
    fn level(&self, i: &Intervention, day: i32) -> f64 {
        let date = self.scenario.date(day);
        let age = i.from.days_until(date);
        if age < 0 || i.until.is_some_and(|until| date > until) {
            0.0
        } else if i.ramp_days == 0 {
            1.0
        } else {
            (f64::from(age) / f64::from(i.ramp_days)).min(1.0)
        }
    }

    fn names_messenger(&self, i: &Intervention, m: usize) -> bool {
        let name = &self.scenario.messengers[m].name;
        match &i.messenger {
            Some(Names::One(one)) => one == name,
            Some(Names::Many(many)) => many.contains(name),
            None => !i.except.contains(name),
        }
    }

    fn names_region(&self, i: &Intervention, region: usize) -> bool {
        i.regions.is_empty() || i.regions.contains(&self.scenario.population.regions[region].name)
    }

    /// The user's own groups that it names.
    fn groups_of(&self, i: &Intervention, groups: u8) -> Vec<usize> {
        let all = self.scenario.population.groups.iter().enumerate();
        all.filter(|(g, group)| groups >> g & 1 == 1 && i.groups.contains(&group.name)).map(|(g, _)| g).collect()
    }

    fn concerns(&self, i: &Intervention, (region, groups): Who) -> bool {
        self.names_region(i, region) && (i.groups.is_empty() || !self.groups_of(i, groups).is_empty())
    }

    /// o (46): share of a group's chats in a region that are told to be on m.
    pub fn chats_told(&self, m: usize, region: usize, group: usize, day: i32) -> f64 {
        let name = &self.scenario.population.groups[group].name;
        let told = self.interventions.iter().filter(|i| self.names_messenger(i, m) && self.names_region(i, region));
        told.filter(|i| i.groups.contains(name)).map(|i| i.chats.unwrap_or(0.0) * self.level(i, day)).sum()
    }

    /// (6) to (8).
    pub fn access(&self, m: usize, who: Who, vpn: bool, day: i32) -> Access {
        let (messenger, model) = (&self.scenario.messengers[m], &self.scenario.model);
        let best = [messenger.quality.messages, messenger.quality.calls, messenger.quality.channels];
        let nu = [model.vpn.messages, model.vpn.calls, model.vpn.messages];
        let effectiveness = self.vpn(who.0, day).effectiveness;
        let (mut without_vpn, mut access) = (best, best);
        for (k, service) in ["messages", "calls", "channels"].into_iter().enumerate() {
            let bears = |i: &&Intervention| {
                let named = i.services.is_empty() || i.services.iter().any(|s| s == service);
                named && self.names_messenger(i, m) && self.concerns(i, who)
            };
            let (mut cut, mut hard) = (1.0, 1.0);
            for i in self.interventions.iter().filter(bears) {
                let strength = i.severity.unwrap_or(1.0) * self.level(i, day);
                match i.kind.as_str() {
                    "block" | "throttle" => {
                        let lifts = self.interventions.iter().filter(|u| u.kind == "unblock" && u.from >= i.from).filter(bears);
                        cut *= 1.0 - strength * lifts.map(|u| 1.0 - self.level(u, day)).product::<f64>();
                    }
                    "outage" | "shutdown" => hard *= 1.0 - strength,
                    _ => {}
                }
            }
            without_vpn[k] = best[k] * cut * hard;
            access[k] = if vpn { without_vpn[k].max(best[k] * nu[k] * effectiveness * hard) } else { without_vpn[k] };
        }
        let works = |q: f64| q >= model.works_from;
        Access { best, without_vpn, access, works: works(access[0]), works_without_vpn: works(without_vpn[0]) }
    }

    /// (7), (35) and (36): effectiveness, running cost and salience.
    pub fn vpn(&self, region: usize, day: i32) -> VpnPolicy {
        let mut vpn = VpnPolicy { effectiveness: 1.0, cost: 0.0, salience: 0.0 };
        for i in &self.interventions {
            let level = self.level(i, day);
            if i.kind == "vpn" {
                vpn.effectiveness *= 1.0 + (i.effectiveness.unwrap_or(1.0) - 1.0) * level;
                vpn.cost += i.cost.unwrap_or(0.0) * level;
            }
            let age = i.from.days_until(self.scenario.date(day));
            if (0..28).contains(&age) && self.names_region(i, region) {
                vpn.salience += i.salience.unwrap_or(0.0) * i.severity.unwrap_or(1.0) * (1.0 - f64::from(age) / 28.0);
            }
        }
        vpn
    }

    pub fn launched(&self, m: usize, day: i32) -> bool {
        let date = self.scenario.date(day);
        let launch = |i: &Intervention| i.kind == "launch" && self.names_messenger(i, m) && self.level(i, day) > 0.0;
        self.scenario.messengers[m].launch.is_none_or(|launch| launch <= date) || self.interventions.iter().any(launch)
    }

    /// What (26), (30) and (31) need of the day.
    pub fn incentive(&self, m: usize, (region, groups): Who, day: i32) -> Incentive {
        let messenger = &self.scenario.messengers[m];
        let mut sum = Incentive { wish: messenger.offset - messenger.onboarding, unheard: 1.0, ..Incentive::default() };
        // By group; the strongest counts.
        let mut told = vec![[0.0; 2]; self.scenario.population.groups.len()];
        for i in self.interventions.iter().filter(|i| self.names_messenger(i, m) && self.names_region(i, region)) {
            let level = self.level(i, day);
            match i.kind.as_str() {
                "registration" => sum.wish -= i.onboarding.unwrap_or(0.0) * level,
                "promote" => {
                    sum.wish += i.appeal.unwrap_or(0.0) * level;
                    sum.unheard *= 1.0 - i.awareness.unwrap_or(0.0) * level;
                }
                "preinstall" => sum.preinstall += i.rate.unwrap_or(0.0) * level,
                "mandate" => {
                    for g in self.groups_of(i, groups) {
                        told[g][0] += i.appeal.unwrap_or(0.0) * level;
                        told[g][1] += i.traffic.unwrap_or(0.0) * level;
                    }
                }
                _ => {}
            }
        }
        let strongest = |k: usize| told.iter().map(|g| g[k]).fold(0.0, f64::max);
        Incentive { mandate: strongest(0), traffic: strongest(1), ..sum }
    }
}
