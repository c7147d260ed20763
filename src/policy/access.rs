//! Access to the services of messengers (model.md, section 3). Numbers in brackets are those of the equations in section 7 of
//! the ODD protocol.

use super::PerMessenger;
use super::settings::AccessSettings;
use crate::scenario::{MAX_MESSENGERS, Model, PerService, Scenario, Service};

/// What users of one class, without or with VPN, can do today. Lists are by messenger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Messengers that work: access to messages at or above `works_from`.
    pub works: u16,
    /// The same for the class without VPN.
    pub works_without_vpn: u16,
    /// Messengers that work only, or better, by VPN. Empty in rows without VPN.
    pub by_vpn: u16,
    /// Messengers for which routing differs between messages and calls, or whose contacts count as reached badly.
    pub degraded: u16,
    /// Access to each service, 0 to 1.
    pub to: PerService<PerMessenger>,
    /// chi ln(access to messages).
    pub score: PerMessenger,
    /// chi ln(weight of calls).
    pub call_score: PerMessenger,
    /// Access to messages to the power zeta.
    pub power: PerMessenger,
    /// c: weight of calls, a smooth step of their access around 0.5.
    pub call_weight: PerMessenger,
    /// g: weight of messages, a smooth step of their access around 0.6.
    pub message_weight: PerMessenger,
    /// 1 - rho: share of messages lost, of what the messenger gives when nothing is done to it.
    pub lost: PerMessenger,
    /// The same without VPN.
    pub lost_without_vpn: PerMessenger,
    /// Worth of a contact already reached by each app: 1 - the weight of messages, 1 - that of calls.
    pub unserved: [PerMessenger; 2],
    /// Quality that holds back one who might drop the app: 1 if it works only or better by VPN, 0 if it does not work, else
    /// what is left of messages.
    pub retention_quality: PerMessenger,
}

/// Half width of the smooth steps.
const STEP: f32 = 0.2;
/// How much better than without it messages by VPN must be to count as better; less is rounding.
const BETTER: f32 = 1e-5;
/// Least access in logarithms.
const LEAST: f32 = 0.01;

/// Smooth step: 0 below `centre` - 0.2, 1 above `centre` + 0.2, cubic between (9).
fn smooth_step(x: f32, centre: f32) -> f32 {
    let t = ((x - centre + STEP) / (2.0 * STEP)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// c(q), the weight of calls (10).
pub(crate) fn call_weight(access: f32) -> f32 {
    smooth_step(access, 0.5)
}

/// g(q), the weight of messages (10).
pub(crate) fn message_weight(access: f32) -> f32 {
    smooth_step(access, 0.6)
}

/// The row of a class: of people of `region` who are in `groups`, a bit each; `vpn` is the effectiveness of VPNs, for rows
/// with one (6), (7).
pub(super) fn row(scenario: &Scenario, settings: &AccessSettings, region: usize, groups: u8, vpn: Option<f32>) -> Access {
    let model = &scenario.model;
    let restrictions: Vec<_> = settings.restrictions.iter().filter(|r| r.scope.concerns(region, groups)).collect();
    let lifts: Vec<_> = settings.lifts.iter().filter(|lift| lift.scope.concerns(region, groups)).collect();
    let mut row = Access::default();
    for (m, messenger) in scenario.messengers.iter().enumerate() {
        let best = PerService::from_fn(|service| messenger.quality.of(service) as f32);
        let (mut with, mut without) = (best, best);
        for service in Service::ALL {
            let lifts: Vec<_> = lifts.iter().filter(|lift| lift.scope.bears_on(m, service)).collect();
            // Whatever is not newer than the last of those that are in full is taken back wholly.
            let void = lifts.iter().filter(|lift| lift.level == 1.0).map(|lift| lift.from).max();
            // What a VPN goes round, and what it does not: the service's own failure, no internet at all.
            let (mut cut, mut hard) = (1.0, 1.0);
            for r in restrictions.iter().filter(|r| r.scope.bears_on(m, service)) {
                if !r.vpn_helps {
                    hard *= 1.0 - r.severity * r.level;
                } else if void.is_none_or(|last| r.from > last) {
                    let left: f32 = lifts.iter().filter(|lift| lift.from >= r.from).map(|lift| 1.0 - lift.level).product();
                    cut *= 1.0 - r.severity * r.level * left;
                }
            }
            without[service] = best[service] * cut * hard;
            // No VPN gives more than there is.
            let by_vpn = best[service] * (model.vpn.quality(service) as f32 * vpn.unwrap_or(0.0)).min(1.0) * hard;
            with[service] = without[service].max(by_vpn);
        }
        row.fill(model, m, best, without, with);
    }
    row
}

impl Access {
    /// What follows from access to the services of one messenger (8), (10), (11), and what routing and dropping take of it.
    fn fill(&mut self, model: &Model, m: usize, best: PerService<f32>, without: PerService<f32>, with: PerService<f32>) {
        debug_assert!(m < MAX_MESSENGERS);
        let works = |q: f32| u16::from(f64::from(q) >= model.works_from) << m;
        let chi = model.routing.access as f32;
        let ln = |x: f32| libm::log(f64::from(x.max(LEAST))) as f32;
        let [messages, calls] = [with[Service::Messages], with[Service::Calls]];
        self.works |= works(messages);
        self.works_without_vpn |= works(without[Service::Messages]);
        self.by_vpn |= u16::from(messages > without[Service::Messages] + BETTER) << m & works(messages);
        for service in Service::ALL {
            self.to[service][m] = with[service];
        }
        self.score[m] = chi * ln(messages);
        self.call_weight[m] = call_weight(calls);
        self.call_score[m] = chi * ln(self.call_weight[m]);
        self.power[m] = libm::pow(f64::from(messages), model.traffic.access_exponent) as f32;
        self.message_weight[m] = message_weight(messages);
        let best = best[Service::Messages];
        let lost = |q: f32| if best > 0.0 { 1.0 - q / best } else { 0.0 };
        self.lost[m] = lost(messages);
        self.lost_without_vpn[m] = lost(without[Service::Messages]);
        self.unserved[0][m] = 1.0 - self.message_weight[m];
        self.unserved[1][m] = 1.0 - self.call_weight[m];
        self.retention_quality[m] = match () {
            () if self.works >> m & 1 == 0 => 0.0,
            () if self.by_vpn >> m & 1 == 1 => 1.0,
            () => 1.0 - self.lost[m],
        };
        if self.score[m] != self.call_score[m] || self.call_weight[m] < 1.0 || self.message_weight[m] < 1.0 {
            self.degraded |= 1 << m;
        }
    }
}
