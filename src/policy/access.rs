//! Access to the services of messengers (model.md, section 3).

use super::{PerMessenger, is_access, mask_of, names_region};
use crate::scenario::{InterventionKind as Kind, MAX_MESSENGERS, Model, Scenario, Service};

/// What users of one class, without or with VPN, can do today. Lists are by messenger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Messengers that work: access to messages at or above `works_from`.
    pub works: u16,
    /// The same for the class without VPN.
    pub works_without_vpn: u16,
    /// Messengers that work only, or better, by VPN. Empty in rows without VPN.
    pub by_vpn: u16,
    /// Messengers whose messages or calls are not at their best, so that routing may differ between services.
    pub degraded: u16,
    /// Access to messages, 0 to 1.
    pub messages: PerMessenger,
    /// Access to calls, 0 to 1.
    pub calls: PerMessenger,
    /// Access to channels, 0 to 1.
    pub channels: PerMessenger,
    /// chi ln(access to messages).
    pub score: PerMessenger,
    /// chi ln(weight of calls).
    pub call_score: PerMessenger,
    /// Access to messages to the power zeta.
    pub power: PerMessenger,
    /// c: weight of calls, a smooth step of their access around 0.5.
    pub call_weight: PerMessenger,
    /// g: how good messages are, a smooth step of their access around 0.6.
    pub good: PerMessenger,
    /// Access to messages without VPN.
    pub without_vpn: PerMessenger,
    /// Worth of a contact already reached by each app: in messages 1 - good, in calls 1 - the weight of calls.
    pub poor: [PerMessenger; 2],
    /// How good each app is to one who might drop it: 1 if it works only or better by VPN, 0 if it does not work, else
    /// the access to messages.
    pub good_to_keep: PerMessenger,
}

/// Half width of the smooth steps.
const STEP: f32 = 0.2;
/// Least access in logarithms.
const LEAST: f32 = 0.01;

/// Smooth step: 0 below `centre` - 0.2, 1 above `centre` + 0.2, cubic between.
fn smooth_step(x: f32, centre: f32) -> f32 {
    let t = ((x - centre + STEP) / (2.0 * STEP)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// c(q), the weight of calls.
pub(crate) fn call_weight(access: f32) -> f32 {
    smooth_step(access, 0.5)
}

/// g(q), how good messages are.
pub(crate) fn good(access: f32) -> f32 {
    smooth_step(access, 0.6)
}

/// Which interventions bear on which messenger's services, found once.
#[derive(Debug)]
pub(super) struct Chains {
    /// By messenger and service: (intervention, whether a VPN goes round it, those that lift it).
    links: Vec<Vec<Link>>,
    /// Group bits (in class order) that an intervention asks for; 0 is everyone.
    groups: Vec<usize>,
}

#[derive(Debug)]
struct Link {
    intervention: usize,
    vpn_helps: bool,
    lifted_by: Vec<usize>,
}

impl Chains {
    pub(super) fn new(scenario: &Scenario, access_groups: &[usize]) -> Self {
        let groups = scenario
            .interventions
            .iter()
            .map(|i| {
                let named = |g: usize| i.groups.contains(&scenario.population.groups[g].name);
                access_groups.iter().enumerate().filter(|(_, g)| named(**g)).fold(0, |bits, (k, _)| bits | 1 << k)
            })
            .collect();
        let bears = |i: usize, m: usize, service: Service| {
            let i = &scenario.interventions[i];
            mask_of(scenario, i) >> m & 1 == 1 && (i.services.is_empty() || i.services.contains(&service))
        };
        let kind = |i: usize| scenario.interventions[i].kind;
        let all = 0..scenario.interventions.len();
        let mut links = Vec::new();
        for m in 0..scenario.messengers.len() {
            for service in Service::ALL {
                let chain = all.clone().filter(|&i| is_access(kind(i)) && kind(i) != Kind::Unblock && bears(i, m, service));
                links.push(
                    chain
                        .map(|i| {
                            let cut = matches!(kind(i), Kind::Block | Kind::Throttle);
                            let later = |u: &usize| scenario.interventions[*u].from >= scenario.interventions[i].from;
                            let lifts =
                                all.clone().filter(|&u| cut && kind(u) == Kind::Unblock && bears(u, m, service)).filter(later);
                            Link { intervention: i, vpn_helps: cut, lifted_by: lifts.collect() }
                        })
                        .collect(),
                );
            }
        }
        Chains { links, groups }
    }

    /// The row of a class; `vpn` is the effectiveness of VPNs, for rows with one.
    pub(super) fn access(&self, scenario: &Scenario, levels: &[f32], region: usize, groups: usize, vpn: Option<f32>) -> Access {
        let model = &scenario.model;
        let mut row = Access::default();
        let concerns = |i: usize| {
            (self.groups[i] == 0 || self.groups[i] & groups != 0)
                && names_region(scenario, &scenario.interventions[i].regions, region)
        };
        for (m, messenger) in scenario.messengers.iter().enumerate() {
            let best = [messenger.quality.messages, messenger.quality.calls, messenger.quality.channels].map(|q| q as f32);
            let nu = [model.vpn.messages, model.vpn.calls, model.vpn.messages].map(|q| q as f32);
            let mut without = [0.0; 3];
            let mut with = [0.0; 3];
            for k in 0..3 {
                // What a VPN goes round, and what it does not: the service's own failure, no internet at all.
                let (mut cut, mut hard) = (1.0, 1.0);
                for link in self.links[m * 3 + k].iter().filter(|l| levels[l.intervention] > 0.0 && concerns(l.intervention)) {
                    let lifted = link.lifted_by.iter().filter(|&&u| concerns(u)).map(|&u| 1.0 - levels[u]).product::<f32>();
                    let severity = scenario.interventions[link.intervention].severity as f32 * levels[link.intervention] * lifted;
                    *(if link.vpn_helps { &mut cut } else { &mut hard }) *= 1.0 - severity;
                }
                without[k] = best[k] * cut * hard;
                with[k] = without[k].max(best[k] * nu[k] * vpn.unwrap_or(0.0) * hard);
            }
            row.fill(model, m, best, without, with);
        }
        row
    }
}

impl Access {
    fn fill(&mut self, model: &Model, m: usize, best: [f32; 3], without: [f32; 3], with: [f32; 3]) {
        debug_assert!(m < MAX_MESSENGERS);
        let works = |q: f32| u16::from(f64::from(q) >= model.works_from) << m;
        let chi = model.routing.access as f32;
        let ln = |x: f32| libm::log(f64::from(x.max(LEAST))) as f32;
        self.works |= works(with[0]);
        self.works_without_vpn |= works(without[0]);
        self.by_vpn |= u16::from(with[0] > without[0]) << m & works(with[0]);
        self.messages[m] = with[0];
        self.calls[m] = with[1];
        self.channels[m] = with[2];
        self.score[m] = chi * ln(with[0]);
        self.call_weight[m] = call_weight(with[1]);
        self.call_score[m] = chi * ln(self.call_weight[m]);
        self.power[m] = libm::pow(f64::from(with[0]), model.traffic.access_exponent) as f32;
        self.good[m] = good(with[0]);
        self.without_vpn[m] = without[0];
        self.poor[0][m] = 1.0 - self.good[m];
        self.poor[1][m] = 1.0 - self.call_weight[m];
        self.good_to_keep[m] = match () {
            () if self.works >> m & 1 == 0 => 0.0,
            () if self.by_vpn >> m & 1 == 1 => 1.0,
            () => with[0],
        };
        if best[0] > with[0] || self.call_weight[m] < 1.0 || self.good[m] < 1.0 {
            self.degraded |= 1 << m;
        }
    }
}
