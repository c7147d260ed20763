//! From tallies to the rows of the tables: people and shares.

use super::field::{Base, Field, Unit, figures};
use super::tally::FIXED;
use super::{Measure, Scalar, Tally};
use crate::scenario::Scenario;

figures! {
    /// Figures of one messenger on one day. Shares are NaN where there is nothing to share.
    SeriesRow {
        holders: People, Users, "holders", "People who hold it.";
        daily_reach: People, AudiencePanel, "daily reach", "People who opened it that day, whether or not it worked.";
        daily_use: People, AudiencePanel, "daily use", "People who opened it that day and for whom it worked.";
        monthly_reach: People, AudiencePanel, "monthly reach", "People who opened it in the last 30 days, or in those of `observe.reach_days`.";
        main_share: Share, Users, "main app", "Share of people whose main app it is.";
        traffic_share: Share, AudiencePanel, "share of traffic", "Its share of all use of messengers; empty where there is none.";
        vpn_use_share: Share, AudiencePanel, "use through a VPN", "Share of its use that goes through a VPN; empty where it has none.";
        installs: People, Users, "installs", "People who installed it that day.";
        drops: People, Users, "removals", "People who removed it that day.";
    }
}

figures! {
    /// Figures of the whole population, or of a cohort, on one day. Shares are NaN where there is nothing to share.
    PopulationRow {
        vpn_share: Share, Users, "People with a VPN", "Share of people with a VPN.";
        vpn_starts: People, Users, "VPNs begun", "People who got a VPN that day.";
        vpn_stops: People, Users, "VPNs given up", "People who gave theirs up that day.";
        mean_installed: Messengers, Users, "Messengers held, mean", "Messengers held by a person, mean.";
        connected_ties: Share, TiePanel, "Ties that can talk", "Share of ties with an app that both ends hold and that works for both.";
        connected_ties_without_vpn: Share, TiePanel, "Ties that could without VPNs", "The same if nobody had a VPN.";
        lost_household_ties: Share, TiePanel, "Household ties lost",
            "Share of household ties connected on the eve of the start that are not that day.";
        phone_calls: Share, TiePanel, "Calls by telephone", "Share of calls made by telephone; portfolio rule only.";
        surveilled_traffic: Share, AudiencePanel, "Surveilled traffic", "Share of use that the state can read.";
        encrypted_traffic: Share, AudiencePanel, "Encrypted traffic", "Share of use that is end-to-end encrypted.";
        lost_use: Days, AudiencePanel, "Use lost, days per person", "Use lost to bad access, in days of full use per person.";
        hhi: Index, AudiencePanel, "Concentration (HHI)", "Herfindahl-Hirschman index of traffic shares: 1 is a monopoly.";
    }
}

/// A sum of cells: the whole population, or a cohort.
pub struct Aggregate<'a> {
    tally: &'a Tally,
    scenario: &'a Scenario,
    cells: Vec<usize>,
    /// People that a user, and a member of the audience panel, stand for.
    people: [f64; 2],
}

impl<'a> Aggregate<'a> {
    /// The cells for which `keep` is true.
    pub fn cells(tally: &'a Tally, scenario: &'a Scenario, keep: impl Fn(usize) -> bool) -> Self {
        let all = |scalar| (0..tally.cells()).map(|c| tally.scalar(c, scalar)).sum::<i64>().max(1) as f64;
        let people = scenario.population.people as f64;
        let people = [people / all(Scalar::Users), people / all(Scalar::Panel)];
        Aggregate { tally, scenario, cells: (0..tally.cells()).filter(|&c| keep(c)).collect(), people }
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

    /// Standard error of monthly reach (people), by messenger, as a figure of all users, of whom the panel is a sample.
    pub fn panel_errors(&self) -> Vec<f64> {
        self.monthly_reach_errors(self.scalar(Scalar::Users))
    }

    /// The same as a figure of all people, of whom the panel of the users is a sample.
    pub fn sampling_errors(&self) -> Vec<f64> {
        self.monthly_reach_errors(self.scalar(Scalar::Users) * self.people[0])
    }

    /// A proportion, of a sample that the panel is of so many, without replacement (Cochran 1977, 3.8).
    fn monthly_reach_errors(&self, all: f64) -> Vec<f64> {
        let panel = self.scalar(Scalar::Panel);
        (0..self.scenario.messengers.len())
            .map(|m| {
                let p = share(self.sum(Measure::Monthly, m), panel);
                let left_out = ((all - panel) / (all - 1.0).max(1.0)).max(0.0);
                self.people[1] * panel * (p * (1.0 - p) / panel * left_out).sqrt()
            })
            .collect()
    }
}

fn share(part: f64, all: f64) -> f64 {
    if all == 0.0 { f64::NAN } else { part / all }
}
