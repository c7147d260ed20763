use super::Word;
use crate::policy::{Policy, Today};
use crate::population::Population;
use crate::scenario::MAX_MESSENGERS;
use bytemuck::{Pod, Zeroable};

/// All that one user sees on the day of a review, and the state that only this user reads: awareness, use and targets
/// are kept as the rule leaves them.
#[derive(Clone, Debug)]
pub struct Review<'a> {
    /// User number.
    pub user: u32,
    /// Days since the last review; at least 1.
    pub days: i32,
    /// The user's published word.
    pub word: Word,
    /// User numbers of the contacts.
    pub contacts: &'a [u32],
    /// Published words of all users, as of yesterday.
    pub words: &'a [u32],
    /// Today's policy.
    pub policy: &'a Policy,
    /// Traits by user number, and addressed draws.
    pub population: &'a Population,
    /// Means over non-holders after the warm-up.
    pub baseline: &'a Baseline,
    /// How many times as probable as usual it is that a VPN is started or stopped: 1, but more at the beginning of settling; 0
    /// in the warm-up, in which nothing but routing and use changes.
    pub pace: f32,
    /// Messengers the user knows, a bit each.
    pub aware: u16,
    /// Use of each messenger on the evening of the last review, in 1/255.
    pub usage: [u8; MAX_MESSENGERS],
    /// Target of use, in 1/255.
    pub target: [u8; MAX_MESSENGERS],
}

impl<'a> Review<'a> {
    /// Today's tables.
    #[inline(always)]
    pub fn today(&self) -> &'a Today {
        self.policy.today()
    }

    /// The words of the contacts.
    #[inline(always)]
    pub fn contact_words(&self) -> impl Iterator<Item = Word> + '_ {
        self.contacts.iter().map(|&j| Word(self.words[j as usize]))
    }
}

/// What makes the start stationary: the worth of installing a messenger to those who do not hold it, on average, when nothing
/// has happened yet, and what balances flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Baseline {
    /// net0_m.
    pub net: [f32; MAX_MESSENGERS],
    /// abroad0_m.
    pub abroad: [f32; MAX_MESSENGERS],
    /// balance_m: addition to the wish to install an incumbent that makes installs equal drops on day 0 (logit).
    pub balance: [f32; MAX_MESSENGERS],
    /// Addition to the wish for a VPN that makes starts equal stops on day 0 (logit).
    pub vpn: f32,
}

/// A rule of choice: how one user decides at a review.
///
/// It must be a pure function of the review and of draws addressed by (purpose, user, tick); then runs are the same
/// for any number of threads. Draws for rules of your own: `review.population.draws().block(Purpose::User, …)`.
///
/// ```
/// use exodus::engine::Simulation;
/// use exodus::graph::Graph;
/// use exodus::model::{Review, Rule, Word};
/// use exodus::{measure, scenario};
/// use std::path::Path;
/// use std::sync::Arc;
///
/// /// Everyone takes the first messenger that a contact has.
/// struct Follow;
///
/// impl Rule for Follow {
///     fn review(&self, review: &mut Review<'_>) -> Word {
///         review.word.with_only(review.contact_words().find_map(Word::main).or(review.word.main()))
///     }
/// }
///
/// // A ring of a thousand people.
/// let ties: Vec<(u32, u32)> = (0..1000).map(|i| (i, (i + 1) % 1000)).collect();
/// let graph = Arc::new(Graph::from_ties(1000, &ties)?);
/// let scenario = scenario::load(Path::new("scenarios/bass.toml"), &["messenger.Novelty.reach_by_age=[0.1]".into()])?;
/// let curves = measure::curves(Simulation::with_rule(scenario, graph, Box::new(Follow))?)?;
/// let share = curves.series("main_share", "Novelty").expect("a messenger");
/// assert!(share[0] < 0.5 && share[149] == 1.0);
/// # Ok::<(), exodus::Error>(())
/// ```
pub trait Rule: Send + Sync {
    /// The user's new word; private state is written through the review.
    fn review(&self, review: &mut Review<'_>) -> Word;

    /// Whether reviews look at use and its targets, or change them. Where not, their memory is left alone: a review sees
    /// zeros.
    fn keeps_use(&self) -> bool {
        true
    }
}
