//! What a change makes of monthly reach, with its error.

use crate::model::bits;
use crate::scenario::Scenario;

/// Changed minus original, of one messenger on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// People.
    pub people: f64,
    /// Its standard error, people: of the users as a sample of the people.
    pub error: f64,
}

/// Parts of the panel, by number of the user, whose differences say how far a figure may be off. Users of a household and of a town
/// follow each other and move together; a part holds many of them.
const PARTS: usize = 50;

/// Differences in monthly reach by messenger, from the messengers that every member of the panel opened in a month: in the original,
/// and as it was changed.
///
/// Members are paired with themselves. The error is that of a mean of parts in order, by the differences between neighbours
/// (Wolter 2007, 8.2), so that what is different between regions, which every sample has its share of, does not count. It holds no
/// chance that all users share, such as when a small messenger begins to grow: only runs with other seeds show that.
pub(super) fn differences(original: &[u16], changed: &[u16], scenario: &Scenario) -> Vec<Difference> {
    let members = original.len();
    let parts = PARTS.min(members);
    let mut moved = vec![vec![0i64; parts]; scenario.messengers.len()];
    for part in 0..parts {
        let range = part * members / parts..(part + 1) * members / parts;
        for (before, after) in original[range.clone()].iter().zip(&changed[range]) {
            for m in bits(after & !before) {
                moved[m][part] += 1;
            }
            for m in bits(before & !after) {
                moved[m][part] -= 1;
            }
        }
    }
    let people = scenario.population.people as f64;
    let left_out = ((people - members as f64) / (people - 1.0).max(1.0)).max(0.0);
    let of = |moved: &Vec<i64>| {
        let mean = moved.iter().sum::<i64>() as f64 / members as f64;
        let size = |part: usize| ((part + 1) * members / parts - part * members / parts) as f64;
        let share = |part: usize| moved[part] as f64 / size(part);
        let squares: f64 = (1..parts).map(|part| (share(part) - share(part - 1)).powi(2)).sum();
        let variance = squares / 2.0 / (parts.max(2) - 1) as f64 / parts as f64;
        Difference { people: mean * people, error: (variance * left_out).sqrt() * people }
    };
    moved.iter().map(of).collect()
}
