//! The comparison of two conversations: everything but what each hop may choose for itself.

use crate::clients::{Ask, Got, Way};
use crate::dashcam::Dashcam;
use crate::origin::Seen;
use crate::test_ca;
use crate::wire::Fields;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Fields that concern one connection only (RFC 9110 §7.6.1), and the framing.
const OF_ONE_HOP: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The fields that pass from end to end, names in lower case.
#[must_use]
pub fn end_to_end(fields: &Fields) -> Fields {
    let lower = fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    lower.filter(|(name, _)| !OF_ONE_HOP.contains(&name.as_str())).collect()
}

/// A JSON array of pairs as fields.
///
/// # Errors
/// When that cannot be had.
pub fn fields(value: &Value) -> Result<Fields> {
    serde_json::from_value(value.clone()).with_context(|| format!("no fields: {value}"))
}

/// Straight to the origin.
///
/// # Errors
/// When that cannot be had.
pub fn direct() -> Result<Way> {
    Ok(Way { proxy: None, ca: test_ca::shared()?.file() })
}

/// Through dashcam.
#[must_use]
pub fn through(dashcam: &Dashcam) -> Way {
    Way { proxy: Some(dashcam.proxy_url()), ca: dashcam.ca() }
}

/// Checks that a client got the same on both ways.
///
/// # Panics
/// When they differ.
pub fn assert_same_answers(direct: &[Got], through: &[Got]) {
    assert_eq!(direct.len(), through.len());
    for (direct, through) in direct.iter().zip(through) {
        let (mut direct, mut through) = (direct.clone(), through.clone());
        direct.fields = end_to_end(&direct.fields);
        through.fields = end_to_end(&through.fields);
        assert_eq!(direct, through, "left: without dashcam, right: with it");
    }
}

/// Checks that the origin saw the same on both ways.
///
/// # Panics
/// When they differ.
pub fn assert_same_requests(direct: &[Seen], through: &[Seen]) {
    assert_eq!(direct.len(), through.len(), "left: requests without dashcam, right: with it");
    for (direct, through) in direct.iter().zip(through) {
        let show = |seen: &Seen| {
            let fields = end_to_end(&seen.fields);
            (seen.method.clone(), seen.target.clone(), fields, seen.digest.clone(), seen.trailers.clone())
        };
        assert_eq!(show(direct), show(through), "left: without dashcam, right: with it");
    }
}

/// Checks that a request is repeated: where the repeating client puts its fields does not matter.
///
/// # Panics
/// When they differ.
pub fn assert_repeated(first: &Seen, second: &Seen) {
    let show = |seen: &Seen| {
        let mut fields = end_to_end(&seen.fields);
        fields.sort();
        (seen.method.clone(), seen.target.clone(), fields, seen.digest.clone())
    };
    assert_eq!(show(first), show(second), "left: the first, right: the repeated one");
}

/// Checks that the store has what passed: what the origin saw, and what the client got.
///
/// # Errors
/// When that cannot be had.
///
/// # Panics
/// When they differ.
pub async fn assert_recorded(dashcam: &Dashcam, ask: &Ask, seen: &Seen, got: &Got) -> Result<Value> {
    let api = dashcam.api();
    let exchange = api.ended(&seen.target).await?;
    let id = &exchange["id"];
    ensure!(exchange["state"] == "complete", "{exchange}");
    assert_eq!(exchange["method"], ask.method);
    // Clients tidy the path and query up, but not what stands before them.
    let origin = ask.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    assert_eq!(exchange["url"], format!("{origin}{}", seen.target));
    assert_eq!(exchange["request"]["target"], seen.target.as_str());
    assert_eq!(exchange["status"], got.status);
    let sent = end_to_end(&fields(&exchange["request"]["headers"])?);
    let without_host =
        |fields: Fields| fields.into_iter().filter(|(name, _)| name != "host").collect::<Fields>();
    assert_eq!(
        without_host(sent),
        without_host(end_to_end(&seen.fields)),
        "left: the record, right: the origin"
    );
    let body = ask.body.clone().unwrap_or_default();
    assert_eq!(exchange["request_body"]["size"], body.len());
    if !body.is_empty() {
        assert_eq!(api.bytes(&format!("/exchanges/{id}/request/body")).await?, body.as_bytes());
    }
    assert_eq!(exchange["response_body"]["size"], got.body.len(), "{exchange}");
    assert_eq!(exchange["response_body"]["complete"], true, "{exchange}");
    if !got.body.is_empty() {
        assert_eq!(api.bytes(&format!("/exchanges/{id}/response/body")).await?, got.body);
    }
    Ok(exchange)
}
