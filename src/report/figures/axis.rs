//! Where ticks stand, and what is written at them.

use super::{font, style};
use crate::scenario::Date;

/// Round numbers from `low` to `high` or a little beyond: at most about `most` steps of 1, 2, 2.5 or 5 times a power of ten.
pub(super) fn numbers(low: f64, high: f64, most: f64) -> Vec<(f64, String)> {
    // Of nothing at all, from 0 to 1.
    let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
    let span = if high > low { high - low } else { 1.0 };
    let power = 10f64.powi((span / most).log10().floor() as i32);
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|s| s * power).into_iter().find(|step| span / step <= most).unwrap_or(power * 10.0);
    let (scale, letter) = match low.abs().max(high.abs()) {
        x if x >= 1e6 => (1e6, "M"),
        x if x >= 1e5 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let whole = |x: f64| (x - x.round()).abs() < 1e-6;
    let decimals = (0..9).find(|&d| whole(step / scale * 10f64.powi(d))).unwrap_or(9) as usize;
    let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
    let label = |k: i64| {
        let letter = if k == 0 { "" } else { letter };
        (k as f64 * step, format!("{:.decimals$}{letter}", k as f64 * step / scale).replace('-', "\u{2212}"))
    };
    (first..=last.max(first + 1)).map(label).collect()
}

/// Powers of ten between two logarithms to base ten; of a short range their doubles and fives too. The numbers themselves.
pub(super) fn logarithms(low: f64, high: f64) -> Vec<(f64, String)> {
    let factors: &[f64] = if high - low > 2.5 {
        &[1.0]
    } else if high - low > 1.2 {
        &[1.0, 3.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let powers = low.floor() as i32..=high.ceil() as i32;
    let all =
        powers.flat_map(|power| factors.iter().map(move |factor| format!("{factor}e{power}").parse::<f64>().unwrap_or(1.0)));
    let inside = all.filter(|x| (low - 1e-9..=high + 1e-9).contains(&x.log10()));
    let label = |x: f64| match x {
        x if x >= 1e6 => format!("{}M", x / 1e6),
        x if x >= 1e4 => format!("{}k", x / 1e3),
        x => x.to_string(),
    };
    inside.map(|x| (x, label(x))).collect()
}

/// A day with what is written under it: a line, and perhaps a second one.
pub(super) type DateTick = (Date, [String; 2]);

/// Days from tick to tick, within a month or two.
const STEPS: [i32; 6] = [1, 2, 5, 7, 10, 14];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day in words: `13 Aug 2025`.
pub(super) fn day(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

fn month(date: Date) -> &'static str {
    MONTHS[(date.month() - 1).clamp(0, 11) as usize]
}

/// Ticks between two days on an axis of `length` points: as many as have room for their labels.
pub(super) fn dates(first: Date, last: Date, length: f64) -> Vec<DateTick> {
    let days: Vec<Date> = (0..=first.days_until(last)).map(|k| first.plus(k)).collect();
    let scale = length / f64::from(first.days_until(last).max(1));
    let fits = |ticks: &[DateTick]| {
        ticks.windows(2).all(|pair| {
            let half = |tick: &DateTick| tick.1.iter().map(|t| font::width(t, style::SMALL)).fold(0.0f64, f64::max) / 2.0;
            f64::from(pair[0].0.days_until(pair[1].0)) * scale > half(&pair[0]) + half(&pair[1]) + 2.0 * style::GAP
        })
    };
    // From every day to every thousandth year. Days are equally far apart, counted from the first of a month, where one is shown.
    let month = days.iter().copied().find(|date| date.day() == 1).unwrap_or(first);
    let by_days =
        STEPS.into_iter().map(|step| -> Box<dyn Fn(Date) -> bool> { Box::new(move |date| month.days_until(date) % step == 0) });
    let by_months = [1i8, 2, 3, 6]
        .into_iter()
        .map(|step| -> Box<dyn Fn(Date) -> bool> { Box::new(move |date| date.day() == 1 && (date.month() - 1) % step == 0) });
    let by_years = [1i16, 2, 5, 10, 20, 50, 100, 200, 500, 1000].into_iter().map(|step| -> Box<dyn Fn(Date) -> bool> {
        Box::new(move |date| date.day() == 1 && date.month() == 1 && date.year() % step == 0)
    });
    let monthly = days.iter().filter(|date| date.day() == 1).count() > 2;
    let mut best = Vec::new();
    for (k, keep) in by_days.chain(by_months).chain(by_years).enumerate() {
        if k < STEPS.len() && monthly {
            continue;
        }
        let kept: Vec<Date> = days.iter().copied().filter(|&date| keep(date)).collect();
        let ticks = labelled(&kept, k < STEPS.len(), k >= STEPS.len() + 4);
        if fits(&ticks) && !(k >= STEPS.len() && ticks.len() < 2) {
            best = ticks;
            break;
        }
    }
    best
}

/// Months or days, and below them the year where it is a new one; or years alone.
fn labelled(dates: &[Date], days: bool, years: bool) -> Vec<DateTick> {
    let label = |k: usize| {
        let date = dates[k];
        let year = date.year().to_string();
        if years {
            return (date, [year, String::new()]);
        }
        let head = if days { format!("{} {}", date.day(), month(date)) } else { month(date).to_owned() };
        let new = k == 0 || dates[k - 1].year() != date.year();
        (date, [head, if new { year } else { String::new() }])
    };
    (0..dates.len()).map(label).collect()
}

/// Moves positions apart so that neighbours are at least `gap` from each other and all lie between `low` and `high`,
/// as far as there is room. Each stays as near to where it was as its neighbours let it.
pub(super) fn spread(at: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..at.len()).collect();
    order.sort_by(|&a, &b| at[a].total_cmp(&at[b]).then(a.cmp(&b)));
    // Blocks of labels that touch: where the first one is, and how many; a block lies at the mean of what its labels want.
    let mut blocks: Vec<(f64, usize, f64)> = Vec::new();
    let start = |wish: f64, n: usize| (wish / n as f64 - gap * (n - 1) as f64 / 2.0).min(high - gap * (n - 1) as f64).max(low);
    for &k in &order {
        let mut block = (start(at[k], 1), 1usize, at[k]);
        while let Some(&(first, n, wish)) = blocks.last() {
            if first + gap * n as f64 <= block.0 {
                break;
            }
            blocks.pop();
            block = (start(wish + block.2, n + block.1), n + block.1, wish + block.2);
        }
        blocks.push(block);
    }
    let mut places = vec![0.0; at.len()];
    let placed = blocks.iter().flat_map(|&(first, n, _)| (0..n).map(move |k| first + gap * k as f64));
    for (place, &k) in placed.zip(&order) {
        places[k] = place;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_round_and_cover_the_range() {
        let labels = |low, high| numbers(low, high, 5.0).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(0.0, 97.3), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(0.0, 0.9), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-3.0, 5.0), ["\u{2212}4", "\u{2212}2", "0", "2", "4", "6"]);
        assert_eq!(labels(0.0, 3.1e6), ["0", "1M", "2M", "3M", "4M"]);
        assert_eq!(labels(86e6, 96e6), ["86M", "88M", "90M", "92M", "94M", "96M"]);
        assert_eq!(labels(0.0, 1.2e7), ["0.0", "2.5M", "5.0M", "7.5M", "10.0M", "12.5M"]);
        assert_eq!(labels(f64::INFINITY, f64::NEG_INFINITY).len(), 6);
        // A line that never moves has an axis of one step.
        assert_eq!(labels(2.0, 2.0), ["2.0", "2.2"]);
    }

    #[test]
    fn logarithms_have_round_numbers() {
        let labels = |low: f64, high: f64| logarithms(low.log10(), high.log10()).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels(0.01, 1.0), ["0.01", "0.03", "0.1", "0.3", "1"]);
        assert_eq!(labels(1.0, 1e6), ["1", "10", "100", "1000", "10k", "100k", "1M"]);
        assert_eq!(labels(2.0, 6.0), ["2", "5"]);
    }

    #[test]
    fn labels_come_apart_and_stay_inside() {
        let placed = spread(&[5.0, 5.0, 0.0, 99.0, 98.0], 10.0, 0.0, 100.0);
        let mut sorted = placed.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9), "{placed:?}");
        assert!(sorted[0] >= 0.0 && sorted[4] <= 100.0, "{placed:?}");
        assert!(placed[2] < placed[0] && placed[4] < placed[3], "in their order: {placed:?}");
    }

    #[test]
    fn dates_have_room_for_their_labels() {
        let date = |text: &str| text.parse::<Date>().expect("a date");
        for (last, count) in [("2026-12-31", 4..14), ("2025-03-01", 2..10), ("2024-12-03", 2..4), ("2090-12-31", 3..12)] {
            let ticks = dates(date("2024-12-01"), date(last), 160.0);
            assert!(count.contains(&ticks.len()), "{last}: {ticks:?}");
        }
        for length in [60.0, 100.0, 160.0, 400.0] {
            let ticks = dates(date("2025-06-14"), date("2025-08-05"), length);
            let steps: Vec<i32> = ticks.windows(2).map(|pair| pair[0].0.days_until(pair[1].0)).collect();
            assert!(steps.windows(2).all(|pair| pair[0] == pair[1]), "over the ends of months too: {ticks:?}");
            assert!(ticks.iter().any(|tick| tick.0 == date("2025-07-01")), "{ticks:?}");
        }
        let ticks = dates(date("2024-12-01"), date("2026-12-31"), 160.0);
        assert!(ticks.iter().any(|tick| tick.1[1] == "2025") && ticks.iter().any(|tick| tick.1[1] == "2026"), "{ticks:?}");
    }
}
