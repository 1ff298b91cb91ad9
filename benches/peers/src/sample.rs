//! Measurements: figures by name, and their medians over the rounds.

use std::collections::BTreeMap;

use super::case::Case;
use super::peer::Contender;

/// Figures of one run, by name. Tables and goals ask for them by the names in [`figure`].
pub(crate) type Figures = BTreeMap<&'static str, f64>;

/// Names of figures. Times are in microseconds and sizes in bytes, unless the name says otherwise.
pub(crate) mod figure {
    /// CPU time of the proxy's processes for each request (or connection, or message).
    pub(crate) const CPU: &str = "cpu_us";
    /// Requests (or connections, or messages) a second.
    pub(crate) const RATE: &str = "per_second";
    pub(crate) const P50: &str = "p50_us";
    pub(crate) const P99: &str = "p99_us";
    pub(crate) const P999: &str = "p999_us";
    /// The most memory that the proxy's processes had.
    pub(crate) const PEAK: &str = "peak_rss";
    /// Bytes written for the disk, for each request.
    pub(crate) const WRITTEN: &str = "written_per_request";
    pub(crate) const REQUESTS: &str = "requests";
    pub(crate) const STORED: &str = "stored";
    pub(crate) const DROPPED: &str = "dropped";
    /// Bytes a second.
    pub(crate) const SPEED: &str = "bytes_per_second";
    /// CPU time of the first request to a host.
    pub(crate) const NEW_HOST: &str = "cpu_us_per_new_host";
    /// CPU time of a request to one host over as many connections as there are hosts otherwise.
    pub(crate) const ONE_HOST: &str = "cpu_us_one_host";
    /// The same over few.
    pub(crate) const FEW_CONNECTIONS: &str = "cpu_us_few_connections";
    /// CPU time of a request to many hosts in turn, as a multiple of one to one host.
    pub(crate) const HOSTS_TO_ONE: &str = "hosts_to_one";
    pub(crate) const HOSTS_TO_FEW: &str = "hosts_to_few_connections";
    /// Memory for each idle client connection together with the upstream connection that is kept for it.
    pub(crate) const PAIR: &str = "bytes_per_pair";
    pub(crate) const PAIRS: &str = "pairs";
    /// Memory after the first exchanges.
    pub(crate) const EARLY: &str = "early_rss";
    /// Memory after very many.
    pub(crate) const LATE: &str = "late_rss";
    pub(crate) const GROWTH: &str = "rss_growth";
    /// The size of an exchange on the disk.
    pub(crate) const DISK: &str = "disk_per_exchange";
    /// The p99 of all rounds together, where [`P99`] is the median of those of the rounds.
    pub(crate) const P99_OF_ALL: &str = "p99_of_all_us";
    /// The p99 that a contender adds to none, and the ends of its 95 % interval.
    pub(crate) const ADDED: [&str; 3] = ["added_p99_us", "added_p99_low_us", "added_p99_high_us"];
    /// The p99 that `full` adds to what `off` has.
    pub(crate) const BEYOND_OFF: [&str; 3] = ["beyond_off_us", "beyond_off_low_us", "beyond_off_high_us"];
    /// The addition to none as a multiple of what nginx adds.
    pub(crate) const TIMES: [&str; 3] = ["times_nginx", "times_nginx_low", "times_nginx_high"];
    /// The share of requests that don't count, because the client was kept from running.
    pub(crate) const LEFT_OUT: &str = "left_out";
    /// Rounds that count.
    pub(crate) const ROUNDS: &str = "rounds";
    /// And in a HAR file.
    pub(crate) const HAR: &str = "har_per_exchange";
}

/// One run of one contender in one round of a case.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// The case's name.
    pub(crate) case: &'static str,
    /// The text of the table's first column.
    pub(crate) row: String,
    /// The variant, which distinguishes several measurements of one contender; empty if there is one.
    pub(crate) variant: String,
    /// The contender's slug.
    pub(crate) contender: String,
    /// The build's name, of a dashcam.
    pub(crate) build: Option<String>,
    pub(crate) round: usize,
    pub(crate) figures: Figures,
}

impl Sample {
    /// A row of a contender's in a round of a case.
    pub(crate) fn of(
        case: &Case,
        contender: &Contender,
        round: usize,
        (variant, figures): (String, Figures),
    ) -> Self {
        Self {
            case: case.name,
            row: contender.name.clone(),
            variant,
            contender: contender.slug(),
            build: contender.build.as_ref().map(|build| build.name.clone()),
            round,
            figures,
        }
    }
}

/// The middle, the least and the most of several rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// The spread of `figure` over those samples; none if no sample has it.
pub(crate) fn spread<'a>(samples: impl Iterator<Item = &'a Sample>, figure: &str) -> Option<Spread> {
    let mut figures: Vec<f64> = samples.filter_map(|sample| sample.figures.get(figure).copied()).collect();
    figures.sort_by(f64::total_cmp);
    let (least, most) = (*figures.first()?, *figures.last()?);
    // Of an even number of rounds, the mean of the two in the middle: either alone would lean to one side.
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    let lower = if figures.len().is_multiple_of(2) { *figures.get(middle - 1)? } else { upper };
    Some(Spread { median: f64::midpoint(lower, upper), least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(figures: &[f64], expect: Option<Spread>) {
        let samples: Vec<Sample> = figures
            .iter()
            .map(|cpu| Sample {
                case: "reverse-1k",
                row: "nginx".to_owned(),
                variant: String::new(),
                contender: "nginx".to_owned(),
                build: None,
                round: 1,
                figures: [(figure::CPU, *cpu)].into(),
            })
            .collect();
        assert_eq!(spread(samples.iter(), figure::CPU), expect, "{figures:?}");
    }

    #[test]
    fn a_median_leans_to_no_side() {
        check(&[], None);
        check(&[3.0], Some(Spread { median: 3.0, least: 3.0, most: 3.0 }));
        check(&[9.0, 1.0], Some(Spread { median: 5.0, least: 1.0, most: 9.0 }));
        check(&[9.0, 1.0, 2.0], Some(Spread { median: 2.0, least: 1.0, most: 9.0 }));
        check(&[9.0, 1.0, 2.0, 4.0], Some(Spread { median: 3.0, least: 1.0, most: 9.0 }));
    }
}
