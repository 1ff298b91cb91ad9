//! dashcam's own answers.

use std::path::Path;

use anyhow::{Result, bail};
use dashcam_exchange::{ExchangeId, TextFilter};
use dashcam_store::Store;

use crate::question::{Kind, PAGE, Question};

/// Exchanges that are passed at once where all are.
const STRIDE: u32 = 1000;

/// Kinds of questions that it has an answer to.
pub(crate) const ANSWERED: [Kind; 4] = [Kind::Newest, Kind::Range, Kind::Url, Kind::Count];

/// Opens a recording as any process may that does not write it.
pub(crate) async fn open(path: &Path) -> Result<Store> {
    Ok(Store::open_read_only(path).await?)
}

/// Answers a question; says how many rows it found.
pub(crate) async fn ask(store: &Store, question: &Question) -> Result<u64> {
    let reader = store.reader();
    let rows = match question.kind {
        Kind::Newest => reader.list(&TextFilter::new(""), None, PAGE).await?.len(),
        Kind::Range => {
            let filter = TextFilter::new(&format!("{} {}", question.host, question.status));
            let at = ExchangeId(question.at);
            match question.forwards {
                true => reader.list_after(&filter, at, PAGE).await?.len(),
                false => reader.list(&filter, Some(at), PAGE).await?.len(),
            }
        }
        Kind::Url => reader.list(&TextFilter::new(&question.piece), None, PAGE).await?.len(),
        Kind::Count => count(store, &TextFilter::new(&question.piece)).await?,
        Kind::Facets | Kind::Header | Kind::Body => bail!("dashcam has no answer to it"),
    };
    Ok(rows as u64)
}

/// Page by page.
async fn count(store: &Store, filter: &TextFilter) -> Result<usize> {
    let (mut count, mut before) = (0, None);
    loop {
        let page = store.reader().list(filter, before, STRIDE).await?;
        count += page.len();
        match page.last() {
            Some(last) if page.len() == STRIDE as usize => before = Some(last.id),
            _ => return Ok(count),
        }
    }
}
