//! Placeholders in a request that is to be sent.

use dashcam_exchange::RequestHead;
use dashcam_redact::placeholders;
use dashcam_store::ReadError;

use super::lost::{self, Lost, LostValue};
use super::unsealer::Unsealer;

/// The place of a body.
const BODY: &str = "body";

/// The secrets of a request that can't be put back: nothing is sent then.
///
/// # Errors
/// When the store cannot be read.
pub async fn lost_in_request(
    unsealer: &Unsealer,
    head: &RequestHead,
    body: &[u8],
) -> Result<Vec<LostValue>, ReadError> {
    let mut found = Vec::new();
    for (place, text) in pieces(head, body) {
        for (_, placeholder) in placeholders(text) {
            let why = match lost::sealed(&placeholder) {
                None => Some(Lost::NotSealed),
                Some(_) if place == BODY && is_counted(head) => Some(Lost::Counted),
                Some(id) => unsealer.open(id).await?.err(),
            };
            let kind = placeholder.kind.to_owned();
            let value = why.map(|why| LostValue { place: place.clone(), kind, why });
            found.extend(value.filter(|value| !found.contains(value)));
        }
    }
    Ok(found)
}

/// Returns whether a request's body has lengths before its texts.
fn is_counted(head: &RequestHead) -> bool {
    let media_type = head.headers.text("content-type").unwrap_or_default().to_ascii_lowercase();
    ["grpc", "proto"].iter().any(|word| media_type.contains(word)) && !media_type.contains("json")
}

/// Returns whether a piece of the request with a placeholder in it is not as it was recorded: its secret would be sent
/// in another place than the one where redaction finds it again.
#[must_use]
pub fn sealed_pieces_differ(recorded: (&RequestHead, &[u8]), sent: (&RequestHead, &[u8])) -> bool {
    let known: Vec<_> = pieces(recorded.0, recorded.1).collect();
    pieces(sent.0, sent.1).any(|piece| placeholders(piece.1).next().is_some() && !known.contains(&piece))
}

/// The target, the fields and the body, each with its place.
fn pieces<'r>(head: &'r RequestHead, body: &'r [u8]) -> impl Iterator<Item = (String, &'r [u8])> {
    let fields = head.headers.iter().map(|(name, value)| {
        (format!("header {}", String::from_utf8_lossy(name).to_ascii_lowercase()), value)
    });
    let target = std::iter::once(("URL".to_owned(), head.target.as_bytes()));
    target.chain(fields).chain(std::iter::once((BODY.to_owned(), body)))
}
