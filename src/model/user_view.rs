use super::PublicState;
use crate::policy::{Policy, Today};
use crate::population::Population;
use crate::scenario::{MAX_CHATS, MAX_MESSENGERS};
use bytemuck::{Pod, Zeroable};

/// All that one user sees on the day of a review.
#[derive(Clone, Copy, Debug)]
pub struct UserView<'a> {
    /// User number.
    pub user: u32,
    /// Days since the last review; at least 1.
    pub days: i32,
    /// The user's public state.
    pub public: PublicState,
    /// User numbers of the contacts.
    pub contacts: &'a [u32],
    /// Public states of all users, as of yesterday (see [`PublicState`]).
    pub states: &'a [u32],
    /// By kind of group chats, yesterday's app of the one where the user lives, [`NOWHERE`](super::NOWHERE) or [`NO_CHAT`](super::NO_CHAT).
    pub chats: [u8; MAX_CHATS],
    /// Today's policy.
    pub policy: &'a Policy,
    /// Traits by user number, and addressed draws.
    pub population: &'a Population,
    /// Means over non-holders after the warm-up.
    pub baseline: &'a Baseline,
    /// How many times as probable as usual it is that a VPN is started or stopped: 1, but more at the beginning of settling; 0
    /// in the warm-up, in which nothing but routing and use changes.
    pub pace: f32,
}

impl<'a> UserView<'a> {
    /// Today's tables.
    #[inline(always)]
    pub fn today(&self) -> &'a Today {
        self.policy.today()
    }

    /// The public states of the contacts.
    #[inline(always)]
    pub fn contact_states(&self) -> impl Iterator<Item = PublicState> + '_ {
        self.contacts.iter().map(|&j| PublicState(self.states[j as usize]))
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
    /// balance_m: addition to the utility of installing an incumbent that makes installs equal drops on day 0 (logit).
    pub balance: [f32; MAX_MESSENGERS],
    /// Addition to the utility of a VPN that makes starts equal stops on day 0 (logit).
    pub vpn: f32,
}
