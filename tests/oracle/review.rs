//! One review: random users, contacts, policies and parameters.

use crate::adapt;
use crate::day::{normal_quantile, start_of};
use crate::policy::Policy as Plain;
use crate::rule::{Day, Draws, Event, User};
use crate::single::{self, View};
use crate::worlds::{Source, cases, seeds, world};
use exodus::model::portfolio::{Portfolio, PortfolioRow, step_of};
use exodus::model::{Baseline, Hazard, Logit, NO_CHAT, NOWHERE, PublicState, Rule, SingleRow, Threshold, UserView, reviewed_on};
use exodus::policy::Policy;
use exodus::population::Population;
use exodus::random::Purpose;
use exodus::scenario::{MAX_MESSENGERS, Scenario};
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

const USERS: u32 = 400;
/// Reviews of one random scenario.
const REVIEWS: usize = 80;

/// What happened so far: draws compared, reviews, reviews left aside.
static COMPARED: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// A scenario on some day, and users in whatever state.
struct Scene {
    scenario: Scenario,
    population: Population,
    policy: Policy,
    day: i32,
    states: Vec<u32>,
    baseline: Baseline,
}

impl Scene {
    fn new(from: &mut Source, rule: &str) -> Self {
        let count = 1 + from.below(MAX_MESSENGERS);
        let scenario = world(from, rule, count, USERS);
        let population = Population::new(&scenario, USERS);
        let mut policy = Policy::new(&scenario);
        let day = from.below(scenario.days() as usize) as i32;
        (0..=day).for_each(|day| policy.advance(day));
        let single = rule != "portfolio";
        let states = (0..USERS).map(|user| {
            let public = PublicState::new(policy.class(&population.profile(user))).with_vpn(from.chance(0.4));
            if single {
                return public.with_only(from.chance(0.7).then(|| from.below(count))).0;
            }
            let holds = (from.word() & from.word() | from.word() & 1) as u16 & ((1u32 << count) - 1) as u16;
            let held: Vec<usize> = (0..count).filter(|m| holds >> m & 1 == 1).collect();
            let main = if held.is_empty() || from.chance(0.1) { None } else { Some(held[from.below(held.len())]) };
            public.with_holdings(holds).with_main(main).0
        });
        let states = states.collect();
        let mut some = |high: f64| std::array::from_fn(|m| if m < count { from.between(0.0, high) as f32 } else { 0.0 });
        let baseline = Baseline { net: some(0.5), abroad: some(0.5), balance: some(3.0), vpn: from.between(-1.0, 1.0) as f32 };
        Scene { scenario, population, policy, day, states, baseline }
    }

    /// A user with contacts before a review.
    fn review<'a>(&'a self, from: &mut Source, contacts: &'a [u32]) -> UserView<'a> {
        let user = from.below(USERS as usize) as u32;
        UserView {
            user,
            days: 1 + from.below(60) as i32,
            public: PublicState(self.states[user as usize]),
            contacts,
            states: &self.states,
            chats: std::array::from_fn(|_| match from.below(4) {
                0 => NO_CHAT,
                1 => NOWHERE,
                _ => from.below(self.scenario.messengers.len()) as u8,
            }),
            policy: &self.policy,
            population: &self.population,
            baseline: &self.baseline,
            pace: if from.chance(0.1) { 0.0 } else { 1.0 },
        }
    }

    /// What this user keeps to itself.
    fn row<const N: usize>(&self, from: &mut Source, review: &UserView<'_>) -> PortfolioRow<N> {
        let count = self.scenario.messengers.len();
        let profile = self.population.profile(review.user);
        let normals = self.population.normals(&profile);
        let mut row: PortfolioRow<N> = bytemuck::Zeroable::zeroed();
        row.reviewed = reviewed_on(self.day - review.days);
        row.aware = review.public.holdings() | from.word() as u16 & ((1u32 << count) - 1) as u16;
        (row.age, row.groups) = (profile.age, profile.groups);
        (row.propensity, row.privacy) = (step_of(normals.propensity), step_of(normals.privacy));
        let tastes = self.population.tastes(review.user, &profile, count);
        for m in 0..count {
            row.taste[m / 8][m % 8] = step_of(tastes[m]);
            if review.public.holdings() >> m & 1 == 1 {
                row.usage[m / 8][m % 8] = from.word() as u8;
                row.target[m / 8][m % 8] = if from.chance(0.2) { from.word() as u8 / 16 } else { from.word() as u8 };
            }
        }
        row
    }

    fn contacts(&self, from: &mut Source) -> Vec<u32> {
        let degree = if from.chance(0.3) { from.below(301) } else { from.below(33) };
        // Somewhere in the list, without repetitions.
        let first = from.below(USERS as usize);
        (0..degree).map(|k| ((first + k) % USERS as usize) as u32).collect()
    }

    fn user(&self, user: u32) -> User {
        let mut person = adapt::person(&self.population, user, self.scenario.messengers.len());
        adapt::read_public(&mut person, PublicState(self.states[user as usize]));
        person
    }

    fn uniform(&self, user: u32) -> impl Fn(Event) -> f64 {
        move |event| adapt::uniform(self.population.draws(), user, self.day, event)
    }
}

/// The user as its public state and its row have it.
fn user_of<const N: usize>(user: &User, public: PublicState, row: &PortfolioRow<N>, day: i32) -> User {
    let count = user.holds.len();
    let mut user = user.clone();
    adapt::read_public(&mut user, public);
    user.knows = adapt::list(row.aware, count);
    let (usage, target) = (row.usage, row.target);
    user.usage = usage.as_flattened()[..count].iter().map(|&u| f64::from(u) / 255.0).collect();
    user.target = target.as_flattened()[..count].iter().map(|&x| f64::from(x) / 255.0).collect();
    user.reviewed = day;
    user
}

/// Reviews of a scene by engine and oracle.
fn reviews<const N: usize>(seed: u64, scene: &Scene, from: &mut Source) -> Result<(), TestCaseError> {
    let rule = Portfolio::<N>::new(&scene.scenario, &scene.population);
    let plain = Plain::new(&scene.scenario);
    let start = start_of(&scene.scenario, &scene.population, &scene.baseline);
    for _ in 0..REVIEWS {
        let contacts = scene.contacts(from);
        let review = scene.review(from, &contacts);
        let mut row = scene.row::<N>(from, &review);
        let (user, since) = (review.user, scene.day - review.days);
        let mut before = user_of(&scene.user(user), review.public, &row, since);
        before.on = adapt::on(&scene.scenario, before.groups, &review.chats);
        // Use moves day by day; before the first day policy stands still. A ramp may pass by the least access that works on any of them.
        let mut is_close = false;
        for day in since + 1..=scene.day {
            let on = Day { policy: &plain, start: &start, day: day.max(-1) };
            let access = on.access(&before);
            is_close |= on.may_work_or_not(&access);
            on.move_use(&mut before, &access);
        }
        let today = Day { policy: &plain, start: &start, day: scene.day };
        let people: Vec<User> = contacts.iter().map(|&j| scene.user(j)).collect();
        let contacts: Vec<_> = people.iter().map(|j| (j, today.access(j))).collect();
        let uniform = scene.uniform(user);
        let mut draws = Draws::new(&uniform);
        let expected = today.review(&before, &contacts, &mut draws, review.pace == 0.0);

        let public = rule.review(&review, &mut row);
        let found = user_of(&before, public, &row, scene.day);
        COMPARED[0].fetch_add(draws.count, Ordering::Relaxed);
        COMPARED[1].fetch_add(1, Ordering::Relaxed);
        if let Some(differs) = difference(&expected, &found) {
            prop_assert!(
                draws.near || is_close,
                "seed {seed}, user {user}: {differs}\nbefore {before:?}\noracle {expected:?}\nengine {found:?}"
            );
            COMPARED[2].fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_portfolio_rule_decides_as_the_document_says(seed in seeds()) {
        let mut from = Source::new(seed);
        let scene = Scene::new(&mut from, "portfolio");
        if scene.scenario.messengers.len() <= 8 {
            reviews::<1>(seed, &scene, &mut from)?;
        } else {
            reviews::<2>(seed, &scene, &mut from)?;
        }
        let [draws, reviews, aside] = [0, 1, 2].map(|k| COMPARED[k].load(Ordering::Relaxed));
        prop_assert!(aside * 100 <= reviews + 300, "{aside} of {reviews} reviews are left aside");
        if reviews >= 299 * REVIEWS as u64 {
            println!("{draws} draws compared in {reviews} reviews, {aside} of which lay within rounding and differed");
        }
    }
}

/// Where two users differ, if they do.
pub fn difference(a: &User, b: &User) -> Option<String> {
    let bytes = |list: &[f64]| -> Vec<u8> { list.iter().map(|x| (255.0 * x).round() as u8).collect() };
    let both = [
        ("holdings", format!("{:?}", a.holds), format!("{:?}", b.holds)),
        ("main app", format!("{:?}", a.main), format!("{:?}", b.main)),
        ("VPN", format!("{:?}", a.vpn), format!("{:?}", b.vpn)),
        ("awareness", format!("{:?}", a.knows), format!("{:?}", b.knows)),
        ("use", format!("{:?}", bytes(&a.usage)), format!("{:?}", bytes(&b.usage))),
        ("target", format!("{:?}", bytes(&a.target)), format!("{:?}", bytes(&b.target))),
        ("review", format!("{:?}", a.reviewed), format!("{:?}", b.reviewed)),
    ];
    both.into_iter().find(|(_, a, b)| a != b).map(|(what, a, b)| format!("{what}: oracle {a}, engine {b}"))
}

/// Single-app rules do not keep tastes: they are as drawn.
fn exact_tastes(population: &Population, user: u32, count: usize) -> Vec<f64> {
    population.tastes(user, &population.profile(user), count)[..count].iter().map(|&t| f64::from(t)).collect()
}

/// Single-app rules keep nothing.
const ROW: SingleRow = SingleRow { reviewed: 0 };

/// A single-app rule against its oracle.
fn single_rule(
    seed: u64,
    name: &str,
    engine: &dyn Fn(&Scenario, &UserView<'_>) -> PublicState,
    oracle: &dyn Fn(&View<'_>, &Scene, u32) -> single::Choice,
) -> Result<(), TestCaseError> {
    let mut from = Source::new(seed);
    let scene = Scene::new(&mut from, name);
    let plain = Plain::new(&scene.scenario);
    let count = scene.scenario.messengers.len();
    for _ in 0..REVIEWS {
        let contacts = scene.contacts(&mut from);
        let review = scene.review(&mut from, &contacts);
        let user = scene.user(review.user);
        let people: Vec<User> = contacts.iter().map(|&j| scene.user(j)).collect();
        let view = View {
            scenario: &scene.scenario,
            age: user.age,
            taste: exact_tastes(&scene.population, review.user, count),
            access: (0..count).map(|m| plain.access(m, user.who(), user.vpn, scene.day).access[0]).collect(),
            launched: (0..count).map(|m| plain.launched(m, scene.day)).collect(),
            on: (0..count).map(|m| people.iter().filter(|j| j.main == Some(m)).count() as f64).collect(),
            adopters: people.iter().filter(|j| j.holds[0]).count() as f64,
            degree: people.len() as f64,
            main: user.main,
            holds_first: user.holds[0],
            days: f64::from(review.days),
        };
        let (expected, near) = oracle(&view, &scene, review.user);
        let public = engine(&scene.scenario, &review);
        let mut right = user.clone();
        right.main = expected;
        right.holds = (0..count).map(|m| expected == Some(m)).collect();
        let mut found = user.clone();
        adapt::read_public(&mut found, public);
        let differs = difference(&right, &found);
        prop_assert!(differs.is_none() || near, "seed {seed}, {name}: {}", differs.unwrap_or_default());
    }
    Ok(())
}

/// The first word of a block as a number from 0 to 1.
fn unit(scene: &Scene, purpose: Purpose, user: u32, day: i32) -> f64 {
    (f64::from(scene.population.draws().block(purpose, user, day, 0)[0] >> 8) + 0.5) / f64::from(1 << 24)
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn logit_chooses_as_the_document_says(seed in seeds()) {
        let oracle = |view: &View<'_>, scene: &Scene, user| single::logit(view, unit(scene, Purpose::Decide, user, scene.day));
        single_rule(seed, "logit", &|s, review| Logit::new(s).review(review, &mut { ROW }), &oracle)?;
    }

    #[test]
    fn thresholds_are_reached_as_the_document_says(seed in seeds()) {
        let oracle = |view: &View<'_>, scene: &Scene, user| {
            let block = scene.population.draws().block(Purpose::Taste, user, 0, 0);
            // A normal number is the middle of one of 4096 equal intervals.
            let normal = normal_quantile((f64::from(block[0] >> 20) + 0.5) / 4096.0);
            let uniform = unit(scene, Purpose::Taste, user, 0);
            single::threshold(view, uniform, normal, (f64::from(block[1]) + 0.5) / 4_294_967_296.0)
        };
        single_rule(seed, "threshold", &|s, review| Threshold::new(s).review(review, &mut { ROW }), &oracle)?;
    }

    #[test]
    fn hazards_come_true_as_the_document_says(seed in seeds()) {
        let oracle = |view: &View<'_>, scene: &Scene, user| single::hazard(view, unit(scene, Purpose::Decide, user, scene.day));
        single_rule(seed, "hazard", &|s, review| Hazard::new(s).review(review, &mut { ROW }), &oracle)?;
    }
}
