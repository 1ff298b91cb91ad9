//! Places and kinds of what was replaced, without the values.

use std::collections::BTreeMap;

use dashcam_exchange::{Exchange, Headers};
use dashcam_redact::placeholders;

/// Values of one kind that were replaced in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The place, as `request header authorization` or `response body`.
    pub place: String,
    /// The kind, as it stands in placeholders; empty for values in whose places nothing stands.
    pub kind: String,
    /// How many.
    pub count: u64,
}

/// Findings while they are counted.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(String, String), u64>);

impl Findings {
    /// The heads of an exchange, before and after.
    pub(super) fn heads(&mut self, before: &Exchange, after: &Exchange) {
        let texts = |exchange: &Exchange| {
            let failure = exchange.failure.as_ref().map(|failure| failure.message.clone());
            [("URL", exchange.request.target.clone()), ("failure", failure.unwrap_or_default())]
        };
        for ((place, before), (_, after)) in texts(before).iter().zip(texts(after)) {
            self.bytes(place, before.as_bytes(), after.as_bytes());
        }
        for ((place, before), (_, after)) in fields(before).into_iter().zip(fields(after)) {
            for ((name, before), (_, after)) in before.iter().zip(after.iter()) {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                self.bytes(&format!("{place} {name}"), before, after);
            }
        }
    }

    /// Bytes before and after.
    pub(super) fn bytes(&mut self, place: &str, before: &[u8], after: &[u8]) {
        if before == after {
            return;
        }
        let mut kinds: BTreeMap<&str, i64> = BTreeMap::new();
        placeholders(after).for_each(|(_, found)| *kinds.entry(found.kind).or_default() += 1);
        placeholders(before).for_each(|(_, found)| *kinds.entry(found.kind).or_default() -= 1);
        for (kind, count) in kinds {
            if let Some(count) = u64::try_from(count).ok().filter(|count| *count > 0) {
                *self.0.entry((place.to_owned(), kind.to_owned())).or_default() += count;
            }
        }
    }

    /// All of them, of `replaced` values: the others have nothing in their places.
    pub(super) fn finish(self, replaced: u64) -> Vec<Finding> {
        let counted: u64 = self.0.values().sum();
        let mut all: Vec<Finding> =
            self.0.into_iter().map(|((place, kind), count)| Finding { place, kind, count }).collect();
        if let Some(count) = replaced.checked_sub(counted).filter(|count| *count > 0) {
            all.push(Finding { place: "elsewhere".to_owned(), kind: String::new(), count });
        }
        all
    }
}

/// All lists of fields, each with its place.
fn fields(exchange: &Exchange) -> Vec<(&'static str, &Headers)> {
    let mut lists = vec![("request header", &exchange.request.headers)];
    lists.extend(exchange.response.as_ref().map(|head| ("response header", &head.headers)));
    lists.extend(exchange.request_body.trailers.as_ref().map(|trailers| ("request trailer", trailers)));
    lists.extend(exchange.response_body.trailers.as_ref().map(|trailers| ("response trailer", trailers)));
    lists.extend(exchange.interim.iter().map(|head| ("interim header", &head.headers)));
    lists
}
