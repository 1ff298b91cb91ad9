//! The measured cases: each is a value, with the contenders that it is for and the way it measures one.

mod bombs;
mod connections;
mod disk;
mod flight;
mod forward;
mod hosts;
mod http2;
mod idle;
mod large;
mod latency;
mod memory;
mod nagle;
mod p99;
mod reverse;
mod scaling;
mod switch;
mod turns;
mod websocket;

use anyhow::Result;

pub(crate) use p99::HALF;

use super::measured::Measured;
use super::peer::{Peer, Way};
use super::sample::{Figures, figure};

/// The figures of a contender, and what distinguishes them if there are several.
pub(crate) type Rows = Vec<(String, Figures)>;

/// Something to be measured.
pub(crate) struct Case {
    /// Its name for `--only`.
    pub(crate) name: &'static str,
    /// The heading over its table.
    pub(crate) title: &'static str,
    /// How it is measured, and with what load.
    pub(crate) about: &'static str,
    /// The contenders, in the order of a round. Others are compared with the first.
    pub(crate) contenders: &'static [(Peer, Way)],
    /// The program that it needs as a client; empty if the client is our own.
    pub(crate) client: &'static str,
    /// The origin that it needs.
    pub(crate) origin: Origin,
    pub(crate) layout: Layout,
    /// No more rounds than that.
    pub(crate) rounds: usize,
    pub(crate) measure: Measure,
}

/// How a case gets its figures.
#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// One contender after the other, round by round: a row of each, or several with what distinguishes them.
    Each(fn(&Measured<'_>) -> Result<Rows>),
    /// All contenders at once, in rounds of its own.
    Together(fn(&[Measured<'_>]) -> Result<Vec<Measurement>>),
}

/// The figures of one of several contenders that were measured together.
pub(crate) struct Measurement {
    /// Its place among them.
    pub(crate) contender: usize,
    pub(crate) variant: String,
    pub(crate) figures: Figures,
}

/// The server that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// nginx, with files.
    Files,
    /// Our own, which takes uploads, varies and holds responses, and echoes.
    Sink,
}

/// How a case's figures are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    /// A row for each contender, a column for each figure.
    Columns(&'static [Column]),
    /// A row for each contender, a column for each variant, of one figure.
    Variants(Column),
    /// A table for each variant: what contenders add to the first, with intervals.
    Added,
}

/// A figure in a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) figure: &'static str,
    /// The divisor of the figure, to show it.
    pub(crate) unit: f64,
    /// Digits behind the point.
    pub(crate) digits: usize,
    /// Show the least and the most too, and the ratio to the first contender.
    pub(crate) compared: bool,
}

/// All cases, in the order in which they run.
pub(crate) const ALL: [&Case; 33] = [
    &reverse::SMALL,
    &reverse::LARGER,
    &reverse::VARIED,
    &reverse::VARIED_LARGER,
    &flight::SMALL,
    &flight::LARGER,
    &switch::SMALL,
    &forward::SMALL,
    &forward::LARGER,
    &forward::TUNNEL,
    &latency::HALF,
    &p99::ADDED,
    &nagle::POST,
    &http2::CLIENT_SIDE,
    &connections::NEW,
    &connections::RESUMED,
    &large::DOWNLOAD,
    &large::UPLOAD,
    &websocket::ECHO,
    &bombs::BESIDE,
    &hosts::MANY,
    &turns::IN_TURN,
    &idle::MANY,
    &idle::PAIRS,
    &memory::GROWTH,
    &disk::ANSWERED,
    &disk::API,
    &scaling::BODY,
    &scaling::HEADERS,
    &scaling::CONNECTIONS,
    &scaling::HOSTS,
    &scaling::TUNNELS,
    &scaling::STORED,
];

/// The columns of most cases.
pub(crate) const PER_REQUEST: Layout = Layout::Columns(&[
    Column::compared("CPU µs/request", figure::CPU, 1.0, 1),
    Column::plain("requests/s", figure::RATE, 1.0, 0),
    Column::plain("p50 ms", figure::P50, 1e3, 2),
    Column::plain("p99 ms", figure::P99, 1e3, 2),
    Column::plain("p99.9 ms", figure::P999, 1e3, 2),
    Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
    Column::plain("disk B/request", figure::WRITTEN, 1.0, 0),
    Column::plain("stored", figure::STORED, 1.0, 0),
    Column::plain("dropped", figure::DROPPED, 1.0, 0),
]);

impl Column {
    const fn plain(title: &'static str, figure: &'static str, unit: f64, digits: usize) -> Self {
        Self { title, figure, unit, digits, compared: false }
    }

    const fn compared(title: &'static str, figure: &'static str, unit: f64, digits: usize) -> Self {
        Self { title, figure, unit, digits, compared: true }
    }
}

/// A case's only row of a contender.
fn row(figures: Figures) -> Rows {
    vec![(String::new(), figures)]
}
