//! A rule of one's own: copy a random contact. On a graph where all have as many contacts the share of an opinion is
//! a martingale (Clifford and Sudbury 1973, Holley and Liggett 1975).

use crate::{assert_near, circulant, go_on, moments, share, single_app};
use exodus::engine::Simulation;
use exodus::graph::Graph;
use exodus::model::{PublicState, Rule, SingleRow, UserView};
use exodus::random::Purpose;
use std::sync::Arc;

struct Voter;

impl Rule for Voter {
    type Row = SingleRow;

    fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
        let draw = review.population.draws().block(Purpose::User, review.user, review.today().day, 0)[0];
        let contact = review.contacts[draw as usize % review.contacts.len()];
        review.public.with_only(PublicState(review.states[contact as usize]).main())
    }
}

#[test]
fn the_share_of_an_opinion_stays_in_expectation() {
    let users = 400;
    let graph = Arc::new(Graph::from_ties(users, &circulant(users)).expect("a graph"));
    let changes: Vec<f64> = (0..300)
        .map(|seed| {
            let scenario = single_app(seed, users, [0.3, 0.7], "review_rate = 0.5\nrule = \"logit\"");
            let mut simulation = Simulation::with_rule(scenario, Arc::clone(&graph), Voter).expect("a simulation");
            let before = share(&simulation, 0);
            go_on(&mut simulation, 150);
            share(&simulation, 0) - before
        })
        .collect();
    let (mean, deviation) = moments(&changes);
    assert!(deviation > 0.1, "opinions move: {deviation}");
    assert_near(mean, 0.0, deviation / (changes.len() as f64).sqrt(), "mean change");
}
