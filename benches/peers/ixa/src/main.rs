//! The reference workload in ixa: `EDGES AGENTS SEED`. App, taste and VPN are properties, ties are edges of its network; a
//! plan a tick draws who reviews, asks what their neighbours use, and then sets the apps that change.

use ixa::prelude::*;
use ixa::rand::RngExt;
use std::time::Instant;

const TICKS: usize = 50;
const APPEAL: [f32; 4] = [1.0, 0.8, 0.2, 0.0];
const START: [f32; 4] = [0.60, 0.90, 0.95, 1.0];

define_entity!(User);
define_property!(struct App(u8), User);
define_property!(struct Taste([f32; 4]), User, impl_eq_hash = both);
define_property!(struct HasVpn(bool), User);
define_edge_type!(struct Tie, User);
define_rng!(Draws);
define_data_plugin!(Shares, Vec<[f64; 4]>, Vec::new());

fn tick(context: &mut Context, users: &[UserId], tick: usize) {
    let reviewers: Vec<(UserId, f32)> = context.sample(Draws, |random| {
        let mut draw = |&user: &UserId| (random.random::<f32>() < 0.1).then(|| (user, random.random::<f32>()));
        users.iter().filter_map(|user| draw(user)).collect()
    });
    let mut changes = Vec::new();
    for (user, draw) in reviewers {
        let mut on = [0u32; 4];
        let ties = context.get_edges::<User, Tie>(user);
        for tie in &ties {
            let App(app) = context.get_property(tie.neighbor);
            on[app as usize] += 1;
        }
        let degree = ties.len().max(1) as f32;
        let (Taste(taste), HasVpn(vpn)) = (context.get_property(user), context.get_property(user));
        let mut weights = [0.0f32; 4];
        for m in 0..4 {
            let mut utility = APPEAL[m] + taste[m] + 2.0 * on[m] as f32 / degree;
            if m == 0 && tick >= TICKS / 2 {
                utility -= if vpn { 1.0 } else { 2.0 };
            }
            weights[m] = utility.exp();
        }
        let mut left = draw * weights.iter().sum::<f32>();
        let mut choice = 0;
        while choice < 3 && left >= weights[choice] {
            left -= weights[choice];
            choice += 1;
        }
        changes.push((user, App(choice as u8)));
    }
    for (user, app) in changes {
        if context.get_property::<User, App>(user) != app {
            context.set_property(user, app);
        }
    }
    let mut count = [0u32; 4];
    for &user in users {
        let App(app) = context.get_property(user);
        count[app as usize] += 1;
    }
    context.get_data_mut(Shares).push(count.map(|count| f64::from(count) / users.len() as f64));
}

fn main() -> Result<(), IxaError> {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().collect();
    let n: usize = args[2].parse().expect("a number of agents");
    let mut context = Context::new();
    context.init_random(args[3].parse().expect("a seed"));
    let mut users = Vec::with_capacity(n);
    for _ in 0..n {
        let [start, vpn, a, b, c, d] = context.sample(Draws, |random| random.random::<[f32; 6]>());
        let app = START.iter().position(|&below| start < below).unwrap_or(3) as u8;
        let taste = [a, b, c, d].map(|draw| draw - 0.5);
        users.push(context.add_entity(with!(User, App(app), Taste(taste), HasVpn(vpn < 0.3)))?);
    }
    let bytes = std::fs::read(&args[1]).expect("the edge file");
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize;
    for tie in bytes.chunks_exact(8) {
        let (a, b) = (users[number(tie)], users[number(&tie[4..])]);
        context.add_edge(a, b, 1.0, Tie)?;
        context.add_edge(b, a, 1.0, Tie)?;
    }
    drop(bytes);
    let users = std::rc::Rc::new(users);
    for t in 0..TICKS {
        let users = users.clone();
        context.add_plan(t as f64, move |context| tick(context, &users, t));
    }
    let setup = started.elapsed().as_secs_f64();
    let begun = Instant::now();
    context.execute();
    let seconds = begun.elapsed().as_secs_f64();
    let shares = context.get_data(Shares);
    println!("{{\"setup_seconds\": {setup}, \"loop_seconds\": {seconds}, \"shares\": {shares:?}}}");
    Ok(())
}
