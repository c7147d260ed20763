//! The single-app rules: section 7.11 of the ODD protocol.

use exodus::scenario::{Distribution, Scenario};

/// What a single-app rule sees. Shares are of contacts, by main app or of those who hold the first messenger.
pub struct View<'a> {
    pub scenario: &'a Scenario,
    pub age: usize,
    pub taste: Vec<f64>,
    /// Access to messages, and whether it can be chosen, by messenger.
    pub access: Vec<f64>,
    pub launched: Vec<bool>,
    /// Contacts by main app.
    pub on: Vec<f64>,
    /// Contacts who hold the first messenger.
    pub adopters: f64,
    pub degree: f64,
    pub main: Option<usize>,
    pub holds_first: bool,
    pub days: f64,
}

/// The app held from now on, and whether a draw lay within rounding of deciding otherwise.
pub type Choice = (Option<usize>, bool);

const NEAR: f64 = 2e-5;

/// (39).
pub fn logit(view: &View<'_>, draw: f64) -> Choice {
    let (spec, messengers) = (&view.scenario.model.logit, &view.scenario.messengers);
    let utility = |m: usize| {
        let appeal = messengers[m].appeal + messengers[m].appeal_by_age.get(view.age).copied().unwrap_or(0.0);
        let contacts = spec.conformity * view.on[m] / view.degree.max(1.0);
        appeal + messengers[m].taste_weight * view.taste[m] + contacts - spec.access_penalty * (1.0 - view.access[m])
    };
    let launched: Vec<usize> = (0..messengers.len()).filter(|&m| view.launched[m]).collect();
    let best = launched.iter().map(|&m| utility(m)).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = launched.iter().map(|&m| (spec.sensitivity * (utility(m) - best)).exp()).collect();
    let all: f64 = weights.iter().sum();
    let (mut below, mut near, mut choice) = (0.0, false, None);
    // In single precision a utility is known to a few parts in ten million of its parts.
    let parts = view.taste.iter().map(|t| 4.0 * t.abs()).chain(launched.iter().map(|&m| utility(m).abs()));
    let size = parts.fold(1.0, f64::max);
    let tolerance = NEAR + 1e-6 * spec.sensitivity * (size + spec.access_penalty + spec.conformity.abs());
    for (&m, weight) in launched.iter().zip(weights) {
        below += weight / all;
        near |= (draw - below).abs() < tolerance;
        if choice.is_none() && draw < below {
            choice = Some(m);
        }
    }
    (choice.or(launched.last().copied()), near)
}

/// (40). `normal` is the user's standard normal number, `uniform` the same draw as a number from 0 to 1.
pub fn threshold(view: &View<'_>, uniform: f64, normal: f64, immune: f64) -> Choice {
    let spec = &view.scenario.model.threshold;
    if view.holds_first || immune < spec.immune {
        return (view.main, (immune - spec.immune).abs() < NEAR);
    }
    let own = match spec.distribution {
        Distribution::Fixed => spec.location,
        Distribution::Uniform => spec.location + spec.scale * uniform,
        Distribution::Normal => spec.location + spec.scale * normal,
    };
    let pressure = if spec.count { view.adopters } else { view.adopters / view.degree.max(1.0) };
    // What is exactly at its threshold has reached it.
    (if pressure >= own - 1e-6 { Some(0) } else { view.main }, ((pressure - own).abs() - 1e-6).abs() < 1e-6)
}

/// (41).
pub fn hazard(view: &View<'_>, draw: f64) -> Choice {
    let spec = &view.scenario.model.hazard;
    let hazard = if view.holds_first { spec.quit } else { spec.spontaneous + spec.peer * view.adopters / view.degree.max(1.0) };
    let probability = 1.0 - (-hazard * view.days).exp();
    let happens = draw < probability;
    let after = if view.holds_first { None } else { Some(0) };
    (if happens { after } else { view.main }, (draw - probability).abs() < NEAR)
}
