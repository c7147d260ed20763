//! Who knows whom.

mod csr;

pub use csr::Graph;

use crate::error::Result;
use crate::population::Population;
use crate::scenario::GraphSpec;
pub fn generate(spec: &GraphSpec, population: &Population, _folder: &std::path::Path) -> Result<Graph> {
    let n = population.users();
    let mut ties = vec![];
    let draws = population.draws();
    for i in 0..n { for k in 0..(spec.mean_degree as u32)/2 {
        let w = draws.block(crate::random::Purpose::GraphClassic, i, 0, k);
        let j = if w[0] % 10 < 8 { (i + 1 + w[1] % 60).min(n-1) } else { w[1] % n };
        if i != j { ties.push((i,j)); ties.push((j,i)); }
    }}
    ties.sort_unstable(); ties.dedup();
    csr::from_sorted(n, &ties)
}
pub fn predicted_bytes(spec: &GraphSpec, users: u64) -> u64 { (users as f64 * (4.0 * spec.mean_degree + 4.0)) as u64 }
impl Graph { 
/// TEMP
pub fn from_ties(nodes: u32, ties: &[(u32,u32)]) -> Result<Graph> {
    let mut arcs: Vec<(u32,u32)> = ties.iter().flat_map(|&(a,b)| [(a,b),(b,a)]).collect();
    arcs.sort_unstable(); arcs.dedup(); csr::from_sorted(nodes, &arcs) } }
