//! A recorded request as a command or a piece of a program that sends it again: a table of formats.
//!
//! A further format is a file beside [`fetch`] and a line in [`FORMATS`]: the command line's `--as` and the API's `?format=`
//! know it then.

mod fetch;
mod go;
mod http;
mod httpie;
mod httpx;
mod hurl;
mod literal;
pub(crate) mod notes;
mod powershell;
mod request;
mod requests;
mod reqwest;

use std::fmt;

use dashcam_exchange::Exchange;

use crate::curl;

/// The largest body that is written into a snippet.
pub const LARGEST_BODY: u64 = curl::LARGEST_BODY;

/// A format.
pub struct SnippetFormat {
    /// Its name for machines, `fetch`.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    write: fn(&Exchange, &[u8]) -> String,
}

impl fmt::Debug for SnippetFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl SnippetFormat {
    /// The snippet that sends `exchange`'s request. `body` is what is stored of its body, up to [`LARGEST_BODY`]; when that is
    /// not the whole of it, a comment says so, as it does where secrets are redacted.
    #[must_use]
    pub fn snippet(&self, exchange: &Exchange, body: &[u8]) -> String {
        (self.write)(exchange, body)
    }
}

/// All formats.
pub const FORMATS: &[SnippetFormat] = &[
    SnippetFormat { name: "curl", title: "curl (bash)", write: curl::command },
    powershell::FORMAT,
    fetch::FORMAT,
    requests::FORMAT,
    httpx::FORMAT,
    httpie::FORMAT,
    go::FORMAT,
    reqwest::FORMAT,
    hurl::FORMAT,
    http::FORMAT,
];

/// The format `name`.
///
/// # Errors
/// When there is no such format.
pub fn format(name: &str) -> Result<&'static SnippetFormat, UnknownSnippetFormat> {
    let found = FORMATS.iter().find(|format| format.name == name);
    found.ok_or_else(|| UnknownSnippetFormat(name.to_owned()))
}

/// A format that there is not.
#[derive(Debug)]
pub struct UnknownSnippetFormat(String);

impl fmt::Display for UnknownSnippetFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        write!(f, "unknown format \u{201c}{}\u{201d}; expected one of {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownSnippetFormat {}

#[cfg(test)]
mod tests;
