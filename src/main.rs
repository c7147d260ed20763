//! bench stub
fn main() {
    let users: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let text = std::fs::read_to_string("/tmp/t.toml").unwrap();
    let mut s: exodus::scenario::Scenario = toml::from_str(&text).unwrap();
    s.population.users = users;
    let mut sim = exodus::engine::Simulation::new(s).unwrap();
    let t = std::time::Instant::now();
    println!("{:?}", sim.counters());
    let r0 = sim.counters().review_count;
    let count = |sim: &exodus::engine::Simulation| { let mut c = [0u64; 8]; for &w in sim.state().words() { for m in 0..7 { c[m] += u64::from(w >> m & 1); } c[7] += u64::from(w >> 23 & 1);} c };
    println!("{:?}", count(&sim));
    let t0 = sim.counters().reviews.seconds();
    while !sim.finished() && sim.day() < 400 { sim.step().unwrap(); if sim.day() % 30 == 0 { println!("{} {:?}", sim.date(), count(&sim)); } }
    let c = sim.counters();
    println!("{:?} {} ns/review cpu-thread", t.elapsed(), (c.reviews.seconds() - t0) * 1e9 / (c.review_count - r0) as f64);
    println!("{:?} {}", c, sim.state().hash());
}
