//! The software that speaks TLS in a client, as far as its ClientHello and its User-Agent tell.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::names;

/// A kind of client. Those of one kind learn to trust a certificate in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// Bun.
    Bun,
    /// Chromium, and the browsers and apps that are made of it.
    Chromium,
    /// curl.
    Curl,
    /// Deno.
    Deno,
    /// Firefox.
    Firefox,
    /// git.
    Git,
    /// A program with GnuTLS of which no more is known.
    Gnutls,
    /// A program in Go.
    Go,
    /// A program on a Java virtual machine.
    Java,
    /// Node.js.
    Node,
    /// A program with OpenSSL of which no more is known.
    Openssl,
    /// PHP.
    Php,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
    /// A program with rustls of which no more is known.
    Rustls,
    /// GNU Wget.
    Wget,
}

names!(Runtime {
    Bun => "bun",
    Chromium => "chromium",
    Curl => "curl",
    Deno => "deno",
    Firefox => "firefox",
    Git => "git",
    Gnutls => "gnutls",
    Go => "go",
    Java => "java",
    Node => "node",
    Openssl => "openssl",
    Php => "php",
    Python => "python",
    Ruby => "ruby",
    Rustls => "rustls",
    Wget => "wget",
});

impl Runtime {
    /// The name in sentences, as in "The client is probably …".
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Bun => "Bun",
            Self::Chromium => "a browser or an app made of Chromium",
            Self::Curl => "curl",
            Self::Deno => "Deno",
            Self::Firefox => "Firefox",
            Self::Git => "git",
            Self::Gnutls => "a program with GnuTLS",
            Self::Go => "a program in Go",
            Self::Java => "a program in Java",
            Self::Node => "Node.js",
            Self::Openssl => "a program with OpenSSL",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::Ruby => "Ruby",
            Self::Rustls => "a program with rustls (Rust)",
            Self::Wget => "Wget",
        }
    }
}
