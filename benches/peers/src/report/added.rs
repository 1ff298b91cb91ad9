//! The table of what contenders add to the first, with intervals, and words where those are too wide.

use super::markdown::number;
use crate::sample::{Sample, figure};

/// An interval of a ratio whose end is more than so many times its beginning says nothing.
pub(super) const WIDEST: f64 = 2.0;

/// A table for each load.
pub(super) fn table(samples: &[&Sample]) -> String {
    let mut text = String::new();
    let mut loads: Vec<&str> = samples.iter().map(|sample| sample.variant.as_str()).collect();
    loads.dedup();
    for load in loads {
        let rows: Vec<&&Sample> = samples.iter().filter(|sample| sample.variant == load).collect();
        let of = |name| rows.first().and_then(|sample| sample.figures.get(name)).copied().unwrap_or(f64::NAN);
        if of(figure::ROUNDS) == 0.0 {
            text += &format!("At {load} nothing can be told: the client itself was kept from running.\n\n");
            continue;
        }
        text += &format!(
            "At {load} ({} requests/s; {} rounds):\n\n\
             | | p99 ms | it adds, ms | 95 % | nginx's = 1 | 95 % | p99 ms of all rounds | p99.9 | left out |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
            number(of(figure::RATE), 0),
            number(of(figure::ROUNDS), 0),
        );
        rows.iter().for_each(|sample| text += &row(sample));
        text.push('\n');
    }
    text
}

fn row(sample: &Sample) -> String {
    let of = |name| sample.figures.get(name).copied();
    let ms = |name| of(name).map_or_else(|| "–".to_owned(), |time| number(time / 1e3, 3));
    let (added, added_range) = added(figure::ADDED.map(of));
    let (times, times_range) = times(figure::TIMES.map(of));
    let left_out = of(figure::LEFT_OUT).unwrap_or(0.0) * 100.0;
    format!(
        "| {} | {} | {added} | {added_range} | {times} | {times_range} | {} | {} | {} % |\n",
        sample.row,
        ms(figure::P99),
        ms(figure::P99_OF_ALL),
        ms(figure::P999),
        number(left_out, 1),
    )
}

/// A difference, and its interval.
fn added(interval: [Option<f64>; 3]) -> (String, String) {
    let [Some(added), Some(low), Some(high)] = interval.map(|time| time.map(|time| time / 1e3)) else {
        return ("–".to_owned(), "–".to_owned());
    };
    let shown =
        if low <= 0.0 && high >= 0.0 { "can't be told from none".to_owned() } else { number(added, 3) };
    (shown, range(low, high, 3))
}

/// A ratio, and its interval.
fn times(interval: [Option<f64>; 3]) -> (String, String) {
    let [Some(times), Some(low), Some(high)] = interval else { return ("–".to_owned(), "–".to_owned()) };
    (if is_told(low, high) { number(times, 2) } else { "can't be told".to_owned() }, range(low, high, 2))
}

/// Returns whether a ratio in that interval is known well enough to be shown.
pub(super) fn is_told(low: f64, high: f64) -> bool {
    low > 0.0 && high <= WIDEST * low
}

fn range(low: f64, high: f64, digits: usize) -> String {
    if high.is_finite() {
        format!("{} to {}", number(low, digits), number(high, digits))
    } else {
        format!("{} and more", number(low, digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_without_rounds_is_said_in_words() {
        let sample = Sample {
            case: "p99",
            row: "nginx".to_owned(),
            variant: "75 %".to_owned(),
            contender: "nginx".to_owned(),
            build: None,
            round: 1,
            figures: [(figure::ROUNDS, 0.0)].into(),
        };
        assert!(table(&[&sample]).starts_with("At 75 % nothing can be told"));
    }

    #[test]
    fn a_wide_interval_is_said_in_words() {
        let told = |interval: [f64; 3]| times(interval.map(Some));
        assert_eq!(told([1.5, 1.2, 1.8]), ("1.50".to_owned(), "1.20 to 1.80".to_owned()));
        assert_eq!(told([1.5, 0.5, 1.8]).0, "can't be told");
        assert_eq!(told([1.5, 0.5, f64::INFINITY]).1, "0.50 and more");
        let told = |interval: [f64; 3]| added(interval.map(Some));
        assert_eq!(told([120.0, 100.0, 150.0]), ("0.120".to_owned(), "0.100 to 0.150".to_owned()));
        assert_eq!(told([20.0, -10.0, 50.0]).0, "can't be told from none");
        assert_eq!(added([None; 3]).0, "–");
    }
}
