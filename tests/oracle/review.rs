//! One review: random users, contacts, policies and parameters.

use crate::adapt;
use crate::day::{normal_quantile, start_of, vpn_threshold};
use crate::policy::Policy as Plain;
use crate::rule::{Day, Draws, Event, User};
use crate::single::{self, View};
use crate::worlds::{Source, cases, seeds, world};
use exodus::model::{Baseline, Hazard, Logit, Portfolio, Review, Rule, Threshold, Word};
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
    words: Vec<u32>,
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
        let words = (0..USERS).map(|user| {
            let word = Word::new(policy.class(&population.profile(user))).with_vpn(from.chance(0.4));
            if single {
                return word.with_only(from.chance(0.7).then(|| from.below(count))).0;
            }
            let holds = (from.word() & from.word() | from.word() & 1) as u16 & ((1u32 << count) - 1) as u16;
            let held: Vec<usize> = (0..count).filter(|m| holds >> m & 1 == 1).collect();
            let main = if held.is_empty() || from.chance(0.1) { None } else { Some(held[from.below(held.len())]) };
            word.with_holdings(holds).with_main(main).0
        });
        let words = words.collect();
        let mut some = |high: f64| std::array::from_fn(|m| if m < count { from.between(0.0, high) as f32 } else { 0.0 });
        let baseline = Baseline { net: some(0.5), abroad: some(0.5), balance: some(3.0), vpn: from.between(-1.0, 1.0) as f32 };
        Scene { scenario, population, policy, day, words, baseline }
    }

    /// A user with contacts before a review.
    fn review<'a>(&'a self, from: &mut Source, contacts: &'a [u32]) -> Review<'a> {
        let user = from.below(USERS as usize) as u32;
        let word = Word(self.words[user as usize]);
        let mut review = Review {
            user,
            days: 1 + from.below(60) as i32,
            word,
            contacts,
            words: &self.words,
            policy: &self.policy,
            population: &self.population,
            baseline: &self.baseline,
            pace: if from.chance(0.1) { 0.0 } else { 1.0 },
            aware: word.holdings() | from.word() as u16 & ((1u32 << self.scenario.messengers.len()) - 1) as u16,
            usage: [0; MAX_MESSENGERS],
            target: [0; MAX_MESSENGERS],
        };
        for m in (0..MAX_MESSENGERS).filter(|m| word.holdings() >> m & 1 == 1) {
            review.usage[m] = from.word() as u8;
            review.target[m] = if from.chance(0.2) { from.word() as u8 / 16 } else { from.word() as u8 };
        }
        review
    }

    fn contacts(&self, from: &mut Source) -> Vec<u32> {
        let degree = if from.chance(0.3) { from.below(301) } else { from.below(33) };
        // Somewhere in the list, without repetitions.
        let first = from.below(USERS as usize);
        (0..degree).map(|k| ((first + k) % USERS as usize) as u32).collect()
    }

    fn user(&self, user: u32) -> User {
        let mut person = adapt::person(&self.population, user, self.scenario.messengers.len());
        adapt::read_word(&mut person, Word(self.words[user as usize]));
        person
    }

    fn uniform(&self, user: u32) -> impl Fn(Event) -> f64 {
        move |event| adapt::uniform(self.population.draws(), user, self.day, event)
    }
}

/// The user as a review has left it, by the engine.
fn after(user: &User, review: &Review<'_>, word: Word, day: i32) -> User {
    let count = user.holds.len();
    let mut user = user.clone();
    adapt::read_word(&mut user, word);
    user.knows = adapt::list(review.aware, count);
    user.usage = review.usage[..count].iter().map(|&u| f64::from(u) / 255.0).collect();
    user.target = review.target[..count].iter().map(|&x| f64::from(x) / 255.0).collect();
    user.reviewed = day;
    user
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_portfolio_rule_decides_as_the_document_says(seed in seeds()) {
        let mut from = Source::new(seed);
        let scene = Scene::new(&mut from, "portfolio");
        let threshold = vpn_threshold(&scene.scenario, &scene.population);
        let rule = Portfolio::new(&scene.scenario, scene.population.abroad_groups(), threshold);
        let plain = Plain::new(&scene.scenario);
        let start = start_of(&scene.scenario, &scene.population, &scene.baseline);
        for _ in 0..REVIEWS {
            let contacts = scene.contacts(&mut from);
            let mut review = scene.review(&mut from, &contacts);
            let (user, since) = (review.user, scene.day - review.days);
            let mut before = after(&scene.user(user), &review, review.word, since);
            // Use moves day by day; before the first day policy stands still.
            for day in since + 1..=scene.day {
                let on = Day { policy: &plain, start: &start, day: day.max(-1) };
                let access = on.access(&before);
                on.move_use(&mut before, &access);
            }
            let today = Day { policy: &plain, start: &start, day: scene.day };
            let people: Vec<User> = contacts.iter().map(|&j| scene.user(j)).collect();
            let contacts: Vec<_> = people.iter().map(|j| (j, today.access(j))).collect();
            let uniform = scene.uniform(user);
            let mut draws = Draws::new(&uniform);
            let expected = today.review(&before, &contacts, &mut draws, review.pace == 0.0);

            let word = rule.review(&mut review);
            let found = after(&before, &review, word, scene.day);
            COMPARED[0].fetch_add(draws.count, Ordering::Relaxed);
            COMPARED[1].fetch_add(1, Ordering::Relaxed);
            if let Some(differs) = difference(&expected, &found) {
                prop_assert!(draws.near, "seed {seed}, user {user}: {differs}\nbefore {before:?}\noracle {expected:?}\nengine {found:?}");
                COMPARED[2].fetch_add(1, Ordering::Relaxed);
            }
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

/// A single-app rule against its oracle.
fn single_rule(
    seed: u64,
    name: &str,
    engine: &dyn Fn(&Scenario) -> Box<dyn Rule>,
    oracle: &dyn Fn(&View<'_>, &Scene, u32) -> single::Choice,
) -> Result<(), TestCaseError> {
    let mut from = Source::new(seed);
    let scene = Scene::new(&mut from, name);
    let rule = engine(&scene.scenario);
    let plain = Plain::new(&scene.scenario);
    let count = scene.scenario.messengers.len();
    for _ in 0..REVIEWS {
        let contacts = scene.contacts(&mut from);
        let mut review = scene.review(&mut from, &contacts);
        let user = scene.user(review.user);
        let people: Vec<User> = contacts.iter().map(|&j| scene.user(j)).collect();
        let view = View {
            scenario: &scene.scenario,
            age: user.age,
            taste: user.taste.clone(),
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
        let word = rule.review(&mut review);
        let mut right = user.clone();
        right.main = expected;
        right.holds = (0..count).map(|m| expected == Some(m)).collect();
        let mut found = user.clone();
        adapt::read_word(&mut found, word);
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
        single_rule(seed, "logit", &|s| Box::new(Logit::new(s)), &oracle)?;
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
        single_rule(seed, "threshold", &|s| Box::new(Threshold::new(s)), &oracle)?;
    }

    #[test]
    fn hazards_come_true_as_the_document_says(seed in seeds()) {
        let oracle = |view: &View<'_>, scene: &Scene, user| single::hazard(view, unit(scene, Purpose::Decide, user, scene.day));
        single_rule(seed, "hazard", &|s| Box::new(Hazard::new(s)), &oracle)?;
    }
}
