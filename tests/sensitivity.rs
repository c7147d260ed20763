//! Sensitivity indices: functions whose indices are known, SALib on the same design, and a sweep's folder.

mod common;

use common::python;
use exodus::experiment::sensitivity::{Bootstrap, Estimate, Sensitivity, morris, prcc, sobol};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::PI;
use std::fmt::Write as _;
use std::process::Command;

const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 200, seed: 1 };

/// Saltelli's design of `k` factors in the unit cube.
fn saltelli(n: usize, k: usize) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut points = Vec::new();
    for _ in 0..n {
        let [a, b] = [(); 2].map(|()| (0..k).map(|_| rng.random()).collect::<Vec<f64>>());
        let mixed = (0..k).map(|f| (0..k).map(|g| if f == g { b[g] } else { a[g] }).collect());
        points.extend([a.clone()].into_iter().chain(mixed).chain([b.clone()]));
    }
    points
}

/// Trajectories of four levels: each factor moves once by 2/3.
fn trajectories(n: usize, k: usize) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut points = Vec::new();
    for t in 0..n {
        let mut point: Vec<f64> = (0..k).map(|_| [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0][rng.random_range(0..4)]).collect();
        points.push(point.clone());
        for step in 0..k {
            let f = (t + step) % k;
            point[f] += if point[f] < 0.5 { 2.0 / 3.0 } else { -2.0 / 3.0 };
            points.push(point.clone());
        }
    }
    points
}

fn ishigami(x: &[f64]) -> f64 {
    let x: Vec<f64> = x.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    libm::sin(x[0]) + 7.0 * libm::sin(x[1]).powi(2) + 0.1 * x[2].powi(4) * libm::sin(x[0])
}

/// Within four standard errors, about the width of the interval; which must be a narrow one.
fn near(estimate: Estimate, truth: f64, widest: f64) {
    let width = estimate.high - estimate.low;
    assert!(width < widest && (estimate.value - truth).abs() <= width + 1e-9, "{estimate:?}, truth {truth}");
}

#[test]
fn ishigami_has_its_indices() {
    let y: Vec<f64> = saltelli(1 << 14, 3).iter().map(|x| ishigami(x)).collect();
    let indices = sobol(&y, 3, BOOTSTRAP);
    for (estimates, truth) in indices.iter().zip([[0.3139, 0.5576], [0.4424, 0.4424], [0.0, 0.2437]]) {
        near(estimates[0], truth[0], 0.08);
        near(estimates[1], truth[1], 0.08);
    }
    // The same seed gives the same intervals, another one others.
    assert_eq!(indices, sobol(&y, 3, BOOTSTRAP));
    assert_ne!(indices, sobol(&y, 3, Bootstrap { seed: 2, ..BOOTSTRAP }));
}

#[test]
fn the_g_function_has_its_indices() {
    let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0];
    let g = |x: &[f64]| x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product::<f64>();
    let y: Vec<f64> = saltelli(1 << 14, 6).iter().map(|x| g(x)).collect();
    let of = a.map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a)));
    let all: f64 = of.iter().map(|v| 1.0 + v).product();
    for (f, estimates) in sobol(&y, 6, BOOTSTRAP).iter().enumerate() {
        near(estimates[0], of[f] / (all - 1.0), 0.08);
        near(estimates[1], of[f] * all / (1.0 + of[f]) / (all - 1.0), 0.08);
    }
    // What does not vary has no indices.
    assert!(sobol(&vec![3.0; y.len()], 6, BOOTSTRAP).iter().flatten().all(|e| e.value.is_nan()));
}

#[test]
fn elementary_effects_are_those_of_the_function() {
    let x = trajectories(20, 3);
    let y: Vec<f64> = x.iter().map(|x| 2.0 * x[0] - 3.0 * x[1] + 4.0 * (x[1] - 0.5) * (x[2] - 0.5)).collect();
    let effects = morris(&x, &y, BOOTSTRAP).expect("trajectories");
    let [mu, mu_star, sigma] = effects[0].map(|e| e.value);
    assert!((mu - 2.0).abs() < 1e-12 && (mu_star - 2.0).abs() < 1e-12 && sigma < 1e-12);
    assert!(effects[1].iter().zip([-3.0, 3.0]).all(|(e, truth)| (e.value - truth).abs() < 1.0) && effects[1][2].value > 0.5);
    assert!(effects[1][1].low <= effects[1][1].value && effects[1][1].value <= effects[1][1].high);
    // Two factors at a time are no trajectory.
    let mut wrong = x.clone();
    wrong[1] = vec![0.1, 0.2, 0.3];
    assert!(morris(&wrong, &y, BOOTSTRAP).is_none());
}

#[test]
fn partial_rank_correlation_is_that_of_the_textbook() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    // The second factor follows the first, the third is noise, the fourth never changes; y follows the second, steeply.
    let x: Vec<Vec<f64>> = (0..400)
        .map(|_| {
            let a: f64 = rng.random();
            vec![a, a + 0.5 * rng.random::<f64>(), rng.random(), 5.0]
        })
        .collect();
    let y: Vec<f64> = x.iter().map(|x| libm::exp(8.0 * x[1]) - 200.0 * x[2]).collect();
    let own = prcc(&x, &y, BOOTSTRAP);
    assert!(own[1].value > 0.9 && own[1].low > 0.8 && own[0].value < 0.5, "{own:?}");
    assert!(own[2].value < 0.0 && own[3].value.is_nan(), "{own:?}");
    // Of two factors: (r_ay - r_ab r_by) / sqrt((1 - r_ab^2) (1 - r_by^2)), with ranks by hand.
    let ranks = |v: Vec<f64>| v.iter().map(|a| v.iter().filter(|b| *b < a).count() as f64).collect::<Vec<_>>();
    let r = |u: &[f64], v: &[f64]| {
        let mean = (u.len() as f64 - 1.0) / 2.0;
        let sum = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(u, v)| (u - mean) * (v - mean)).sum::<f64>();
        sum(u, v) / (sum(u, u) * sum(v, v)).sqrt()
    };
    let two: Vec<Vec<f64>> = x.iter().map(|x| x[..2].to_vec()).collect();
    let [a, b] = [0, 1].map(|f| ranks(x.iter().map(|x| x[f]).collect()));
    let ranked = ranks(y.clone());
    let [ab, ay, by] = [r(&a, &b), r(&a, &ranked), r(&b, &ranked)];
    let truth = (ay - ab * by) / ((1.0 - ab * ab) * (1.0 - by * by)).sqrt();
    assert!((prcc(&two, &y, BOOTSTRAP)[0].value - truth).abs() < 1e-10);
    // Factors that only vary together cannot be distinguished.
    let together: Vec<Vec<f64>> = x.iter().map(|x| vec![x[0], 2.0 * x[0]]).collect();
    assert!(prcc(&together, &y, BOOTSTRAP).iter().all(|e| e.value.is_nan()));
}

const SALIB: &str = "
import json, sys
import numpy as np
from SALib.analyze import sobol, morris
d = json.load(open(sys.argv[1]))
problem = {'num_vars': 3, 'names': ['a', 'b', 'c'], 'bounds': [[0, 1]] * 3}
s = sobol.analyze(problem, np.array(d['sobol']), calc_second_order=False, num_resamples=2, seed=1)
m = morris.analyze(problem, np.array(d['x']), np.array(d['morris']), num_levels=4, num_resamples=2, seed=1)
print(json.dumps([list(map(float, v)) for v in (s['S1'], s['ST'], m['mu'], m['mu_star'], m['sigma'])]))
";

#[test]
fn salib_says_the_same() {
    let Some(python) = python("SALib") else { return };
    let y: Vec<f64> = saltelli(256, 3).iter().map(|x| ishigami(x)).collect();
    let x = trajectories(20, 3);
    let effects: Vec<f64> = x.iter().map(|x| ishigami(x)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("design.json");
    let design = serde_json::json!({ "sobol": y, "x": x, "morris": effects });
    std::fs::write(&path, design.to_string()).expect("written");
    let said = Command::new(&python).args(["-c", SALIB]).arg(&path).output().expect("python");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let theirs: Vec<Vec<f64>> = serde_json::from_str(text.lines().last().unwrap_or_default()).expect("JSON");
    let (indices, effects) = (sobol(&y, 3, BOOTSTRAP), morris(&x, &effects, BOOTSTRAP).expect("trajectories"));
    for f in 0..3 {
        let own = [&indices[f][..], &effects[f][..]].concat();
        for (own, theirs) in own.iter().zip(&theirs) {
            assert!((own.value - theirs[f]).abs() < 1e-9, "factor {f}: {own:?}, SALib {}", theirs[f]);
        }
    }
}

#[test]
fn a_sweep_is_read_and_its_replicates_averaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let x = saltelli(64, 3);
    let y: Vec<f64> = x.iter().map(|x| ishigami(x)).collect();
    // Two replicates, as far above as below, and an output that some runs do not have.
    let (mut points, mut results) = ("point,a,b,c\n".to_owned(), "point,replicate,seed,a,b,c,out,late\n".to_owned());
    for (p, x) in x.iter().enumerate() {
        let [a, b, c] = [x[0] * 10.0, x[1], x[2]];
        let _ = writeln!(points, "{p},{a},{b},{c}");
        for (replicate, off) in [(0, 0.5), (1, -0.5)] {
            let late = if p == 3 { "" } else { "1" };
            let _ = writeln!(results, "{p},{replicate},{},{a},{b},{c},{},{late}", 20 + replicate, y[p] + off);
        }
    }
    let manifest = |status: &str| {
        serde_json::json!({ "design": "sobol", "status": status, "outputs": [{ "name": "out" }, { "name": "late" }], "factors": [
            { "name": "a", "key": "model.a", "low": "0", "high": "10" }, { "name": "b", "low": "0", "high": "1" },
            { "name": "c", "low": "0", "high": "1" } ] })
        .to_string()
    };
    std::fs::write(folder.join("points.csv"), points).expect("written");
    std::fs::write(folder.join("results.csv"), results).expect("written");
    std::fs::write(folder.join("manifest.json"), manifest("stopped")).expect("written");
    let exodus = || assert_cmd::Command::cargo_bin("exodus").expect("the command");
    exodus().arg("sensitivity").arg(folder).assert().code(2);
    std::fs::write(folder.join("manifest.json"), manifest("finished")).expect("written");
    let own = Sensitivity::of(folder, Bootstrap { resamples: 1000, seed: 1 }).expect("indices");
    let expected = sobol(&y, 3, BOOTSTRAP);
    for f in 0..3 {
        for (own, expected) in own.outputs[0].1[f].iter().zip(expected[f]) {
            assert!((own.value - expected.value).abs() < 1e-12);
        }
    }
    assert!(own.outputs[1].1.is_empty(), "an output that a run does not have");
    let said = exodus().arg("sensitivity").arg(folder).assert().success();
    let said = String::from_utf8_lossy(&said.get_output().stdout).into_owned();
    assert!(said.contains("first_order") && said.contains("no indices"), "{said}");
    let mut table = csv::Reader::from_path(folder.join("sensitivity.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = table.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 3 * 2);
    assert_eq!((&rows[1][1], &rows[1][2]), ("a", "total"));
    assert!((rows[1][3].parse::<f64>().expect("a number") - own.outputs[0].1[0][1].value).abs() < 1e-6);
}
