use super::{PublicState, Rule, SingleRow, UserView};
use crate::random::{Purpose, chance, normal_table, unit};
use crate::scenario::{self, Distribution, Scenario};

/// Adopts the first messenger, permanently, when the share (or number) of contacts who have reaches the user's own
/// threshold (Granovetter 1978; Watts 2002): equation (40) of the ODD protocol. Some users are immune.
#[derive(Debug)]
pub struct Threshold {
    spec: scenario::Threshold,
    immune: u64,
}

impl Threshold {
    /// The rule of a validated scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let spec = scenario.model.threshold.clone();
        Threshold { immune: chance(spec.immune), spec }
    }

    /// The user's threshold, from its first taste draw.
    fn threshold(&self, word: u32) -> f32 {
        let (location, scale) = (self.spec.location as f32, self.spec.scale as f32);
        match self.spec.distribution {
            Distribution::Fixed => location,
            Distribution::Uniform => location + scale * unit(word),
            Distribution::Normal => location + scale * normal_table()[(word >> 20) as usize],
        }
    }
}

impl Rule for Threshold {
    type Row = SingleRow;

    #[inline(always)]
    fn reads_contacts(&self, public: PublicState) -> bool {
        public.holdings() & 1 == 0
    }

    #[inline(always)]
    fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
        let public = review.public;
        if public.holdings() & 1 == 1 {
            return public;
        }
        let own = review.population.draws().block(Purpose::Taste, review.user, 0, 0);
        if u64::from(own[1]) < self.immune {
            return public;
        }
        let adopters = review.contact_states().filter(|w| w.holdings() & 1 == 1).count() as f32;
        let pressure = if self.spec.count { adopters } else { adopters / review.contacts.len().max(1) as f32 };
        // Rounding of a quotient must not decide: 2 of 10 reaches a threshold of 0.2.
        if pressure + 1e-6 >= self.threshold(own[0]) { public.with_only(Some(0)) } else { public }
    }
}
