//! The figures as a Markdown table.

use super::contender::Contender;

/// One run of one contender.
pub(crate) struct Sample {
    pub(crate) contender: Contender,
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    pub(crate) cpu_us: f64,
    pub(crate) recorded: Option<(u64, u64)>,
}

/// A row for each contender: medians over the rounds.
pub(crate) fn markdown(samples: &[Sample]) -> String {
    let of = |contender: Contender, figure: fn(&Sample) -> f64| {
        median(samples.iter().filter(|sample| sample.contender == contender).map(figure).collect())
    };
    let nginx = of(Contender::Nginx, |sample| sample.cpu_us);
    let mut text = "1 KiB responses over HTTP/1.1, TLS on both sides, 32 keep-alive connections; load generator, origin \
        and proxy on one machine. Medians of the rounds.\n\n\
        | reverse proxy | CPU µs/request | nginx = 1 | requests/s | stored | dropped |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for contender in Contender::ALL {
        let (cpu, rate) = (of(contender, |sample| sample.cpu_us), of(contender, |sample| sample.per_second));
        let (stored, dropped) = recorded(samples, contender);
        text += &format!(
            "| {} | {cpu:.1} | {:.2} | {rate:.0} | {stored} | {dropped} |\n",
            contender.name(),
            cpu / nginx
        );
    }
    let total: u64 = samples.iter().map(|sample| sample.requests).sum();
    text + &format!("\n{total} requests in {} runs.\n", samples.len())
}

fn recorded(samples: &[Sample], contender: Contender) -> (String, String) {
    let all =
        samples.iter().filter(|sample| sample.contender == contender).filter_map(|sample| sample.recorded);
    match all.reduce(|one, other| (one.0 + other.0, one.1 + other.1)) {
        Some((stored, dropped)) => (stored.to_string(), dropped.to_string()),
        None => ("–".to_owned(), "–".to_owned()),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_medians_and_the_ratio_to_nginx() {
        let sample = |contender, cpu_us, recorded| Sample {
            contender,
            requests: 10,
            per_second: 2.0,
            cpu_us,
            recorded,
        };
        let full = Contender::Dashcam("full");
        let mut samples: Vec<Sample> =
            [90.0, 100.0, 500.0].map(|cpu| sample(Contender::Nginx, cpu, None)).into();
        samples.extend([50.0, 10.0, 70.0].map(|cpu| sample(full, cpu, Some((10, 1)))));
        let table = markdown(&samples);
        assert!(table.contains("| nginx, no log | 100.0 | 1.00 | 2 | – | – |"), "{table}");
        assert!(table.contains("| dashcam, `full` | 50.0 | 0.50 | 2 | 30 | 3 |"), "{table}");
    }
}
