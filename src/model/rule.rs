use super::{PublicState, Row, UserView};
use crate::policy::{PerMessenger, Policy};
use crate::population::{Population, Profile};
use crate::scenario::Scenario;

/// A rule of choice: how one user starts and decides, and what it keeps to itself from review to review.
///
/// Reviews must be pure functions of what they are shown and of draws addressed by (purpose, user, tick); then runs are
/// the same for any number of threads. Draws for rules of your own: `review.population.draws().block(Purpose::User, …)`.
///
/// ```
/// use exodus::engine::Simulation;
/// use exodus::graph::Graph;
/// use exodus::model::{PublicState, UserView, Rule, SingleRow};
/// use exodus::{measure, scenario};
/// use std::path::Path;
/// use std::sync::Arc;
///
/// /// Everyone takes the first messenger that a contact has.
/// struct Follow;
///
/// impl Rule for Follow {
///     type Row = SingleRow;
///
///     fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
///         let first = review.contact_states().find_map(PublicState::main);
///         review.public.with_only(first.or(review.public.main()))
///     }
/// }
///
/// // A ring of a thousand people.
/// let ties: Vec<(u32, u32)> = (0..1000).map(|i| (i, (i + 1) % 1000)).collect();
/// let graph = Arc::new(Graph::from_ties(1000, &ties)?);
/// let scenario = scenario::load(Path::new("scenarios/bass.toml"), &["messenger.Novelty.reach_by_age=[0.1]".into()])?;
/// let curves = measure::curves(Simulation::with_rule(scenario, graph, Follow)?)?;
/// let share = curves.series("main_share", "Novelty").expect("a messenger");
/// assert!(share[0] < 0.5 && share[149] == 1.0);
/// # Ok::<(), exodus::Error>(())
/// ```
///
/// A rule that remembers something declares a row of its own with [`row!`](crate::row).
pub trait Rule: Send + Sync + 'static {
    /// What a user keeps to itself: [`SingleRow`], or a row declared with [`row!`](crate::row).
    type Row: Row;

    /// The user's public state from tomorrow on. What it keeps to itself is changed in `row`; the day of the review is noted
    /// by the engine.
    fn review(&self, review: &UserView<'_>, row: &mut Self::Row) -> PublicState;

    /// Whether a user in this state looks at its contacts at a review. A hint: contacts of others are there, too, but are not fetched
    /// ahead, which is most of what an idle review costs.
    #[inline(always)]
    fn reads_contacts(&self, _public: PublicState) -> bool {
        true
    }

    /// The user on the eve, or before the warm-up. The row comes zeroed, but for its day. As a rule: one messenger, by the reach
    /// of the user's age band ([`Newcomer::with_one_messenger`]).
    fn start(&self, newcomer: &Newcomer<'_>, _row: &mut Self::Row) -> PublicState {
        newcomer.with_one_messenger()
    }

    /// Use today of each messenger, from 0 to 1. As a rule: whatever is held is used in full.
    #[inline]
    fn use_today(&self, _policy: &Policy, public: PublicState, _row: &Self::Row) -> PerMessenger {
        std::array::from_fn(|m| f32::from(public.holdings() >> m & 1))
    }

    /// Probability that an app held is opened today is 1 while it works, for rules without use; else it follows from use
    /// (model.md, section 6).
    fn has_use(&self) -> bool {
        false
    }

    /// What a user would do if nothing were drawn: the rates at which it starts and stops. A rule that gives them is settled
    /// before day 0: warmed up, and balanced so that nothing changes on average while policy stands still.
    fn outlook(&self, _review: &UserView<'_>, _row: &Self::Row) -> Option<Outlook> {
        None
    }

    /// Messengers that had users before the start, a bit each. For rules that are settled.
    fn incumbents(&self) -> u16 {
        0
    }

    /// Whether the start is settled: see [`Rule::outlook`].
    fn settles(&self) -> bool {
        false
    }

    /// Other scenarios were in force before this one, each up to a day, in order: a fork. Rules whose rows are lazily
    /// evaluated need to know.
    fn after(&mut self, _past: &[(i32, &Scenario)]) {}

    /// Whether a row can have been left by this rule. Rows from files are asked before they are used.
    fn accepts(&self, _row: &Self::Row) -> bool {
        true
    }
}

/// What a user would do: see [`Rule::outlook`]. Lists are by messenger.
#[derive(Clone, Copy, Debug)]
pub struct Outlook {
    /// Messengers that could be installed.
    pub available: u16,
    /// Of these and of those held, the ones that the user knows.
    pub aware: u16,
    /// net_m of these: what each would do for messages and calls with contacts.
    pub net: PerMessenger,
    /// abroad_m: what each would do for contacts abroad, if the user has any.
    pub abroad: Option<PerMessenger>,
    /// Utility of installing each of those available (logit). Of no meaning for a messenger that the user does not know.
    pub install_utility: PerMessenger,
    /// Hazard of dropping each app held (1/day).
    pub drop_hazard: PerMessenger,
    /// Log-odds of starting a VPN, or of stopping it.
    pub vpn_change: f32,
    /// Telephone's share of the user's calls.
    pub phone_share: f32,
}

/// A user before the first day.
pub struct Newcomer<'a> {
    /// User number.
    pub user: u32,
    /// Traits.
    pub profile: &'a Profile,
    /// Class of access, VPN; nothing held.
    pub public: PublicState,
    /// Messengers heard of, a bit each.
    pub aware: u16,
    /// All users' traits, and addressed draws.
    pub population: &'a Population,
    /// The scenario.
    pub scenario: &'a Scenario,
}

impl Newcomer<'_> {
    /// With one messenger at most: where a table of nodes says what is held, the first of that; else by the reach of the
    /// user's age band.
    pub fn with_one_messenger(&self) -> PublicState {
        use crate::random::{Purpose, chance};
        if let Some(held) = self.population.known_holdings(self.user) {
            return self.public.with_only(super::bits(held).next());
        }
        let age = usize::from(self.profile.age);
        let mut left = u64::from(self.population.draws().block(Purpose::StartMain, self.user, 0, 0)[0]);
        let main = self.scenario.messengers.iter().position(|messenger| {
            let share = chance(messenger.reach_by_age.get(age).copied().unwrap_or(0.0));
            let hit = left < share;
            left = left.saturating_sub(share);
            hit
        });
        self.public.with_only(main)
    }
}

crate::row! {
    /// The row of rules that keep nothing: the day of the last review.
    pub struct SingleRow {
        /// Day of the last review plus 4096.
        pub reviewed: u16,
    }
}
