use super::{PublicState, Rule, SingleRow, UserView};
use crate::random::{Purpose, exp, unit};
use crate::scenario::{self, Scenario};

/// Adopts the first messenger with probability 1 - exp(-(p + q share of adopting contacts) days), gives it up with
/// probability 1 - exp(-quit days) (Bass 1969; Karsai et al. 2014). On a dense graph: the Bass curve.
/// Equation (41) of the ODD protocol.
#[derive(Debug)]
pub struct Hazard {
    spec: scenario::Hazard,
}

impl Hazard {
    /// The rule of a validated scenario.
    pub fn new(scenario: &Scenario) -> Self {
        Hazard { spec: scenario.model.hazard.clone() }
    }
}

impl Rule for Hazard {
    type Row = SingleRow;

    #[inline(always)]
    fn reads_contacts(&self, public: PublicState) -> bool {
        public.holdings() & 1 == 0
    }

    #[inline(always)]
    fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
        let public = review.public;
        let has = public.holdings() & 1 == 1;
        let hazard = if has {
            self.spec.quit as f32
        } else {
            let adopters = review.contact_states().filter(|w| w.holdings() & 1 == 1).count() as f32;
            self.spec.spontaneous as f32 + self.spec.peer as f32 * adopters / review.contacts.len().max(1) as f32
        };
        let draw = review.population.draws().block(Purpose::Decide, review.user, review.today().draw_tick, 0)[0];
        let happens = unit(draw) < 1.0 - exp(-hazard * review.days as f32);
        if happens { public.with_only(if has { None } else { Some(0) }) } else { public }
    }
}
