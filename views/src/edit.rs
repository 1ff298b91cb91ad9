//! A recorded request with edits, or a new one: where it goes, and its head.

use dashcam_exchange::{Destination, Exchange, Headers, RequestHead, Scheme, StoredAs, Version, grammar};

use crate::dto::{Field, NewRequest, ReplayEdits, from_fields};

/// The destination and the head of `exchange`'s request once `edits` are made; the replayer frames it again.
///
/// # Errors
/// A sentence, for people, about an edit that cannot be sent.
pub fn apply(exchange: &Exchange, edits: &ReplayEdits) -> Result<(Destination, RequestHead), String> {
    let mut head = exchange.request.clone();
    let mut destination = exchange.destination.clone();
    if let Some(method) = &edits.method {
        head.method = method_name(method)?;
    }
    match &edits.headers {
        Some(fields) => head.headers = headers(fields)?,
        // Its body is stored without its codings.
        None if exchange.request_body.stored_as == StoredAs::Redacted => {
            head.headers.remove("content-encoding");
        }
        None => {}
    }
    for (name, value) in headers(edits.set_headers.as_deref().unwrap_or_default())?.iter() {
        put(&mut head.headers, name, value);
    }
    if let Some(url) = &edits.url {
        (destination, head.target) = parse_url(url)?;
    }
    if destination != exchange.destination {
        follow(&mut head, exchange, &destination);
    }
    Ok((destination, head))
}

/// The destination and the head of a request that was not recorded before; the replayer frames it.
///
/// # Errors
/// A sentence, for people, about what cannot be sent.
pub fn composed(request: &NewRequest) -> Result<(Destination, RequestHead), String> {
    let method = method_name(request.method.as_deref().unwrap_or("GET"))?;
    let (destination, target) = parse_url(&request.url)?;
    let given = headers(&request.headers)?;
    let mut fields = Headers::default();
    if !given.contains("host") {
        fields.add("Host", destination.authority());
    }
    fields.append(&given);
    let head = RequestHead { method, target, authority: None, version: Version::Http11, headers: fields };
    Ok((destination, head))
}

/// Puts `value` in the place of the first field `name`, and drops the others; adds it where there is none.
fn put(headers: &mut Headers, name: &[u8], value: &[u8]) {
    let is_named = |field: &[u8]| field.eq_ignore_ascii_case(name);
    if !headers.iter().any(|(field, _)| is_named(field)) {
        return headers.push(name, value);
    }
    let mut is_first = true;
    headers.retain(|field, _| !is_named(field) || std::mem::take(&mut is_first));
    *headers = headers.with_values(|field, _| is_named(field).then(|| value.to_vec()));
}

/// Names the new destination where the recorded one was named; a `Host` that was edited by hand stays.
fn follow(head: &mut RequestHead, exchange: &Exchange, destination: &Destination) {
    if head.authority.is_some() {
        head.authority = Some(destination.authority());
    }
    if head.headers.contains("host") && head.headers.first("host") == exchange.request.headers.first("host") {
        head.headers.set("Host", destination.authority());
    }
}

fn method_name(method: &str) -> Result<String, String> {
    if grammar::is_token(method.as_bytes()) && method != "CONNECT" {
        return Ok(method.to_owned());
    }
    Err(format!("\u{201c}{method}\u{201d} is no method that can be sent."))
}

fn headers(fields: &[Field]) -> Result<Headers, String> {
    let headers = from_fields(fields)
        .ok_or("A header has a character beyond U+00FF: headers are bytes, mapped latin-1.")?;
    headers.check().map_err(|why| format!("The headers cannot be sent: {why}."))?;
    Ok(headers)
}

/// Destination and target of an absolute URL; its fragment stays behind, as in a browser.
fn parse_url(url: &str) -> Result<(Destination, String), String> {
    let form = "url must be http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH";
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{form}."))?;
    let scheme = Scheme::parse(scheme).ok_or_else(|| format!("{form}."))?;
    let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let destination = Destination::parse(scheme, authority).map_err(|error| format!("{form}: {error}."))?;
    let target = target.split('#').next().unwrap_or_default();
    let slash = if target.starts_with('/') { "" } else { "/" };
    let target = format!("{slash}{target}");
    if !grammar::is_target(&target) || target.contains(char::is_whitespace) {
        return Err("url has white space or a control character: percent-encode it.".to_owned());
    }
    Ok((destination, target))
}

#[cfg(test)]
mod tests;
