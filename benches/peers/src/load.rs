//! Load generators, and what they saw.

mod client;
mod crew;
mod curl;
mod h2load;
pub(crate) mod oha;
mod open_loop;
pub(crate) mod scheduling;
mod wrk;

pub(crate) use client::{Client, Connection};
pub(crate) use crew::{crew, paced, until};
pub(crate) use curl::{Transfer, curl};
pub(crate) use h2load::h2load;
pub(crate) use oha::oha;
pub(crate) use open_loop::{Plan, Seen, open_loop};
pub(crate) use wrk::{Wrk, wrk};

/// How a client reaches the origin. All is on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// The port in URLs.
    pub(crate) port: u16,
    /// The port of the proxy to be asked, if there is one to be asked.
    pub(crate) proxy: Option<u16>,
}

/// The result of a load generator. Every request was answered as it should be, or there is none of this.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    pub(crate) latency: Latency,
}

/// Quantiles of the time to a whole response, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

impl Route {
    /// Straight to `port`.
    pub(crate) fn to(port: u16) -> Self {
        Self { port, proxy: None }
    }

    /// To `port`, through the proxy on `proxy`.
    pub(crate) fn through(proxy: u16, port: u16) -> Self {
        Self { port, proxy: Some(proxy) }
    }

    /// The URL of that path, without its first slash.
    pub(crate) fn url(self, path: &str) -> String {
        format!("https://127.0.0.1:{}/{path}", self.port)
    }
}
