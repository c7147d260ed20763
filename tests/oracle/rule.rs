//! The portfolio rule: sections 7.4 to 7.9 of the ODD protocol, one user at a time, in plain loops. Numbers in brackets
//! are those of the equations there.

use crate::policy::{Access, Incentive, Policy, Who};
use exodus::scenario::Scenario;

/// A user: traits, and what changes.
#[derive(Clone, Debug)]
pub struct User {
    pub region: usize,
    pub age: usize,
    /// A bit each.
    pub groups: u8,
    pub contacts_abroad: bool,
    /// t, by messenger.
    pub taste: Vec<f64>,
    /// Standard normals.
    pub propensity: f64,
    pub privacy: f64,
    pub activity: f64,
    pub holds: Vec<bool>,
    pub main: Option<usize>,
    pub vpn: bool,
    pub knows: Vec<bool>,
    /// u and x, by messenger.
    pub usage: Vec<f64>,
    pub target: Vec<f64>,
    /// Share of messages in group chats on each messenger.
    pub on: Vec<f64>,
    /// Day of the last review.
    pub reviewed: i32,
}

impl User {
    pub fn who(&self) -> Who {
        (self.region, self.groups)
    }
}

/// What a draw decides about. Each has a uniform number of its own, but that installing, pre-installation and dropping
/// share one for each messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Reviews today; because of a shock.
    Review,
    Shock,
    /// Hears of a messenger.
    Hear(usize),
    /// Installs or drops a messenger.
    Change(usize),
    /// Rounds its use.
    Round(usize),
    /// Starts or stops a VPN.
    Vpn,
    /// Opens a messenger (audience panel).
    Open(usize),
}

/// Draws, and whether any of them lay so near its threshold that rounding may decide.
pub struct Draws<'a> {
    pub uniform: &'a dyn Fn(Event) -> f64,
    pub near: bool,
    pub count: u64,
}

/// Distance of a draw from its threshold within which single precision may decide otherwise.
pub const NEAR: f64 = 5e-5;

impl<'a> Draws<'a> {
    pub fn new(uniform: &'a dyn Fn(Event) -> f64) -> Self {
        Draws { uniform, near: false, count: 0 }
    }

    pub fn happens(&mut self, event: Event, probability: f64) -> bool {
        let u = (self.uniform)(event);
        self.count += 1;
        self.near |= (u - probability).abs() < NEAR;
        u < probability
    }

    /// Of 1/255, up or down by chance.
    fn round(&mut self, m: usize, usage: f64) -> f64 {
        let x = 255.0 * usage + (self.uniform)(Event::Round(m));
        self.near |= (x - x.round()).abs() < 2e-3;
        x.floor() / 255.0
    }

    /// Of 1/255, to the nearest.
    fn nearest(&mut self, x: f64) -> f64 {
        let steps = 255.0 * x.clamp(0.0, 1.0);
        self.near |= ((steps - steps.floor()) - 0.5).abs() < 2e-3;
        steps.round() / 255.0
    }
}

pub fn sigma(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// (16): messages in chats, over apps held that work.
fn write_in_chats(user: &User, access: &[Access], messages: &mut [f64]) {
    for m in (0..user.holds.len()).filter(|&m| user.holds[m] && access[m].works) {
        messages[m] += user.on[m];
    }
}

/// Means over non-holders at the start.
#[derive(Clone, Debug)]
pub struct Start {
    pub net: Vec<f64>,
    pub abroad: Vec<f64>,
    pub balance: Vec<f64>,
    pub vpn: f64,
    /// z by age and messenger (4), and the threshold of VPN propensity (3).
    pub z: Vec<Vec<f64>>,
    pub vpn_threshold: f64,
}

/// Where traffic goes, and what contacts say: by messenger.
pub struct Traffic {
    pub messages: Vec<f64>,
    pub calls: Vec<f64>,
    pub abroad: Vec<[f64; 2]>,
    /// |B_m|.
    pub holders: Vec<f64>,
    /// Contacts on m whom nothing reaches well, by how much: for messages and for calls.
    pub gained: Vec<[f64; 2]>,
}

/// One day for one user.
pub struct Day<'a> {
    pub policy: &'a Policy<'a>,
    pub start: &'a Start,
    pub day: i32,
}

impl Day<'_> {
    pub fn scenario(&self) -> &Scenario {
        self.policy.scenario
    }

    pub fn access(&self, user: &User) -> Vec<Access> {
        (0..user.holds.len()).map(|m| self.policy.access(m, user.who(), user.vpn, self.day)).collect()
    }

    fn incentives(&self, user: &User) -> Vec<Incentive> {
        (0..user.holds.len()).map(|m| self.policy.incentive(m, user.who(), self.day)).collect()
    }

    /// Whether access to something lies so near the least that works that rounding may decide.
    pub fn may_work_or_not(&self, access: &[Access]) -> bool {
        access.iter().any(|a| (a.access[0] - self.scenario().model.works_from).abs() < 1e-6)
    }

    /// (24): use moves by one day.
    pub fn move_use(&self, user: &mut User, access: &[Access]) {
        let spec = &self.scenario().model.usage;
        for m in 0..user.holds.len() {
            user.usage[m] += if !user.holds[m] {
                0.0
            } else if access[m].works {
                spec.adapt * (user.target[m] - user.usage[m])
            } else {
                -spec.fail * user.usage[m]
            };
        }
    }

    /// w (21): weights of messages, calls, channels, abroad.
    fn weights(&self, user: &User) -> [f64; 4] {
        let t = &self.scenario().model.traffic;
        let abroad = if user.contacts_abroad { t.abroad } else { 0.0 };
        let factor = t.channels_by_age.get(user.age).copied().unwrap_or(1.0);
        let channels = (t.channels * factor).min(1.0 - t.calls - abroad - t.least_messages).max(0.0);
        [1.0 - t.calls - channels - abroad, t.calls, channels, abroad]
    }

    /// Apps held that work, by descending score; of equals the lower number first.
    fn order(&self, user: &User, access: &[Access], quality: impl Fn(&Access) -> f64, near: &mut bool) -> Vec<usize> {
        let model = &self.scenario().model;
        let score = |m: usize| {
            let messenger = &self.scenario().messengers[m];
            let appeal = messenger.appeal + messenger.appeal_by_age.get(user.age).copied().unwrap_or(0.0);
            let liking = appeal + model.routing.taste * user.taste[m] + model.routing.habit * user.usage[m];
            liking + model.routing.access * quality(&access[m]).max(0.01).ln()
        };
        let mut order: Vec<usize> = (0..user.holds.len()).filter(|&m| user.holds[m] && access[m].works).collect();
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        let close = |pair: &[usize]| (score(pair[0]) - score(pair[1])).abs() < 1e-5 * score(pair[0]).abs().max(1.0);
        *near |= order.windows(2).any(close);
        order
    }

    /// (13) to (19).
    pub fn route(&self, user: &User, access: &[Access], contacts: &[(&User, Vec<Access>)], near: &mut bool) -> Traffic {
        let model = &self.scenario().model;
        let count = user.holds.len();
        let degree = contacts.len().max(1) as f64;
        let mut t = Traffic {
            messages: vec![0.0; count],
            calls: vec![0.0; count],
            abroad: vec![[0.0; 2]; count],
            holders: vec![0.0; count],
            gained: vec![[0.0; 2]; count],
        };
        // What is written in chats goes over the app that they are on, if at all.
        let to_contacts = 1.0 - user.on.iter().sum::<f64>();
        write_in_chats(user, access, &mut t.messages);
        // (14), (15).
        let order = self.order(user, access, |a| a.access[0], near);
        let call_order = self.order(user, access, Access::call_weight, near);
        for (contact, theirs) in contacts {
            // (13): whom m reaches.
            let reached = |m: usize| contact.holds[m] && theirs[m].works;
            let own = order.iter().copied().find(|&m| reached(m));
            let call = call_order.iter().copied().find(|&m| reached(m));
            let main = contact.main.filter(|&m| reached(m) && order.contains(&m));
            // (16): messages go out over the first app of the order, and come in over the contact's main app.
            if let Some(own) = own {
                t.messages[own] += to_contacts * (1.0 - model.routing.incoming) / degree;
                t.messages[main.unwrap_or(own)] += to_contacts * model.routing.incoming / degree;
            }
            // (17): calls.
            if let Some(m) = call {
                t.calls[m] += (1.0 - model.traffic.phone) * access[m].call_weight() / degree;
            }
            for m in (0..count).filter(|&m| reached(m)) {
                t.holders[m] += 1.0;
                // (18): a contact reached badly is gained in part.
                t.gained[m][0] += own.map_or(1.0, |k| model.install.poorly_reached * (1.0 - access[k].good()));
                t.gained[m][1] += call.map_or(1.0, |k| 1.0 - access[k].call_weight());
            }
        }
        // (19): contacts abroad.
        if user.contacts_abroad {
            let share = |m: usize| {
                let abroad = self.scenario().messengers[m].abroad;
                [abroad, abroad * access[m].call_weight()]
            };
            let mut left = [1.0; 2];
            for &m in &order {
                for k in 0..2 {
                    t.abroad[m][k] = share(m)[k] * left[k];
                    left[k] -= t.abroad[m][k];
                }
            }
            for m in (0..count).filter(|m| !order.contains(m)) {
                t.abroad[m] = [0, 1].map(|k| share(m)[k] * left[k]);
            }
        }
        t
    }

    /// x (20) to (22), of the apps held that work.
    fn targets(&self, user: &User, access: &[Access], t: &Traffic) -> Vec<f64> {
        let (model, messengers) = (&self.scenario().model.traffic, &self.scenario().messengers);
        let [messages, calls, channels, abroad] = self.weights(user);
        let works = |m: usize| user.holds[m] && access[m].works;
        // (20): channels.
        let pull = |m: usize| messengers[m].content * access[m].access[2] * (model.channel_taste * user.taste[m]).exp();
        let all: f64 = (0..user.holds.len()).filter(|&m| works(m)).map(pull).sum();
        (0..user.holds.len())
            .map(|m| {
                if !works(m) {
                    return 0.0;
                }
                let with_abroad = (1.0 - model.abroad_calls) * t.abroad[m][0] + model.abroad_calls * t.abroad[m][1];
                let channel = pull(m) / (all + model.channel_outside);
                let sum = messages * t.messages[m] + calls * t.calls[m] + channels * channel + abroad * with_abroad;
                let told = self.policy.incentive(m, user.who(), self.day).traffic;
                (access[m].access[0].powf(model.access_exponent) * sum + told).min(1.0)
            })
            .collect()
    }

    /// L (27): use lost to bad access.
    pub fn lost_use(&self, user: &User, access: &[Access]) -> f64 {
        (0..user.holds.len()).filter(|&m| user.holds[m]).map(|m| user.usage[m] * (1.0 - access[m].left())).sum()
    }

    /// net and abroad (28), (29): worth of a messenger not held.
    pub fn worth(&self, user: &User, access: &[Access], t: &Traffic, contacts: usize, m: usize) -> [f64; 2] {
        let model = &self.scenario().model;
        let [messages, calls, ..] = self.weights(user);
        let (degree, rho) = (contacts.max(1) as f64, model.install.marginal);
        let of = |gained: f64| (rho * gained + (1.0 - rho) * t.holders[m]) / degree;
        let a = &access[m];
        let in_chats = user.on.iter().sum::<f64>();
        let net = messages * a.access[0] * ((1.0 - in_chats) * of(t.gained[m][0]) + user.on[m])
            + calls * a.call_weight() * of(t.gained[m][1]);
        let c = model.traffic.abroad_calls;
        [net, (1.0 - c) * a.access[0] * t.abroad[m][0] + c * t.abroad[m][1]]
    }

    /// V (30): the utility of installing m (logit).
    pub fn wish(&self, user: &User, access: &[Access], t: &Traffic, contacts: usize, m: usize) -> f64 {
        let (model, messenger, start) = (&self.scenario().model.install, &self.scenario().messengers[m], self.start);
        let day = self.policy.incentive(m, user.who(), self.day);
        let [net, abroad] = self.worth(user, access, t, contacts, m);
        let mut v = model.network * (net - start.net[m]);
        if user.contacts_abroad {
            v += model.abroad * (abroad - start.abroad[m]);
        }
        v += messenger.taste_weight * (user.taste[m] - start.z[user.age][m]) + day.wish + day.mandate + start.balance[m];
        v += model.need * self.lost_use(user, access) * access[m].good();
        v - model.privacy * user.privacy * messenger.surveillance
    }

    /// Hazard (33) of dropping m (1/day).
    pub fn drop_hazard(&self, user: &User, access: &[Access], m: usize) -> f64 {
        let model = &self.scenario().model.uninstall;
        let a = &access[m];
        let worth_keeping = match () {
            () if !a.works => 0.0,
            () if a.better_by_vpn() => 1.0,
            () => a.left(),
        };
        (model.idle + model.dead * (1.0 - worth_keeping)) * (-user.usage[m] / model.use_scale).exp()
    }

    /// U (35): the utility of a VPN, running cost included (logit).
    pub fn vpn_wish(&self, user: &User, access: &[Access], t: &Traffic, contacts: &[(&User, Vec<Access>)]) -> f64 {
        let model = &self.scenario().model.vpn;
        let degree = contacts.len().max(1) as f64;
        // (34): what is lost without one.
        let need: f64 = (0..user.holds.len())
            .filter(|&m| user.holds[m])
            .map(|m| {
                let (a, stake) = (&access[m], self.scenario().messengers[m].stake);
                if a.works_without_vpn {
                    model.slowed * stake * user.usage[m] * (1.0 - a.left_without_vpn())
                } else {
                    stake * user.usage[m] + model.contacts * t.holders[m] / degree
                }
            })
            .sum();
        let vpn = self.policy.vpn(user.region, self.day);
        let skill = model.skill_by_age.get(user.age).copied().unwrap_or(0.0);
        let peers = contacts.iter().filter(|(c, _)| c.vpn).count() as f64 / degree;
        model.propensity * (user.propensity + skill - self.start.vpn_threshold)
            + model.need * need * vpn.effectiveness
            + model.peers * (peers - model.share)
            - model.weakness * (1.0 - vpn.effectiveness)
            - vpn.cost
            + self.start.vpn
    }

    /// One review. Contacts are as of yesterday; `user.usage` is today's. In the warm-up only routing and use change.
    pub fn review(&self, user: &User, contacts: &[(&User, Vec<Access>)], draws: &mut Draws<'_>, warm_up: bool) -> User {
        let scenario = self.scenario();
        let (model, degree) = (&scenario.model, contacts.len());
        let days = f64::from((self.day - user.reviewed).max(1));
        let (access, incentives) = (self.access(user), self.incentives(user));
        draws.near |= self.may_work_or_not(&access);
        let traffic = self.route(user, &access, contacts, &mut draws.near);
        let targets = self.targets(user, &access, &traffic);
        let mut new = user.clone();
        new.reviewed = self.day;

        // (23): the main app.
        let works = |m: &usize| user.holds[*m] && access[*m].works;
        new.main = (0..user.holds.len()).filter(works).reduce(|a, b| {
            draws.near |= (targets[a] - targets[b]).abs() < 1e-6;
            if targets[b] > targets[a] { b } else { a }
        });
        // (22), (25): the new targets, and use rounded.
        for m in (0..user.holds.len()).filter(|&m| user.holds[m]) {
            new.usage[m] = draws.round(m, user.usage[m]);
            if access[m].works {
                new.target[m] = draws.nearest(targets[m]);
            }
        }
        if warm_up {
            return new;
        }

        for m in 0..user.holds.len() {
            if user.holds[m] {
                // (33).
                let hazard = self.drop_hazard(user, &access, m);
                if draws.happens(Event::Change(m), 1.0 - (-hazard * days).exp()) {
                    new.holds[m] = false;
                    (new.usage[m], new.target[m]) = (0.0, 0.0);
                    new.main = new.main.filter(|&main| main != m);
                }
            } else if access[m].works && self.policy.launched(m, self.day) {
                let day = &incentives[m];
                // (26): who is in a chat on it knows it.
                new.knows[m] |= user.on[m] > 0.0;
                if !new.knows[m] {
                    let unheard = (1.0 - model.awareness.contact).powf(traffic.holders[m]) * day.unheard.powf(days);
                    new.knows[m] = draws.happens(Event::Hear(m), 1.0 - unheard);
                }
                // (31): with sigma(V) where it is known, else or besides with a new phone, by the draw's other end.
                let wish = if new.knows[m] { sigma(self.wish(user, &access, &traffic, degree, m)) } else { 0.0 };
                let phone = 1.0 - (-day.preinstall * days).exp();
                let installs = wish > 0.0 && draws.happens(Event::Change(m), wish)
                    || phone > 0.0 && !draws.happens(Event::Change(m), 1.0 - phone);
                if installs {
                    // (32).
                    (new.holds[m], new.knows[m]) = (true, true);
                    new.usage[m] = draws.nearest(model.install.trial);
                    new.target[m] = draws.nearest(model.install.trial.max(day.traffic));
                }
            }
        }
        // (36).
        let wish = self.vpn_wish(user, &access, &traffic, contacts);
        let salience = self.policy.vpn(user.region, self.day).salience;
        let changes = if user.vpn { -wish - model.vpn.hysteresis } else { wish - model.vpn.cost + salience };
        new.vpn ^= draws.happens(Event::Vpn, sigma(changes));
        new
    }

    /// (37), (38), (50): probability of opening m today, which failed on so many days before, in a row.
    pub fn opening(&self, user: &User, access: &[Access], m: usize, failed: f64) -> f64 {
        let spec = &self.scenario().model.opening;
        let by_age = spec.activity_by_age.get(user.age).copied().unwrap_or(1.0);
        let activity = (spec.activity_spread * user.activity).exp() * by_age;
        let q = access[m].access[0];
        let floor = if access[m].works { spec.floor * q + spec.check * (1.0 - q) } else { spec.check };
        let left = (-spec.tire * failed).exp();
        1.0 - (1.0 - (activity * floor).min(0.6)) * (-spec.rate * activity * left * user.usage[m]).exp()
    }
}
