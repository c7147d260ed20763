//! What may be taken away.

use super::Plan;
use super::watch::Eve;
use crate::error::{Error, Result};
use crate::scenario::{Effect, Intervention, OneOrMany, Scenario};
use serde_json::json;

/// How messengers are taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// The service fails, or its owner closes it: a VPN does not help.
    #[default]
    Outage,
    /// Authorities block it: a VPN goes round that.
    Block,
}

impl How {
    /// Both.
    pub const ALL: [How; 2] = [How::Outage, How::Block];

    /// Its name, that of the kind of intervention.
    pub fn name(self) -> &'static str {
        match self {
            How::Outage => "outage",
            How::Block => "block",
        }
    }
}

/// What is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Messengers, by their names.
    Messengers(Vec<String>),
    /// VPNs: none is effective any more.
    Vpns,
}

impl Loss {
    /// In words.
    pub fn name(&self) -> String {
        match self {
            Loss::Messengers(names) => names.join(" and "),
            Loss::Vpns => "VPNs".into(),
        }
    }

    /// The intervention that does it, from the day on, in full and for good.
    pub(super) fn intervention(&self, plan: &Plan) -> Result<Intervention> {
        let (messenger, effect) = match self {
            Loss::Messengers(names) => (Some(OneOrMany::Many(names.clone())), json!({ "kind": plan.how.name() })),
            Loss::Vpns => (None, json!({ "kind": "vpn", "effectiveness": 0.0 })),
        };
        // By its name, as a scenario's file would have it.
        let effect: Effect = serde_json::from_value(effect).map_err(|e| Error::invalid(e.to_string()))?;
        Ok(Intervention {
            label: Some(format!("taken away: {}", self.name())),
            messenger,
            except: Vec::new(),
            services: Vec::new(),
            from: plan.on,
            until: None,
            ramp_days: 0,
            regions: Vec::new(),
            groups: Vec::new(),
            effect,
            source: String::new(),
        })
    }
}

/// Each messenger, the two that most people use as their main app on the eve, of all pasts together, and VPNs.
pub(super) fn all(scenario: &Scenario, eves: &[Eve]) -> Vec<Loss> {
    let names: Vec<&String> = scenario.messengers.iter().map(|m| &m.name).collect();
    let mut losses: Vec<Loss> = names.iter().map(|name| Loss::Messengers(vec![(*name).clone()])).collect();
    let mut sizes: Vec<(u64, usize)> = (0..names.len()).map(|m| (eves.iter().map(|eve| eve.main[m]).sum(), m)).collect();
    // Of equally large ones the first in the scenario.
    sizes.sort_by_key(|&(size, m)| (std::cmp::Reverse(size), m));
    if let [(_, a), (_, b), _, ..] = sizes[..] {
        losses.push(Loss::Messengers(vec![names[a].clone(), names[b].clone()]));
    }
    losses.push(Loss::Vpns);
    losses
}
