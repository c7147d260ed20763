//! Random scenarios: every kind of intervention, parameters from their documented ranges.

use exodus::scenario::{self, Scenario};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fmt::Write;
use std::path::Path;

/// A source of numbers from a seed; shrinking whole scenarios would tell nothing.
pub struct Source(u64);

impl Source {
    pub fn new(seed: u64) -> Self {
        Source(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    pub fn word(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Rounded, so that it can be read.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        ((low + (high - low) * self.unit()) * 1e4).round() / 1e4
    }

    fn list(&mut self, n: usize, low: f64, high: f64) -> String {
        let numbers: Vec<String> = (0..n).map(|_| self.between(low, high).to_string()).collect();
        format!("[{}]", numbers.join(", "))
    }
}

pub fn seeds() -> impl Strategy<Value = u64> {
    any::<u64>()
}

/// The same cases on every machine.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(16),
        max_shrink_iters: 0,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Keys of the portfolio rule with ranges inside the documented ones; half are left at their defaults.
const KEYS: [(&str, f64, f64); 43] = [
    ("works_from", 0.0, 0.6),
    ("review_rate", 0.05, 0.5),
    ("shock_review_rate", 0.5, 0.9),
    ("routing.taste", 0.0, 5.0),
    ("routing.habit", 0.0, 10.0),
    ("routing.access", 0.0, 10.0),
    ("routing.incoming", 0.0, 1.0),
    ("traffic.calls", 0.0, 0.5),
    ("traffic.phone", 0.0, 1.0),
    ("traffic.channels", 0.0, 1.0),
    ("traffic.abroad", 0.0, 0.3),
    ("traffic.abroad_calls", 0.0, 1.0),
    ("traffic.least_messages", 0.0, 0.2),
    ("traffic.access_exponent", 0.0, 3.0),
    ("traffic.channel_taste", 0.0, 2.0),
    ("traffic.channel_outside", 0.01, 5.0),
    ("awareness.contact", 0.0, 0.5),
    ("install.network", 0.0, 30.0),
    ("install.marginal", 0.0, 1.0),
    ("install.poorly_reached", 0.0, 1.0),
    ("install.abroad", 0.0, 100.0),
    ("install.need", 0.0, 30.0),
    ("install.privacy", 0.0, 3.0),
    ("install.trial", 0.0, 1.0),
    ("uninstall.idle", 0.0, 0.5),
    ("uninstall.dead", 0.0, 1.0),
    ("uninstall.use_scale", 0.01, 1.0),
    ("vpn.share", 0.0, 1.0),
    ("vpn.propensity", 0.0, 5.0),
    ("vpn.need", 0.0, 20.0),
    ("vpn.contacts", 0.0, 5.0),
    ("vpn.slowed", 0.0, 1.0),
    ("vpn.cost", -2.0, 5.0),
    ("vpn.hysteresis", -2.0, 5.0),
    ("vpn.peers", 0.0, 10.0),
    ("vpn.weakness", 0.0, 10.0),
    ("vpn.messages", 0.0, 1.0),
    ("vpn.calls", 0.0, 1.0),
    ("usage.adapt", 0.0, 1.0),
    ("usage.fail", 0.0, 1.0),
    ("opening.floor", 0.0, 1.0),
    ("opening.check", 0.0, 1.0),
    ("opening.tire", 0.0, 0.5),
];

/// A scenario of so many messengers under a rule, two months long.
pub fn world(from: &mut Source, rule: &str, messengers: usize, users: u32) -> Scenario {
    let mut text = format!("name = \"random\"\nstart = 2025-01-01\nend = 2025-03-01\nseed = {}\n", from.below(1 << 30));
    let mut set = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    set(format!("[population]\npeople = {users}\nusers = {users}"));
    set("regions = [{ name = \"West\", share = 0.6, urban = 0.8 }, { name = \"East\", share = 0.4 }]".into());
    set("ages = [{ name = \"young\", share = 0.3 }, { name = \"middle\", share = 0.4 }, { name = \"old\", share = 0.3 }]".into());
    set("groups = [{ name = \"pupils\", share_by_age = [0.8, 0.1, 0.0] }, { name = \"officials\", share_by_age = [0.3] },".into());
    set("{ name = \"friends\", share_by_age = [0.5], unit = \"household\", contacts_abroad = true }]".into());
    set(format!("[model]\nrule = \"{rule}\"\nwarm_up_days = 5\nsettle_days = 5\nshock_days = {}", from.below(30)));
    for (key, low, high) in KEYS {
        if from.chance(0.5) {
            set(format!("{key} = {}", from.between(low, high)));
        }
    }
    set(format!("traffic.channels_by_age = {}", from.list(3, 0.0, 3.0)));
    set(format!("vpn.skill_by_age = {}", from.list(3, -1.0, 1.0)));
    set(format!("opening.activity_by_age = {}", from.list(3, 0.2, 2.0)));
    let [beta, j, penalty] = [from.between(0.0, 10.0), from.between(-5.0, 5.0), from.between(0.0, 5.0)];
    set(format!("logit = {{ sensitivity = {beta}, conformity = {j}, access_penalty = {penalty} }}"));
    let distribution = ["fixed", "uniform", "normal"][from.below(3)];
    let [count, immune] = [from.chance(0.3).to_string(), from.between(0.0, 0.5).to_string()];
    let [location, scale] = if count == "true" { [20.0, 40.0] } else { [0.5, 1.0] }.map(|most| from.between(0.0, most));
    let at = format!("distribution = \"{distribution}\", location = {location}, scale = {scale}");
    set(format!("threshold = {{ {at}, count = {count}, immune = {immune} }}"));
    let [p, q, quit] = [0.2, 0.8, 0.3].map(|high| from.between(0.0, high));
    set(format!("hazard = {{ spontaneous = {p}, peer = {q}, quit = {quit} }}"));
    let groups = if rule == "portfolio" && from.chance(0.6) { chats(from, &mut text) } else { Vec::new() };
    for m in 0..messengers {
        // Under the other rules a user holds one messenger.
        messenger(from, &mut text, m, if rule == "portfolio" { 1.0 } else { 1.0 / messengers as f64 });
    }
    for _ in 0..from.below(3 * messengers + 4) {
        intervention(from, &mut text, messengers, &groups);
    }
    scenario::parse(&text, Path::new("random.toml"), &[]).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// Kinds of group chats, and the groups that have some.
fn chats(from: &mut Source, text: &mut String) -> Vec<&'static str> {
    let count = 1 + from.below(3);
    let (mut kinds, mut groups) = (Vec::new(), Vec::new());
    for k in 0..count {
        let group = ["", "pupils", "officials", "friends"][from.below(4)];
        let mut kind = format!("{{ name = \"kind{k}\", share = {}", from.between(0.0, 1.0 / count as f64 - 1e-4));
        if !group.is_empty() {
            write!(kind, ", group = \"{group}\"").expect("text");
            groups.push(group);
        }
        if from.chance(0.6) {
            write!(kind, ", size = {}", from.between(2.0, 30.0)).expect("text");
        }
        kinds.push(kind + " }");
    }
    let [rate, quorum, gain] = [0.5, 0.9, 0.3].map(|high| from.between(0.0, high));
    writeln!(text, "chats = {{ kinds = [{}], rate = {rate}, quorum = {quorum}, gain = {gain} }}", kinds.join(", "))
        .expect("a line");
    groups
}

fn messenger(from: &mut Source, text: &mut String, m: usize, most_reach: f64) {
    let mut set = |line: String| writeln!(text, "{line}").expect("a line");
    set(format!("[[messenger]]\nname = \"app{m}\""));
    let launch = from.chance(0.3).then(|| 1 + from.below(28));
    if let Some(day) = launch {
        set(format!("launch = 2025-01-{day:02}"));
    } else if from.chance(0.8) {
        set(format!("reach_by_age = {}", from.list(3, 0.0, most_reach)));
    }
    if from.chance(0.3) {
        let q = [0; 3].map(|_| from.between(0.0, 1.0));
        set(format!("quality = {{ messages = {}, calls = {}, channels = {} }}", q[0], q[1], q[2]));
    }
    set(format!("aware = {}", if from.chance(0.5) { 1.0 } else { from.between(0.0, 1.0) }));
    set(format!("appeal = {}", from.between(-2.0, 2.0)));
    set(format!("appeal_by_age = {}", from.list(3, -1.0, 1.0)));
    set(format!("taste_weight = {}", from.between(0.0, 4.0)));
    set(format!("onboarding = {}", from.between(-1.0, 4.0)));
    set(format!("offset = {}", from.between(-2.0, 2.0)));
    set(format!("content = {}", from.between(0.0, 3.0)));
    set(format!("abroad = {}", from.between(0.0, 1.0)));
    set(format!("stake = {}", from.between(0.0, 3.0)));
    set(format!("surveillance = {}", from.between(0.0, 1.0)));
    set(format!("encryption = {}", from.between(0.0, 1.0)));
    // Earlier than that, perhaps only for some days.
    if let Some(before) = launch.filter(|&day| day > 1 && from.chance(0.5)) {
        let first = 1 + from.below(before - 1);
        set(format!("[[intervention]]\nkind = \"launch\"\nmessenger = \"app{m}\"\nfrom = 2025-01-{first:02}"));
        if from.chance(0.5) {
            set(format!("until = 2025-01-{:02}", first + from.below(29 - first)));
        }
    }
}

fn intervention(from: &mut Source, text: &mut String, messengers: usize, chats: &[&str]) {
    let kinds = ["block", "throttle", "outage", "shutdown", "unblock", "registration", "vpn", "promote", "mandate", "preinstall"];
    let kind = kinds[from.below(kinds.len())];
    let mut set = |line: String| writeln!(text, "{line}").expect("a line");
    set(format!("[[intervention]]\nkind = \"{kind}\""));
    let app = format!("app{}", from.below(messengers));
    match kind {
        "vpn" => {}
        "shutdown" if from.chance(0.5) => set(format!("except = [\"{app}\"]")),
        _ => set(format!("messenger = \"{app}\"")),
    }
    let month = 11 + from.below(4);
    let (year, month) = if month > 12 { (2025, month - 12) } else { (2024, month) };
    set(format!("from = {year}-{month:02}-{:02}", 1 + from.below(28)));
    if from.chance(0.3) {
        set(format!("until = 2025-03-{:02}", 1 + from.below(28)));
    }
    if from.chance(0.5) {
        set(format!("ramp_days = {}", from.below(60)));
    }
    let access = ["block", "throttle", "outage", "shutdown", "unblock"].contains(&kind);
    if access && from.chance(0.4) {
        set(format!("services = [\"{}\"]", ["messages", "calls", "channels"][from.below(3)]));
    }
    if kind != "vpn" && from.chance(0.3) {
        set(format!("regions = [\"{}\"]", ["West", "East"][from.below(2)]));
    }
    if kind == "mandate" || access && from.chance(0.2) {
        let group = ["pupils", "officials"][from.below(2)];
        set(format!("groups = [\"{group}\"]"));
        if kind == "mandate" && chats.contains(&group) {
            set(format!("chats = {}", from.between(0.0, 1.0)));
        }
    }
    match kind {
        "block" | "throttle" | "outage" | "shutdown" => {
            set(format!("severity = {}", if from.chance(0.3) { 1.0 } else { from.between(0.0, 1.0) }));
            if matches!(kind, "block" | "throttle") && from.chance(0.5) {
                set(format!("salience = {}", from.between(0.0, 3.0)));
            }
        }
        "registration" => set(format!("onboarding = {}", from.between(-2.0, 4.0))),
        "vpn" => set(format!("effectiveness = {}\ncost = {}", from.between(0.0, 1.0), from.between(-1.0, 3.0))),
        "promote" => set(format!("awareness = {}\nappeal = {}", from.between(0.0, 0.5), from.between(-2.0, 5.0))),
        "mandate" => set(format!("appeal = {}\ntraffic = {}", from.between(0.0, 5.0), from.between(0.0, 0.8))),
        "preinstall" => set(format!("rate = {}", from.between(0.0, 0.1))),
        _ => {}
    }
}
