//! Who moved because of the change: the same users in both runs.

use crate::error::Result;
use crate::scenario::Date;
use crate::storage::{Held, TracedUsers};
use serde::Serialize;
use std::path::Path;

/// Followed users by their main app in the reference and in the other, on one evening; summed over pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flows {
    /// Messengers of either, then `none`.
    pub names: Vec<String>,
    /// Users by index of their main app in the reference, then in the other.
    pub users: Vec<Vec<u64>>,
    /// Users followed, over all pairs.
    pub followed: u64,
    /// Of these, with another main app.
    pub main_differs: u64,
    /// Of these, who hold other messengers.
    pub holdings_differ: u64,
    /// Of these, with a VPN on one side only.
    pub vpn_differs: u64,
}

/// What stands for no main app.
const NONE: &str = "none";

impl Flows {
    /// Between messengers of these names.
    pub(super) fn new(mut names: Vec<String>) -> Self {
        names.push(NONE.into());
        let users = vec![vec![0; names.len()]; names.len()];
        Flows { names, users, ..Flows::default() }
    }

    /// Takes in the users that both runs of a pair follow.
    pub(super) fn push(&mut self, pair: [&Path; 2], evening: Date) -> Result<()> {
        let a = TracedUsers::read(pair[0], evening)?;
        let b = TracedUsers::read(pair[1], evening)?;
        // By place in the names of either.
        let place = |name: &str| self.names.iter().position(|n| n == name).unwrap_or(self.names.len() - 1);
        let places = [&a, &b].map(|side| side.messengers.iter().map(|name| place(name)).collect::<Vec<_>>());
        let none = self.names.len() - 1;
        let main = |held: &Held, places: &[usize]| held.main.map_or(none, |m| places[m]);
        let holdings = |held: &Held, places: &[usize]| -> u64 {
            places.iter().enumerate().map(|(m, place)| u64::from(held.holdings >> m & 1) << place).sum()
        };
        for (user, before) in &a.users {
            let Some(after) = b.users.get(user) else { continue };
            let [from, to] = [main(before, &places[0]), main(after, &places[1])];
            self.users[from][to] += 1;
            self.followed += 1;
            self.main_differs += u64::from(from != to);
            self.holdings_differ += u64::from(holdings(before, &places[0]) != holdings(after, &places[1]));
            self.vpn_differs += u64::from(before.vpn != after.vpn);
        }
        Ok(())
    }
}
