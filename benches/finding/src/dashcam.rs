//! dashcam's own answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use dashcam_exchange::ExchangeId;
use dashcam_filter::{Context, Filter};
use dashcam_store::{By, Start, Store, Tally};
use dashcam_views::decode::{Decoders, Decoding};
use dashcam_views::search::Search;
use jiff::{Timestamp, Zoned};

use crate::question::{Kind, PAGE, Question};

/// More than any question takes.
const WITHIN: Duration = Duration::from_secs(600);

/// Kinds of questions that it has an answer to.
pub(crate) const ANSWERED: [Kind; 7] =
    [Kind::Newest, Kind::Range, Kind::Url, Kind::Count, Kind::Facets, Kind::Header, Kind::Json];

/// Opens a recording as any process may that does not write it.
pub(crate) async fn open(path: &Path) -> Result<Store> {
    Ok(Store::open_read_only(path).await?)
}

/// Answers a question; says how many rows it found.
pub(crate) async fn ask(store: &Store, question: &Question) -> Result<u64> {
    let (reader, filter) = (store.reader(), filter(question)?);
    let start = match question.kind {
        Kind::Count => return count(store, &filter).await,
        Kind::Newest | Kind::Url | Kind::Header => Start::NEWEST,
        Kind::Range if question.forwards => Start::After(ExchangeId(question.at)),
        Kind::Range => Start::Before(ExchangeId(question.at)),
        Kind::Facets => return facets(store, &filter).await,
        Kind::Json => return first(store, filter).await,
        Kind::Body => bail!("dashcam has no answer to it"),
    };
    Ok(reader.page(&filter, start, (PAGE as usize, None)).await?.rows.len() as u64)
}

/// How many exchanges match.
async fn count(store: &Store, filter: &Filter) -> Result<u64> {
    let walked = store.reader().tally(filter, Tally::default(), None, (usize::MAX, WITHIN)).await?;
    Ok(walked.tally.figures(0, None).exchanges)
}

/// The most frequent hosts, statuses and types, and a histogram by days; how many values and days there are.
async fn facets(store: &Store, filter: &Filter) -> Result<u64> {
    let tally = Tally::default()
        .with_facets(&[By::Host, By::Status, By::Type])
        .with_histogram(Duration::from_secs(86_400));
    let figures =
        store.reader().tally(filter, tally, None, (usize::MAX, WITHIN)).await?.tally.figures(20, None);
    let values = figures.facets.iter().map(|facet| facet.values.len()).sum::<usize>();
    let buckets = figures.histogram.unwrap_or_default().buckets;
    Ok((values + buckets.iter().filter(|bucket| bucket.exchanges > 0).count()) as u64)
}

/// Looks into contents until an exchange matches.
async fn first(store: &Store, filter: Filter) -> Result<u64> {
    let reader = store.reader().clone();
    let decoders = Decoders::new(Decoding::default()).with_recording(&reader);
    let found = Search { reader, decoders, filter }.page(Start::NEWEST, 1, None).await?;
    Ok(found.rows.len() as u64)
}

/// The question in dashcam's language.
fn filter(question: &Question) -> Result<Filter> {
    let Question { host, status, from, until, expression, tenant, sku, text, .. } = question;
    let words = match question.kind {
        Kind::Newest => String::new(),
        Kind::Range => format!("host:={host} status:{status} at:{}..{}", time(*from)?, time(*until)?),
        Kind::Url | Kind::Count => format!("url:/{}/", expression.replace('/', "\\/")),
        Kind::Facets => "status:5xx".to_owned(),
        Kind::Header => format!("req.header.x-tenant:={tenant}"),
        Kind::Json => format!("res.json.items.0.sku:={sku}"),
        Kind::Body => format!("res.body:{text}"),
    };
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    let context = Context { now: &now, presets: &presets };
    Filter::parse(&words, &context).map_err(|error| anyhow!("{words}: {error}"))
}

fn time(at: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(at).context("a time that no calendar has")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill;
    use crate::plain;
    use crate::traffic::Traffic;

    #[tokio::test]
    async fn it_finds_what_the_plain_table_does() {
        let (folder, traffic) = (tempfile::tempdir().unwrap(), Traffic::new(3000, 1000.0));
        let [path, plain] = ["finding.db", "plain.db"].map(|name| folder.path().join(name));
        fill::fill(&path, &traffic, 3000).await.unwrap();
        plain::fill(&plain, &traffic, 3000).unwrap();
        let (store, plain) = (open(&path).await.unwrap(), plain::open(&plain).unwrap());
        for kind in ANSWERED {
            for number in 0..20 {
                let question = Question::draw(kind, number, 3000, &traffic);
                let expect = plain::ask(&plain, &question).unwrap();
                assert_eq!(ask(&store, &question).await.unwrap(), expect, "{question:?}");
            }
        }
    }
}
