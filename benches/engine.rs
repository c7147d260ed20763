//! `cargo bench`: ticks of every rule, the review, graph building, draws, reading a scenario, a snapshot.
//!
//! Compare with a saved state: `cargo bench --bench engine -- --save-baseline before`, then the same with `--baseline
//! before`. A part of a name, behind the `--`, chooses benchmarks.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use exodus::engine::Simulation;
use exodus::graph::{Graph, Layered};
use exodus::model::portfolio::PortfolioRow;
use exodus::model::{Portfolio, Rule};
use exodus::population::Population;
use exodus::random::{Draws, Purpose, below_64, chance};
use exodus::scenario::{self, Scenario};
use exodus::storage::snapshot::{self, Metadata, Snapshot};
use std::hint::black_box;
use std::path::Path;

fn gallery(name: &str, changes: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
    scenario::load(&path, &changes).unwrap_or_else(|e| panic!("{e}"))
}

fn one_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool").install(work)
}

/// A day of each rule, on one thread; a day of the portfolio rule on all.
fn ticks(c: &mut Criterion) {
    let mut group = c.benchmark_group("tick");
    group.sample_size(20);
    for (name, file, users) in [
        ("portfolio, 100 000 users", "russia.toml", 100_000),
        ("portfolio, 1 000 000 users", "russia.toml", 1_000_000),
        ("logit, 20 000 users", "brock-durlauf.toml", 20_000),
        ("threshold, 50 000 users", "watts-cascade.toml", 50_000),
        ("hazard, 20 000 users", "bass.toml", 20_000),
    ] {
        // Long enough that no run comes to its end.
        let scenario = gallery(file, &[&format!("population.users={users}"), "end=2040-12-31"]);
        let mut simulation = one_thread(|| Simulation::new(scenario)).expect("a simulation");
        group.throughput(Throughput::Elements(users));
        group.bench_function(name, |b| one_thread(|| b.iter(|| simulation.step().expect("a step"))));
    }
    group.finish();
}

fn graph(c: &mut Criterion) {
    let scenario = gallery("russia.toml", &["population.users=1000000"]);
    let population = Population::new(&scenario, 1_000_000);
    let layered = Layered::new(&population, 16.0, &scenario.graph.layers);
    let mut group = c.benchmark_group("graph");
    group.sample_size(10).throughput(Throughput::Elements(8_000_000));
    group.bench_function("layered, 1 000 000 users, 8 million ties", |b| {
        b.iter(|| Graph::from_stream(&layered).expect("a graph"))
    });
    group.finish();
}

fn draws(c: &mut Criterion) {
    let draws = Draws::new(1);
    let mut group = c.benchmark_group("draws");
    group.bench_function("a block of four words", |b| {
        let mut user = 0;
        b.iter(|| {
            user += 1;
            black_box(draws.block(Purpose::Decide, user, 7, 0))
        });
    });
    group.throughput(Throughput::Elements(64));
    group.bench_function("who reviews, of 64 users", |b| {
        let mut word = 0;
        b.iter(|| {
            word += 1;
            black_box(below_64(&draws, Purpose::Review, word, 7, [chance(0.0714)]))
        });
    });
    group.finish();
}

/// One review, user by user, of users who all fit into cache; what it writes is thrown away.
fn review(c: &mut Criterion) {
    let simulation = Simulation::new(gallery("russia.toml", &["population.users=100000"])).expect("a simulation");
    let rule = Portfolio::<1>::new(simulation.scenario(), simulation.population());
    let rows = simulation.state().rows_of_type::<PortfolioRow<1>>().expect("rows of the portfolio rule");
    let mut user = 0u32;
    let mut next = move || {
        user = (user + 14) % 100_000;
        user
    };
    let mut group = c.benchmark_group("portfolio review, 100 000 users");
    group.bench_function("whole", |b| {
        b.iter(|| {
            let user = next();
            let contacts = simulation.graph().neighbors(user);
            black_box(rule.review(&simulation.user_view(user, &contacts), &mut rows[user as usize].clone()))
        })
    });
    group.bench_function("outlook", |b| b.iter(|| black_box(simulation.outlook(next()))));
    group.finish();
}

/// Writing a state of 100 000 users to disk, and opening it.
fn snapshots(c: &mut Criterion) {
    let simulation = Simulation::new(gallery("russia.toml", &["population.users=100000"])).expect("a simulation");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bench.exo");
    let row_type = simulation.state().row_type();
    let data = snapshot::state_columns(simulation.state());
    let mut group = c.benchmark_group("snapshot, 100 000 users");
    group.sample_size(20).throughput(Throughput::Bytes(data.iter().map(|column| column.bytes.len() as u64).sum()));
    group.bench_function("write", |b| {
        b.iter(|| snapshot::write(&path, &Metadata::default(), &[], row_type, &data).expect("written"))
    });
    snapshot::write(&path, &Metadata::default(), &[], row_type, &data).expect("written");
    group.bench_function("open", |b| b.iter(|| Snapshot::open(&path).expect("a snapshot")));
    group.finish();
}

fn reading(c: &mut Criterion) {
    c.bench_function("reading russia.toml", |b| b.iter_batched(|| (), |()| gallery("russia.toml", &[]), BatchSize::PerIteration));
}

criterion_group!(benches, draws, reading, review, snapshots, graph, ticks);
criterion_main!(benches);
