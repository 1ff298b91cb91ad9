//! A described exchange: its facts, of which some are not known.

use std::collections::BTreeMap;

use dashcam_exchange::{
    Destination, Failure, Headers, RequestHead, ResponseHead, Scheme, Side, Stage, State, Version,
};
use dashcam_filter::{Client, Facts, Parts};
use hyper::Uri;

use crate::dto::RuleTested;

/// The description, read.
pub(super) struct Described {
    tested: RuleTested,
    destination: Option<Destination>,
    target: Option<String>,
    request: Option<RequestHead>,
    response: Option<ResponseHead>,
    failure: Option<Failure>,
    has_ended: bool,
}

impl Described {
    /// Reads a description.
    ///
    /// # Errors
    /// Says what can't be read.
    pub(super) fn of(tested: RuleTested) -> Result<Self, String> {
        let place = tested.url.as_deref().map(place).transpose()?;
        let (destination, target) = place.unzip();
        let target = target.flatten();
        let failure = tested.failure.as_deref().map(failure).transpose()?;
        let version = Version::Http11;
        let request = tested.headers.as_ref().map(|fields| RequestHead {
            method: tested.method.clone().unwrap_or_default(),
            target: target.clone().unwrap_or_default(),
            authority: destination.as_ref().map(Destination::authority),
            version,
            headers: headers(fields),
        });
        let response = tested.response_headers.as_ref().map(|fields| ResponseHead {
            status: tested.status.unwrap_or(200),
            reason: String::new(),
            version,
            headers: headers(fields),
        });
        let has_ended = tested.duration_us.is_some() || failure.is_some();
        Ok(Self { destination, target, request, response, failure, has_ended, tested })
    }

    /// Its facts.
    pub(super) fn facts(&self) -> Facts<'_> {
        let tested = &self.tested;
        let mut facts = Facts {
            destination: self.destination.as_ref(),
            method: tested.method.as_deref(),
            target: self.target.as_deref(),
            request: self.request.as_ref(),
            status: tested.status,
            response: self.response.as_ref(),
            duration_us: tested.duration_us,
            failure: self.failure.as_ref(),
            ..Facts::default()
        };
        if let Some(address) = &tested.client {
            let client = Client {
                address,
                mode: tested.mode.as_deref().unwrap_or_default(),
                listener: tested.listener.as_deref(),
                ..Client::default()
            };
            facts = facts.with_client(Some(client));
            facts.known = Parts::CONNECTION;
        }
        if let Some(program) = &tested.program {
            facts = facts.with_program(program);
        }
        let known = [
            (Parts::REQUEST, tested.method.is_some() && self.target.is_some()),
            (Parts::REQUEST_HEAD, self.request.is_some()),
            (Parts::RESPONSE, self.response.is_some()),
            (Parts::RESPONSE_HEAD, self.response.is_some()),
            (Parts::END, self.has_ended),
        ];
        for (part, _) in known.into_iter().filter(|(_, is_known)| *is_known) {
            facts.known |= part;
        }
        if self.has_ended {
            facts.state = Some(if self.failure.is_some() { State::Failed } else { State::Complete });
        }
        facts
    }
}

/// The destination and the target of a URL. One that ends with its host leaves the target open.
fn place(url: &str) -> Result<(Destination, Option<String>), String> {
    let invalid =
        || format!("\u{201c}{url}\u{201d} is no URL; write one such as https://api.example.com/v1/orders.");
    let uri: Uri = url.parse().map_err(|_| invalid())?;
    let scheme = uri.scheme_str().and_then(Scheme::parse).ok_or_else(invalid)?;
    let authority = uri.authority().ok_or_else(invalid)?;
    let destination = Destination::parse(scheme, authority.as_str()).map_err(|_| invalid())?;
    let target = uri.path_and_query().map(ToString::to_string);
    Ok((destination, target.filter(|target| url.ends_with(target.as_str()))))
}

fn failure(text: &str) -> Result<Failure, String> {
    let read = || {
        let (side, stage) = text.split_once('/')?;
        Some(Failure::new(Side::parse(side)?, Stage::parse(stage)?, ""))
    };
    read().ok_or_else(|| {
        format!("\u{201c}{text}\u{201d} is no failure; write SIDE/STAGE, such as upstream/connect.")
    })
}

fn headers(fields: &BTreeMap<String, String>) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value);
    }
    headers
}
