//! The course of a search through contents, in one line on the terminal.

use std::io::IsTerminal as _;
use std::time::Instant;

use dashcam_views::search::Progress;

use crate::terminal::columns;

/// Columns of a terminal that is not known.
const COLUMNS: usize = 80;

/// The line, if there is a terminal to tell it on.
pub(super) struct Told {
    began: Instant,
    is_on_terminal: bool,
    looks_into: bool,
    has_line: bool,
    so_far: Progress,
}

impl Told {
    /// A search begins; it looks into contents, or not.
    pub(super) fn begin(looks_into: bool) -> Self {
        let is_on_terminal = std::io::stderr().is_terminal();
        Self {
            began: Instant::now(),
            is_on_terminal,
            looks_into,
            has_line: false,
            so_far: Progress::default(),
        }
    }

    /// The search went a step on; so many are found.
    pub(super) fn add(&mut self, step: Option<Progress>, found: usize) {
        let Some(step) = step else { return };
        self.so_far.looked_at += step.looked_at;
        self.so_far.left = step.left;
        self.so_far.bytes += step.bytes;
        self.so_far.unreadable += step.unreadable;
        if self.is_on_terminal && step.left > 0 {
            let line = format!("{found} found; Ctrl-C shows them; {}", self.far());
            // One that breaks could not be cleared.
            let most = columns().unwrap_or(COLUMNS).saturating_sub(1);
            eprint!("\r\x1b[K{}", line.chars().take(most).collect::<String>());
            self.has_line = true;
        }
    }

    /// The user does not wait for the rest.
    pub(super) fn interrupted(mut self) {
        self.clear();
        eprintln!(
            "dashcam: interrupted; {}",
            if self.looks_into { self.far() } else { "the list is not complete".to_owned() }
        );
    }

    /// The search is at its end.
    pub(super) fn end(mut self) {
        self.clear();
        if self.so_far.unreadable > 0 {
            let unreadable = self.so_far.unreadable;
            eprintln!(
                "dashcam: the contents of {unreadable} exchanges are damaged, and were not looked at; \
                 `dashcam db check` says more"
            );
        }
    }

    /// How far the search came.
    fn far(&self) -> String {
        let Progress { looked_at, left, bytes, .. } = self.so_far;
        let percent = looked_at * 100 / (looked_at + left).max(1);
        let megabytes = bytes as f64 / 1e6;
        let rate = megabytes / self.began.elapsed().as_secs_f64().max(0.001);
        format!("looked at {percent} % ({looked_at} exchanges, {megabytes:.0} MB, {rate:.0} MB/s)")
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.has_line) {
            eprint!("\r\x1b[K");
        }
    }
}
