//! `/metrics`, read as strictly as Prometheus reads it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::raw;
use dashcam_tests::wire::read_response;

/// All samples, by `name{labels}` as they are written.
#[derive(Debug)]
pub(crate) struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    /// Asks for it over the page's listener, with the token.
    pub(crate) async fn of(dashcam: &Dashcam) -> Result<Self> {
        let token = std::fs::read_to_string(dashcam.home().join("token"))?;
        let mut io = raw::open(dashcam.page()).await?;
        let (host, token) = (dashcam.page(), token.trim());
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
        raw::send(&mut io, &request).await?;
        let answer = within("metrics", read_response(&mut io, "GET")).await?;
        ensure!(answer.head.status()? == 200, "{}", answer.head.start);
        let kind = answer.head.field("content-type").context("no content type")?;
        ensure!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Self::parse(&String::from_utf8(answer.body)?)
    }

    fn parse(text: &str) -> Result<Self> {
        ensure!(text.ends_with('\n'), "the last line has no end");
        let (mut samples, mut family, mut families) =
            (BTreeMap::new(), (String::new(), String::new()), Vec::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, about) = help.split_once(' ').context("no help")?;
                ensure!(!about.is_empty() && !families.contains(&name.to_owned()), "{line}");
                families.push(name.to_owned());
                continue;
            }
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').context("no type")?;
                ensure!(families.last().is_some_and(|last| last == name), "{line}: no help before");
                family = (name.to_owned(), kind.to_owned());
                continue;
            }
            let (series, value) = line.rsplit_once(' ').with_context(|| format!("no sample: {line}"))?;
            check_name(series.split('{').next().unwrap_or_default(), &family)?;
            let twice = samples.insert(series.to_owned(), value.parse().with_context(|| line.to_owned())?);
            ensure!(twice.is_none(), "{line} comes twice");
        }
        Ok(Self(samples))
    }

    /// One sample; 0 if there is none.
    pub(crate) fn get(&self, series: &str) -> f64 {
        self.0.get(series).copied().unwrap_or_default()
    }

    /// A sample, if there is one.
    pub(crate) fn find(&self, series: &str) -> Option<f64> {
        self.0.get(series).copied()
    }

    /// All samples of a name, whatever their labels.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.all(name).map(|(_, value)| value).sum()
    }

    /// The samples of a name that are not 0, by their labels.
    pub(super) fn present(&self, name: &str) -> Vec<(&str, f64)> {
        self.all(name).filter(|(_, value)| *value > 0.0).collect()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().filter_map(move |(series, value)| {
            let labels = series.strip_prefix(name)?;
            (labels.is_empty() || labels.starts_with('{')).then_some((labels, *value))
        })
    }

    /// Checks a histogram, and gives its count and its sum.
    pub(super) fn histogram(&self, name: &str) -> Result<(f64, f64)> {
        let mut buckets = Vec::new();
        for (labels, count) in self.all(&format!("{name}_bucket")) {
            let bound = labels.trim_start_matches("{le=\"").trim_end_matches("\"}");
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().context("le")? };
            buckets.push((bound, count));
        }
        buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        ensure!(buckets.is_sorted_by_key(|(_, count)| *count), "{name} does not add up: {buckets:?}");
        let (count, sum) = (self.get(&format!("{name}_count")), self.get(&format!("{name}_sum")));
        ensure!(buckets.last() == Some(&(f64::INFINITY, count)), "{name}: {count} in all, and {buckets:?}");
        // The bounds of what each bucket's members took.
        let (mut least, mut most, mut before) = (0.0, 0.0, (0.0, 0.0));
        for (bound, below) in buckets {
            let here = below - before.1;
            least += here * before.0;
            most += if here > 0.0 { here * bound } else { 0.0 };
            before = (bound, below);
        }
        ensure!(least <= sum && sum <= most, "{name}: {sum} s in all, and buckets for {least} to {most} s");
        Ok((count, sum))
    }
}

fn check_name(name: &str, (family, kind): &(String, String)) -> Result<()> {
    let suffix = name.strip_prefix(family.as_str()).with_context(|| format!("{name} is none of {family}"))?;
    match (kind.as_str(), suffix) {
        ("counter", "") if name.ends_with("_total") => Ok(()),
        ("gauge", "") if !name.ends_with("_total") => Ok(()),
        ("histogram", "_bucket" | "_sum" | "_count") => Ok(()),
        _ => bail!("{name} is no {kind}"),
    }
}
