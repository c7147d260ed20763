use super::{Chats, Service};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How users decide. The first keys hold for every rule; each sub-table belongs to a submodel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// Rule of choice.
    pub rule: Rule,
    /// lambda: reviews a day of one user; a probability.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub review_rate: f64,
    /// lambda_shock: the same right after the user's main app has been cut off; in proportion where less of it is lost. Not
    /// below `review_rate`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub shock_review_rate: f64,
    /// Mean days that a shock lasts: each day it fades by one part in this number. 0: there are no shocks.
    #[schemars(range(max = 3650))]
    pub shock_days: u32,
    /// portfolio: ticks run before the start, under the policy of its eve, in which only routing and use are alive.
    #[schemars(range(max = 2000))]
    pub warm_up_days: u32,
    /// portfolio: ticks run after these, in which users also install and drop, at the usual review rate, so that
    /// day 0 is stationary. From 40 on up to 400 more follow where an app that many hold is restricted on the eve.
    #[schemars(range(max = 2000))]
    pub settle_days: u32,
    /// Review rate in the warm-up (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub warm_up_rate: f64,
    /// Message access at and above which an app works.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub works_from: f64,
    /// portfolio: order of apps, and which traffic goes where.
    pub routing: Routing,
    /// portfolio: what use is made of.
    pub traffic: Traffic,
    /// portfolio: hearing of new messengers.
    pub awareness: Awareness,
    /// portfolio: installing.
    pub install: Install,
    /// portfolio: uninstalling.
    pub uninstall: Uninstall,
    /// portfolio: VPN adoption.
    pub vpn: Vpn,
    /// portfolio: group chats.
    #[serde(skip_serializing_if = "Chats::are_off")]
    pub chats: Chats,
    /// portfolio: use between reviews.
    pub usage: Usage,
    /// How use becomes openings, which audience firms count.
    pub opening: Opening,
    /// Parameters of the `logit` rule.
    pub logit: Logit,
    /// Parameters of the `threshold` rule.
    pub threshold: Threshold,
    /// Parameters of the `hazard` rule.
    pub hazard: Hazard,
}

/// Rules of choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A set of apps held; traffic goes over what both ends can use.
    #[default]
    Portfolio,
    /// One app, multinomial logit with social utility (Brock and Durlauf 2001).
    Logit,
    /// Adopt the first messenger when enough contacts have (Granovetter 1978, Watts 2002).
    Threshold,
    /// Adopt the first messenger by a spontaneous and a peer hazard (Bass 1969).
    Hazard,
}

/// Order of apps and routing of traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Routing {
    /// s_r: weight of persistent taste in the order of apps (score).
    #[schemars(range(min = 0.0, max = 20.0))]
    pub taste: f64,
    /// Weight of present use (score per full use).
    #[schemars(range(min = 0.0, max = 20.0))]
    pub habit: f64,
    /// chi: weight of the logarithm of access (score).
    #[schemars(range(min = 0.0, max = 20.0))]
    pub access: f64,
    /// iota: share of traffic that comes in over the contact's main app.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub incoming: f64,
}

/// Shares of use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// w_call: calls.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub calls: f64,
    /// Share of calls made by telephone whatever the apps do.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub phone: f64,
    /// w_chan: channels.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub channels: f64,
    /// Factor on `channels` by age band.
    #[schemars(inner(range(min = 0.0, max = 100.0)))]
    pub channels_by_age: Vec<f64>,
    /// w_abroad: contacts abroad, for users who have them.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub abroad: f64,
    /// Share of calls in the traffic with contacts abroad; the rest are messages.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub abroad_calls: f64,
    /// Least share left to messages.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub least_messages: f64,
    /// zeta: exponent of access in use.
    #[schemars(range(min = 0.0, max = 5.0))]
    pub access_exponent: f64,
    /// Weight of taste in the choice of channels (1 / standard deviation).
    #[schemars(range(min = 0.0, max = 5.0))]
    pub channel_taste: f64,
    /// Attraction of channels outside messengers.
    #[schemars(range(min = 0.001, max = 100.0))]
    pub channel_outside: f64,
}

/// Hearing of new messengers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Awareness {
    /// aw_contact: probability of hearing of it from one contact who holds it, per review.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub contact: f64,
}

/// Installing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Install {
    /// b_net: weight of contacts (logit). Totals do not identify it: a stated prior.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub network: f64,
    /// rho: share of contacts newly reachable, against all contacts on it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub marginal: f64,
    /// Worth of a contact reached until now only by apps that work badly.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub poorly_reached: f64,
    /// b_abroad: weight of contacts abroad (logit).
    #[schemars(range(min = 0.0, max = 500.0))]
    pub abroad: f64,
    /// Weight of use lost to bad access (logit per lost use).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub need: f64,
    /// Weight of privacy concern against surveillance (logit per standard deviation); 0 is off.
    #[schemars(range(min = 0.0, max = 20.0))]
    pub privacy: f64,
    /// u_trial: use of an app on the day it is installed.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub trial: f64,
}

/// Uninstalling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Uninstall {
    /// drop_idle: hazard of an unused app (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub idle: f64,
    /// drop_dead: further hazard of an unused app that does not work (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub dead: f64,
    /// u_drop: use at which hazards have fallen to 1/e.
    #[schemars(range(min = 0.001, max = 1.0))]
    pub use_scale: f64,
}

/// VPN adoption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vpn {
    /// Share of users with a VPN at the start.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
    /// Skill: shift of the propensity by age band (standard deviations).
    #[schemars(inner(range(min = -10.0, max = 10.0)))]
    pub skill_by_age: Vec<f64>,
    /// s_v: weight of propensity (logit per standard deviation).
    #[schemars(range(min = 0.0, max = 20.0))]
    pub propensity: f64,
    /// th_vpn: weight of lost use (logit).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub need: f64,
    /// Lost use per share of contacts lost with an app.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub contacts: f64,
    /// Weight of lost speed of apps that still work.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub slowed: f64,
    /// Cost of starting (logit).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub cost: f64,
    /// Reluctance to stop (logit).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub hysteresis: f64,
    /// peer_vpn: weight of the share of contacts with a VPN above the share at the start; 0 is off.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub peers: f64,
    /// Weight of lost effectiveness (logit).
    #[schemars(range(min = 0.0, max = 20.0))]
    pub weakness: f64,
    /// nu: quality of messages and channels through a VPN.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub messages: f64,
    /// nu: quality of calls through a VPN.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub calls: f64,
}

impl Vpn {
    /// nu: quality of a service through a VPN.
    pub fn quality(&self, service: Service) -> f64 {
        match service {
            Service::Messages | Service::Channels => self.messages,
            Service::Calls => self.calls,
        }
    }
}

/// Use between reviews.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// eta: speed at which use goes to its target (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub adapt: f64,
    /// eta_fail: speed at which use of an app that does not work fades (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fail: f64,
}

/// Openings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Opening {
    /// g_open: openings a day at full use.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub rate: f64,
    /// p_floor: probability of opening an unused app that works (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub floor: f64,
    /// p_check: probability of trying an app that does not (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub check: f64,
    /// v_tire: speed at which people tire of opening for use what does not work (1/day of failure); 0 is never. Trying it now and then
    /// (`check`) goes on.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub tire: f64,
    /// s_act: spread of activity (standard deviation of its logarithm).
    #[schemars(range(min = 0.0, max = 5.0))]
    pub activity_spread: f64,
    /// Factor on activity by age band.
    #[schemars(inner(range(min = 0.0, max = 100.0)))]
    pub activity_by_age: Vec<f64>,
}

/// Multinomial logit: P(m) proportional to exp(sensitivity x (appeal_m + taste_weight x taste + conformity x share of contacts on m + access penalty)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logit {
    /// beta: inverse of the temperature.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub sensitivity: f64,
    /// J: weight of the share of contacts.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub conformity: f64,
    /// Utility lost when an app does not work at all; in proportion when it works badly.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub access_penalty: f64,
}

/// Threshold rule: adopt the first messenger when the share, or number, of adopting contacts reaches the user's threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Threshold {
    /// Distribution of thresholds.
    pub distribution: Distribution,
    /// The threshold of all (fixed), the lower end (uniform), or the mean (normal).
    #[schemars(range(min = -1_000_000.0, max = 1_000_000.0))]
    pub location: f64,
    /// The width (uniform), or the standard deviation (normal); not used where all have the same.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub scale: f64,
    /// Thresholds are numbers of contacts, not shares.
    pub count: bool,
    /// Share of users who never adopt.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub immune: f64,
}

/// Distributions of thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// The same for all: `location`.
    #[default]
    Fixed,
    /// Uniform from `location` to `location + scale`.
    Uniform,
    /// Normal with mean `location` and standard deviation `scale`.
    Normal,
}

/// Hazard rule: adoption of the first messenger with probability 1 - exp(-(spontaneous + peer x share of adopting contacts) x days).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hazard {
    /// p: spontaneous adoption (1/day).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub spontaneous: f64,
    /// q: adoption through contacts (1/day at a share of 1).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub peer: f64,
    /// Hazard of giving it up (1/day).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub quit: f64,
}

// Neutral round numbers, of no country: places to begin from. Fitted values are in `countries/`.

impl Default for Model {
    fn default() -> Self {
        Model {
            rule: Rule::Portfolio,
            review_rate: 0.07,
            shock_review_rate: 0.15,
            shock_days: 21,
            warm_up_days: 50,
            settle_days: 80,
            warm_up_rate: 0.1,
            works_from: 0.1,
            routing: Routing::default(),
            traffic: Traffic::default(),
            awareness: Awareness::default(),
            install: Install::default(),
            uninstall: Uninstall::default(),
            vpn: Vpn::default(),
            chats: Chats::default(),
            usage: Usage::default(),
            opening: Opening::default(),
            logit: Logit::default(),
            threshold: Threshold::default(),
            hazard: Hazard::default(),
        }
    }
}

impl Default for Routing {
    fn default() -> Self {
        Routing { taste: 0.5, habit: 1.5, access: 2.0, incoming: 0.25 }
    }
}

impl Default for Traffic {
    fn default() -> Self {
        Traffic {
            calls: 0.25,
            phone: 0.4,
            channels: 0.2,
            channels_by_age: Vec::new(),
            abroad: 0.1,
            abroad_calls: 0.5,
            least_messages: 0.1,
            access_exponent: 0.5,
            channel_taste: 0.5,
            channel_outside: 0.2,
        }
    }
}

impl Default for Awareness {
    fn default() -> Self {
        Awareness { contact: 0.0 }
    }
}

impl Default for Install {
    fn default() -> Self {
        Install { network: 1.5, marginal: 0.5, poorly_reached: 0.5, abroad: 50.0, need: 10.0, privacy: 0.0, trial: 0.05 }
    }
}

impl Default for Uninstall {
    fn default() -> Self {
        Uninstall { idle: 0.001, dead: 0.005, use_scale: 0.1 }
    }
}

impl Default for Vpn {
    fn default() -> Self {
        Vpn {
            share: 0.1,
            skill_by_age: Vec::new(),
            propensity: 2.0,
            need: 10.0,
            contacts: 0.1,
            slowed: 0.5,
            cost: 3.0,
            hysteresis: 3.0,
            peers: 0.0,
            weakness: 2.0,
            messages: 0.5,
            calls: 0.5,
        }
    }
}

impl Default for Usage {
    fn default() -> Self {
        Usage { adapt: 0.2, fail: 0.05 }
    }
}

impl Default for Opening {
    fn default() -> Self {
        Opening { rate: 5.0, floor: 0.1, check: 0.05, tire: 0.0, activity_spread: 1.0, activity_by_age: Vec::new() }
    }
}

impl Default for Logit {
    fn default() -> Self {
        Logit { sensitivity: 1.0, conformity: 2.0, access_penalty: 2.0 }
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Threshold { distribution: Distribution::Fixed, location: 0.18, scale: 0.0, count: false, immune: 0.0 }
    }
}

impl Default for Hazard {
    fn default() -> Self {
        Hazard { spontaneous: 0.002, peer: 0.08, quit: 0.0 }
    }
}
