//! The parts of an exchange that take several columns, or JSON: bound and read side by side.

use dashcam_exchange::{
    Headers, RequestHead, ResponseHead, Timings, Upstream, UpstreamConnectionId, Version,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::headers_json;
use crate::rows::values::{Head, Values};

/// All but the last offset, which is in the summary.
pub(crate) fn bind_timings(timings: Timings, values: &mut Values<'_, '_, '_>) {
    values.push(timings.resolved_us);
    values.push(timings.connected_us);
    values.push(timings.tls_us);
    values.push(timings.request_end_us);
    values.push(timings.response_start_us);
}

pub(crate) fn read_timings(columns: &mut Columns<'_>) -> Result<Timings, StoreError> {
    Ok(Timings {
        resolved_us: columns.take()?,
        connected_us: columns.take()?,
        tls_us: columns.take()?,
        request_end_us: columns.take()?,
        response_start_us: columns.take()?,
        end_us: None,
    })
}

pub(crate) fn bind_upstream<'r>(upstream: Option<&'r Upstream>, values: &mut Values<'_, '_, 'r>) {
    values.push(upstream.map(|upstream| upstream.address.as_str()));
    values.push(upstream.map(|upstream| upstream.reused));
    values.push(upstream.and_then(|upstream| upstream.tls_version.as_deref()));
}

pub(crate) fn read_upstream(columns: &mut Columns<'_>) -> Result<Option<Upstream>, StoreError> {
    let address: Option<String> = columns.take()?;
    let reused: Option<bool> = columns.take()?;
    let tls_version = columns.take()?;
    let reused = reused.unwrap_or_default();
    Ok(address.map(|address| Upstream { address, reused, tls_version, connection: None }))
}

/// Adds the connection, which came with a later schema.
pub(crate) fn name_connection(upstream: &mut Option<Upstream>, id: Option<i64>) {
    upstream.iter_mut().for_each(|upstream| upstream.connection = id.map(UpstreamConnectionId));
}

pub(crate) fn bind_request_sent<'r>(
    sent: Option<&'r RequestHead>,
    folded: &'r Option<String>,
    values: &mut Values<'_, '_, 'r>,
) {
    values.push(Head::of(folded, sent.map(|head| &head.headers)));
    values.push(sent.map(|head| head.version.as_str()));
    values.push(sent.and_then(|head| head.authority.as_deref()));
}

/// A request as sent, without its method and target, which are those received.
pub(crate) struct RequestSent {
    version: Option<Version>,
    authority: Option<String>,
    headers: Option<Headers>,
}

impl RequestSent {
    pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let headers = columns.json()?;
        Ok(Self { headers, version: columns.optional_name(Version::parse)?, authority: columns.take()? })
    }

    /// The head, if it was not sent as it was `received`.
    pub(crate) fn into_head(self, received: &RequestHead) -> Option<RequestHead> {
        let Self { version, authority, headers } = self;
        version.map(|version| RequestHead {
            method: received.method.clone(),
            target: received.target.clone(),
            authority,
            version,
            headers: headers.unwrap_or_default(),
        })
    }
}

pub(crate) fn bind_response_sent<'r>(
    sent: Option<&'r ResponseHead>,
    folded: &'r Option<String>,
    values: &mut Values<'_, '_, 'r>,
) {
    values.push(Head::of(folded, sent.map(|head| &head.headers)));
    values.push(sent.map(|head| head.version.as_str()));
    values.push(sent.map(|head| head.status));
    values.push(sent.map(|head| head.reason.as_str()));
}

pub(crate) fn read_response_sent(columns: &mut Columns<'_>) -> Result<Option<ResponseHead>, StoreError> {
    let headers: Option<Headers> = columns.json()?;
    let version = columns.optional_name(Version::parse)?;
    let status: Option<u16> = columns.take()?;
    let reason: Option<String> = columns.take()?;
    Ok(version.zip(status).map(|(version, status)| ResponseHead {
        version,
        status,
        reason: reason.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
    }))
}

/// An interim response as JSON.
#[derive(Serialize, Deserialize)]
struct Interim {
    version: Version,
    status: u16,
    reason: String,
    headers: Headers,
}

impl Interim {
    fn into_head(self) -> ResponseHead {
        ResponseHead {
            version: self.version,
            status: self.status,
            reason: self.reason,
            headers: self.headers,
        }
    }
}

pub(crate) fn interim_json(heads: &[ResponseHead]) -> Option<String> {
    let item = |head: &ResponseHead| {
        let reason = serde_json::Value::from(head.reason.as_str());
        let headers = headers_json::encode(&head.headers);
        let (version, status) = (head.version, head.status);
        format!(r#"{{"version":"{version}","status":{status},"reason":{reason},"headers":{headers}}}"#)
    };
    (!heads.is_empty()).then(|| format!("[{}]", heads.iter().map(item).collect::<Vec<_>>().join(",")))
}

pub(crate) fn read_interim(columns: &mut Columns<'_>) -> Result<Vec<ResponseHead>, StoreError> {
    let interim: Vec<Interim> = columns.json()?.unwrap_or_default();
    Ok(interim.into_iter().map(Interim::into_head).collect())
}
