//! A recorded request, as a client in any language is to send it.

use std::fmt::Write as _;

use dashcam_exchange::{Exchange, is_unsafe_to_show};

use crate::curl::arguments::{kept, other_authority, passes_as_url};
use crate::curl::has_body;
use crate::snippet::notes;

/// A field, in the order in which it came.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

/// A body.
pub(super) enum Content<'b> {
    None,
    /// It can be shown: its line ends are LF or CRLF.
    Text(&'b str),
    Bytes(&'b [u8]),
}

/// A request, and sentences about what of it is not as it was.
pub(super) struct Request<'e> {
    pub(super) method: &'e str,
    pub(super) url: String,
    pub(super) fields: Vec<Field>,
    pub(super) body: Content<'e>,
    pub(super) notes: Vec<String>,
}

impl<'e> Request<'e> {
    /// The request of an exchange, with what is stored of its body.
    pub(super) fn new(exchange: &'e Exchange, body: &'e [u8]) -> Self {
        let (head, url) = (&exchange.request, exchange.url());
        let host = other_authority(exchange).map(|other| (&b"Host"[..], other.as_bytes()));
        let fields = host.into_iter().chain(kept(exchange)).map(|(name, value)| Field {
            name: String::from_utf8_lossy(name).into_owned(),
            value: value.to_vec(),
        });
        let fields: Vec<Field> = fields.collect();
        let texts = [url.as_bytes(), body].into_iter().chain(fields.iter().map(|field| &*field.value));
        let mut notes: Vec<String> = notes::redacted(exchange, texts).into_iter().collect();
        notes.extend(notes::missing(exchange, body));
        if !passes_as_url(&head.target) {
            notes.push("The URL has characters that clients write in other ways.".to_owned());
        }
        let body = if has_body(exchange, body) { content(body) } else { Content::None };
        Self { method: &head.method, url, fields, body, notes }
    }

    /// Returns whether there is a field of that name, in lower case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Makes one field of those with the same name, for clients that take one of each; a sentence says so.
    pub(super) fn joined(mut self) -> Self {
        let mut joined: Vec<Field> = Vec::new();
        for Field { name, value } in std::mem::take(&mut self.fields) {
            let Some(before) = joined.iter_mut().find(|field| field.name.eq_ignore_ascii_case(&name)) else {
                joined.push(Field { name, value });
                continue;
            };
            let separator = if name.eq_ignore_ascii_case("cookie") { "; " } else { ", " };
            before.value.extend_from_slice(separator.as_bytes());
            before.value.extend_from_slice(&value);
            let note = format!("{} was sent in several fields, which are one here.", before.name);
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.fields = joined;
        self
    }

    /// Its sentences as comments, a line each.
    pub(super) fn comments(&self, sign: &str) -> String {
        self.notes.iter().fold(String::new(), |mut text, note| {
            let _ = writeln!(text, "{sign} {note}");
            text
        })
    }
}

fn content(body: &[u8]) -> Content<'_> {
    let is_shown = |text: &&str| {
        let without = text.replace("\r\n", "\n");
        !without.chars().any(|character| is_unsafe_to_show(character) && !matches!(character, '\n' | '\t'))
    };
    match std::str::from_utf8(body).ok().filter(is_shown) {
        Some(text) => Content::Text(text),
        None => Content::Bytes(body),
    }
}

/// Bytes as characters: each is one, as HTTP's fields are read where they are not UTF-8.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
