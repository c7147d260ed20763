//! From tallies to the rows of the tables: people and shares.

use super::tally::FIXED;
use super::{Measure, Scalar, Tally};
use crate::scenario::Scenario;

/// Figures of one messenger on one day, in people or as shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesRow {
    /// People who hold it.
    pub holders: f64,
    /// People who opened it today, whether or not it worked (panel).
    pub daily_reach: f64,
    /// People who opened it today and for whom it worked (panel).
    pub daily_use: f64,
    /// People who opened it in the last 30 days (panel).
    pub monthly_reach: f64,
    /// Share of people whose main app it is.
    pub main_share: f64,
    /// Its share of all use of messengers (panel); NaN where there is none.
    pub traffic_share: f64,
    /// Share of its use that goes through a VPN (panel); NaN where it has none.
    pub vpn_use_share: f64,
    /// People who installed it today.
    pub installs: f64,
    /// People who removed it today.
    pub drops: f64,
}

impl SeriesRow {
    /// The figures, in the order of the fields.
    pub fn values(&self) -> [f64; 9] {
        let SeriesRow { holders, daily_reach, daily_use, monthly_reach, main_share, .. } = *self;
        let SeriesRow { traffic_share, vpn_use_share, installs, drops, .. } = *self;
        [holders, daily_reach, daily_use, monthly_reach, main_share, traffic_share, vpn_use_share, installs, drops]
    }
}

/// Figures of the whole population, or of a cohort, on one day. Shares are NaN where there is nothing to share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PopulationRow {
    /// Share of people with a VPN.
    pub vpn_share: f64,
    /// People who got a VPN today.
    pub vpn_starts: f64,
    /// People who gave theirs up today.
    pub vpn_stops: f64,
    /// Mean number of messengers held.
    pub mean_installed: f64,
    /// Share of ties with an app that both ends hold and that works for both (tie panel).
    pub connected_ties: f64,
    /// The same if nobody had a VPN.
    pub connected_ties_without_vpn: f64,
    /// Share of the household ties connected on the eve of the start that are not connected today (tie panel).
    pub lost_household_ties: f64,
    /// Share of calls made by telephone (tie panel; portfolio rule only).
    pub phone_calls: f64,
    /// Share of use that the state can read (panel).
    pub surveilled_traffic: f64,
    /// Share of use that is end-to-end encrypted (panel).
    pub encrypted_traffic: f64,
    /// Use lost to bad access, in days of full use per person (panel).
    pub lost_use: f64,
    /// Herfindahl-Hirschman index of traffic shares: 1 is a monopoly (panel).
    pub hhi: f64,
}

impl PopulationRow {
    /// The figures, in the order of the fields.
    pub fn values(&self) -> [f64; 12] {
        let r = self;
        let [a, b, c, d] = [r.vpn_share, r.vpn_starts, r.vpn_stops, r.mean_installed];
        let [e, f, g, h] = [r.connected_ties, r.connected_ties_without_vpn, r.lost_household_ties, r.phone_calls];
        [a, b, c, d, e, f, g, h, r.surveilled_traffic, r.encrypted_traffic, r.lost_use, r.hhi]
    }
}

/// A sum of cells: the whole population, or a cohort.
pub struct Of<'a> {
    tally: &'a Tally,
    scenario: &'a Scenario,
    cells: Vec<usize>,
    /// People that a user, and a member of the audience panel, stand for.
    people: [f64; 2],
}

impl<'a> Of<'a> {
    /// The cells for which `keep` is true.
    pub fn cells(tally: &'a Tally, scenario: &'a Scenario, keep: impl Fn(usize) -> bool) -> Self {
        let all = |scalar| (0..tally.cells()).map(|c| tally.scalar(c, scalar)).sum::<i64>().max(1) as f64;
        let people = scenario.population.people as f64;
        let people = [people / all(Scalar::Users), people / all(Scalar::Panel)];
        Of { tally, scenario, cells: (0..tally.cells()).filter(|&c| keep(c)).collect(), people }
    }

    /// Everyone.
    pub fn all(tally: &'a Tally, scenario: &'a Scenario) -> Self {
        Self::cells(tally, scenario, |_| true)
    }

    fn sum(&self, measure: Measure, m: usize) -> f64 {
        self.cells.iter().map(|&c| self.tally.get(c, measure, m)).sum::<i64>() as f64
    }

    fn scalar(&self, scalar: Scalar) -> f64 {
        self.cells.iter().map(|&c| self.tally.scalar(c, scalar)).sum::<i64>() as f64
    }

    /// People in these cells.
    pub fn people(&self) -> f64 {
        self.scalar(Scalar::Users) * self.people[0]
    }

    fn traffic(&self) -> Vec<f64> {
        (0..self.scenario.messengers.len()).map(|m| self.sum(Measure::Traffic, m)).collect()
    }

    /// Figures of every messenger.
    pub fn series(&self) -> Vec<SeriesRow> {
        let [per_user, per_member] = self.people;
        let fixed = per_member / f64::from(FIXED);
        let users = self.scalar(Scalar::Users);
        let traffic = self.traffic();
        let all: f64 = traffic.iter().sum();
        (traffic.iter().enumerate())
            .map(|(m, &own)| SeriesRow {
                holders: self.sum(Measure::Holders, m) * per_user,
                daily_reach: self.sum(Measure::Reach, m) * fixed,
                daily_use: self.sum(Measure::Use, m) * fixed,
                monthly_reach: self.sum(Measure::Monthly, m) * per_member,
                main_share: share(self.sum(Measure::Main, m), users),
                traffic_share: share(own, all),
                vpn_use_share: share(self.sum(Measure::VpnTraffic, m), own),
                installs: self.sum(Measure::Installs, m) * per_user,
                drops: self.sum(Measure::Drops, m) * per_user,
            })
            .collect()
    }

    /// Figures of the people.
    pub fn population(&self) -> PopulationRow {
        let per_user = self.people[0];
        let users = self.scalar(Scalar::Users);
        let traffic = self.traffic();
        let all: f64 = traffic.iter().sum();
        let weighted = |weight: &dyn Fn(usize) -> f64| share(traffic.iter().enumerate().map(|(m, t)| t * weight(m)).sum(), all);
        let messengers = &self.scenario.messengers;
        let holdings: f64 = (0..messengers.len()).map(|m| self.sum(Measure::Holders, m)).sum();
        let fixed = f64::from(FIXED);
        PopulationRow {
            vpn_share: share(self.scalar(Scalar::Vpn), users),
            vpn_starts: self.scalar(Scalar::VpnStarts) * per_user,
            vpn_stops: self.scalar(Scalar::VpnStops) * per_user,
            mean_installed: share(holdings, users),
            connected_ties: share(self.scalar(Scalar::Connected), self.scalar(Scalar::Ties)),
            connected_ties_without_vpn: share(self.scalar(Scalar::ConnectedWithoutVpn), self.scalar(Scalar::Ties)),
            lost_household_ties: share(self.scalar(Scalar::HouseholdLost), self.scalar(Scalar::HouseholdTies)),
            phone_calls: share(self.scalar(Scalar::PhoneCalls) / fixed, self.scalar(Scalar::Callers)),
            surveilled_traffic: weighted(&|m| messengers[m].surveillance),
            encrypted_traffic: weighted(&|m| messengers[m].encryption),
            lost_use: share(self.scalar(Scalar::LostUse) / fixed, self.scalar(Scalar::Panel)),
            hhi: traffic.iter().map(|t| share(*t, all) * share(*t, all)).sum(),
        }
    }

    /// Standard error of monthly reach (people), by messenger: sampling without replacement, a proportion.
    pub fn monthly_reach_errors(&self) -> Vec<f64> {
        let (users, panel) = (self.scalar(Scalar::Users), self.scalar(Scalar::Panel));
        (0..self.scenario.messengers.len())
            .map(|m| {
                let p = share(self.sum(Measure::Monthly, m), panel);
                let left_out = ((users - panel) / (users - 1.0).max(1.0)).max(0.0);
                self.people[1] * panel * (p * (1.0 - p) / panel * left_out).sqrt()
            })
            .collect()
    }
}

fn share(part: f64, all: f64) -> f64 {
    if all == 0.0 { f64::NAN } else { part / all }
}
