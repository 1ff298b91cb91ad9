//! Sentences for comments: parts of a request that a snippet does not send as they were.

use dashcam_exchange::{Exchange, StoredAs};

/// The sentence about placeholders, where one stands in `texts`.
pub(crate) fn redacted<'t>(exchange: &Exchange, texts: impl IntoIterator<Item = &'t [u8]>) -> Option<String> {
    let redaction = exchange.redaction.as_ref()?;
    let has_some = texts.into_iter().any(|text| dashcam_redact::placeholders(text).next().is_some());
    has_some.then(|| format!("Secrets are redacted ({}): put them in before you run it.", redaction.set))
}

/// The sentence about a body of which `body` is not the whole.
pub(crate) fn missing(exchange: &Exchange, body: &[u8]) -> Option<String> {
    let record = &exchange.request_body;
    match record.stored_as {
        StoredAs::Withheld => Some("The body is withheld: redaction could not read it.".to_owned()),
        StoredAs::Redacted if (body.len() as u64) < record.stored || record.truncated => {
            Some(format!("Not the whole body: its first {} bytes are here.", body.len()))
        }
        StoredAs::Sent if (body.len() as u64) < record.size => {
            Some(format!("Not the whole body: {} of its {} bytes are here.", body.len(), record.size))
        }
        StoredAs::Redacted | StoredAs::Sent => None,
    }
}
