//! Conditions of traffic that set off a snapshot.

use std::fmt;

use dashcam_exchange::Exchange;
use dashcam_filter::{Client, Context, Facts, Filter, Moment, Parts, Truth};

use crate::latency::{Latency, Slow};

/// The parts that are not known when an exchange ends.
const UNKNOWN: [(Parts, &str); 3] =
    [(Parts::CONTENTS, "bodies or messages"), (Parts::MARKS, "pins"), (Parts::NOTE, "notes and tags")];

/// The cause of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// An exchange matched a filter.
    Filter(String),
    /// An exchange took much longer than others of its route.
    Slow(Slow),
    /// Somebody asked for it, through the API or on the command line.
    Asked,
    /// The signal SIGUSR2 came.
    Signal,
    /// A run of dashcam was killed, and has left its ring.
    Crash,
}

impl Cause {
    /// A word for the store and the API: `filter`, `slow`, `asked`, `signal` or `crash`; of a filter its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Filter(text) => text,
            Self::Slow(_) => "latency",
            Self::Asked => "api",
            Self::Signal => "signal",
            Self::Crash => "crash",
        }
    }

    /// Returns whether traffic caused it, which may do so again and again.
    #[must_use]
    pub fn is_traffic(&self) -> bool {
        matches!(self, Self::Filter(_) | Self::Slow(_))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(Slow { route, took_us, p99_us }) => {
                let ms = |us: &i64| us / 1000;
                write!(f, "{route} took {} ms; 99 of 100 take at most {} ms", ms(took_us), ms(p99_us))
            }
            other => f.write_str(other.as_str()),
        }
    }
}

/// A trigger that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrigger {
    /// The filter can't be read.
    #[error("the filter `{text}` can't be read: {why}")]
    Filter {
        /// The filter.
        text: String,
        /// The fault in it.
        why: String,
    },
    /// The filter asks for parts that are not known when an exchange ends.
    #[error(
        "the filter `{text}` asks for {parts}, which are not looked at when an exchange ends: use another one"
    )]
    Unknown {
        /// The filter.
        text: String,
        /// The parts.
        parts: &'static str,
    },
    /// The filter matches every exchange.
    #[error(
        "the filter `{0}` matches every exchange: name those that are to set off a snapshot, such as `status:5xx`"
    )]
    All(String),
    /// The factor is none.
    #[error("`{0}` is no factor for latency; write one of 1.5x or more, such as `5x`")]
    Factor(String),
}

/// The conditions, compiled.
#[derive(Debug, Default)]
pub struct Triggers {
    filters: Vec<(String, Filter)>,
    latency: Option<Latency>,
}

impl Triggers {
    /// Compiles filters, read in `context`, and a factor of the 99th percentile such as `5x`.
    ///
    /// # Errors
    /// Says which condition makes no sense.
    pub fn new(
        filters: &[String],
        slow: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Self, InvalidTrigger> {
        let compile = |text: &String| Ok((text.clone(), filter(text, context)?));
        let filters = filters.iter().map(compile).collect::<Result<_, _>>()?;
        let latency = slow.map(factor).transpose()?.map(Latency::over);
        Ok(Self { filters, latency })
    }

    /// Returns whether there are any.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.filters.is_empty() && self.latency.is_none()
    }

    /// Goes on with other conditions, and with the durations that are known of routes.
    pub(crate) fn go_on_with(&mut self, Self { filters, latency }: Self) {
        self.filters = filters;
        self.latency = match (self.latency.take(), latency) {
            (Some(known), Some(other)) => Some(known.over_as(&other)),
            (_, latency) => latency,
        };
    }

    /// Looks at an exchange that has ended, and at the client that sent it.
    pub(crate) fn look(&mut self, exchange: &Exchange, client: Option<Client<'_>>) -> Option<Cause> {
        let slow = self.latency.as_mut().and_then(|latency| latency.note(exchange));
        if !self.filters.is_empty() {
            let facts = Facts::of_exchange(exchange, Moment::End).with_client(client);
            let matched = self.filters.iter().find(|(_, filter)| filter.evaluate(&facts) == Truth::True);
            if let Some((text, _)) = matched {
                return Some(Cause::Filter(text.clone()));
            }
        }
        slow.map(Cause::Slow)
    }
}

fn filter(text: &str, context: &Context<'_>) -> Result<Filter, InvalidTrigger> {
    let filter = Filter::parse(text, context)
        .map_err(|error| InvalidTrigger::Filter { text: text.to_owned(), why: error.message })?;
    if filter.is_all() {
        return Err(InvalidTrigger::All(text.to_owned()));
    }
    match UNKNOWN.iter().find(|(parts, _)| filter.needs().intersects(*parts)) {
        Some((_, parts)) => Err(InvalidTrigger::Unknown { text: text.to_owned(), parts }),
        None => Ok(filter),
    }
}

/// Reads a factor: `5x`, `2.5x`.
fn factor(text: &str) -> Result<f64, InvalidTrigger> {
    let number = text.strip_suffix('x').unwrap_or(text).parse::<f64>().ok();
    let factor = number.filter(|factor| (1.5..=1000.0).contains(factor));
    factor.ok_or_else(|| InvalidTrigger::Factor(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dashcam_exchange::{State, sample};

    use super::*;

    fn ended(status: u16, us: i64) -> Exchange {
        let mut exchange = sample::exchange(1);
        exchange.state = State::Complete;
        exchange.response = Some(sample::ok(&[]));
        exchange.response.as_mut().unwrap().status = status;
        exchange.timings.end_us = Some(us);
        exchange
    }

    fn triggers(filters: &[&str], slow: Option<&str>) -> Result<Triggers, InvalidTrigger> {
        let filters: Vec<_> = filters.iter().map(ToString::to_string).collect();
        let context = Context { now: &jiff::Zoned::default(), presets: &BTreeMap::new() };
        Triggers::new(&filters, slow, &context)
    }

    #[test]
    fn the_first_filter_that_matches_is_the_cause() {
        let mut triggers = triggers(&["status:5xx", "client:10.0.0.1", "dur:>1s"], None).unwrap();
        let client = Client { address: "10.0.0.1:7", mode: "forward", ..Client::default() };
        for (exchange, client, expect) in [
            (ended(200, 5), None, None),
            (ended(503, 5), None, Some("status:5xx")),
            (ended(200, 2_000_000), None, Some("dur:>1s")),
            (ended(200, 2_000_000), Some(client), Some("client:10.0.0.1")),
        ] {
            let cause = triggers.look(&exchange, client);
            assert_eq!(cause.as_ref().map(Cause::as_str), expect);
        }
    }

    #[test]
    fn slow_ones_are_noticed_beside_filters() {
        let mut triggers = triggers(&["status:500"], Some("3x")).unwrap();
        (0..200).for_each(|_| assert_eq!(triggers.look(&ended(200, 10_000), None), None));
        let cause = triggers.look(&ended(200, 90_000), None).unwrap();
        assert!(cause.is_traffic() && cause.to_string().starts_with("GET a/ took 90 ms"), "{cause}");
    }

    #[test]
    fn other_triggers_know_what_is_usual_already() {
        let mut triggers_now = triggers(&["status:500"], Some("3x")).unwrap();
        (0..200).for_each(|_| assert_eq!(triggers_now.look(&ended(200, 10_000), None), None));
        triggers_now.go_on_with(triggers(&["status:404"], Some("20x")).unwrap());
        assert_eq!(triggers_now.look(&ended(500, 90_000), None), None);
        assert!(triggers_now.look(&ended(404, 5), None).is_some());
        let slow = triggers_now.look(&ended(200, 900_000), None);
        assert!(matches!(slow, Some(Cause::Slow(_))), "{slow:?}");
        triggers_now.go_on_with(Triggers::default());
        assert!(triggers_now.are_none());
    }

    #[test]
    fn triggers_that_make_no_sense_are_refused() {
        let check = |filter: &str, slow: Option<&str>, expect: &str| {
            let filters = if filter.is_empty() { Vec::new() } else { vec![filter] };
            let error = triggers(&filters, slow).unwrap_err().to_string();
            assert!(error.contains(expect), "{filter}: {error}");
        };
        check("status:", None, "status:");
        check("body:secret", None, "bodies or messages");
        check("is:pinned", None, "pins");
        check("tag:x", None, "notes and tags");
        check(" ", None, "every exchange");
        check("", Some("fast"), "no factor");
        check("", Some("1x"), "1.5x or more");
        check("", Some("NaN"), "no factor");
        assert!(triggers(&[], None).unwrap().are_none());
    }
}
