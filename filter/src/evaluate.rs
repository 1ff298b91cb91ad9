//! One condition over the facts that are known.

mod flags;
mod text;

pub use text::graphql_operation;

pub(crate) use self::text::contains;

use dashcam_exchange::{Failure, Side, Stage};

use crate::field::{Field, Of};
use crate::known_facts::Facts;
use crate::matching::json::Found;
use crate::matching::pattern::Pattern;
use crate::names::Names;
use crate::parts::Parts;
use crate::tree::{Span, Term, Test};
use crate::truth::Truth;

/// A condition, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    field: Field,
    needs: Parts,
    test: Compiled,
}

/// A test, ready to run. Most have one entry.
#[derive(Debug, Clone)]
enum Compiled {
    Present,
    Text(Box<[Pattern]>),
    Number(Span),
    Numbers(Box<[Span]>),
    Names(Names),
}

impl Condition {
    pub(crate) fn compile(term: &Term) -> Result<Self, String> {
        let test = match &term.test {
            Test::Present => Compiled::Present,
            Test::Text(texts) => {
                let patterns = texts.iter().map(|text| Pattern::new(text, &term.field));
                Compiled::Text(patterns.collect::<Result<_, _>>()?)
            }
            Test::Numbers(spans) => match spans.as_slice() {
                [span] => Compiled::Number(*span),
                spans => Compiled::Numbers(spans.into()),
            },
            Test::Names(names) => Compiled::Names(*names),
        };
        Ok(Self { field: term.field.clone(), needs: term.needs(), test })
    }

    /// How much it takes, roughly: those that take little are asked first.
    pub(crate) fn cost(&self) -> u32 {
        let regex = match &self.test {
            Compiled::Text(patterns)
                if patterns.iter().any(|pattern| matches!(pattern, Pattern::Regex(_))) =>
            {
                20
            }
            _ => 0,
        };
        let field = match &self.field {
            Field::Body(_) | Field::Json(..) | Field::WebSocket | Field::GqlOperation => 1000,
            Field::HeaderLines(_) => 50,
            Field::Anywhere
            | Field::Url
            | Field::Header(..)
            | Field::Cookie(..)
            | Field::QueryParameter(_) => 5,
            _ => 1,
        };
        field + regex
    }

    /// The answer over `facts`: true as soon as a value meets it, false once all values are known and none does.
    #[inline]
    pub(crate) fn evaluate(&self, facts: &Facts<'_>) -> Truth {
        let holds = match &self.test {
            Compiled::Number(span) => return self.number(facts, std::slice::from_ref(span)),
            Compiled::Numbers(spans) => return self.number(facts, spans),
            Compiled::Names(names) => return self.names(facts, *names),
            Compiled::Present => match self.presence(facts) {
                Some(answer) => return answer,
                None => text::any(&self.field, facts, &|value| self.is_something(value)),
            },
            Compiled::Text(patterns) => self.text(facts, patterns),
        };
        if holds { Truth::True } else { self.absent(facts) }
    }

    #[inline]
    fn text(&self, facts: &Facts<'_>, patterns: &[Pattern]) -> bool {
        if let Some(text) = self.single(facts) {
            let text = text.as_bytes();
            return match patterns {
                [pattern] => pattern.matches(text),
                patterns => patterns.iter().any(|one| one.matches(text)),
            };
        }
        match (&self.field, patterns) {
            (Field::Path, [pattern]) => text::path(facts, pattern),
            (Field::Json(of, path), patterns) => {
                let may_have = |body: &[u8]| patterns.iter().any(|one| one.may_occur_in_json(body));
                text::json(facts, (*of, path), &may_have, &|found| match found {
                    Found::Text(text) => patterns.iter().any(|one| one.matches(text.as_bytes())),
                    Found::Word(word) => patterns.iter().any(|one| one.matches_whole(word.as_bytes())),
                    Found::Container => false,
                })
            }
            (field, [pattern]) => text::any(field, facts, &|value| pattern.matches(value)),
            (field, patterns) => {
                text::any(field, facts, &|value| patterns.iter().any(|one| one.matches(value)))
            }
        }
    }

    /// The text of a field that has one, and needs nothing to be made of it.
    #[inline]
    fn single<'f>(&self, facts: &Facts<'f>) -> Option<&'f str> {
        match self.field {
            Field::Host => facts.destination.map(|destination| destination.host.as_str()),
            Field::Method => facts.method,
            _ => None,
        }
    }

    /// False, if everything that it depends on is known.
    #[inline]
    fn absent(&self, facts: &Facts<'_>) -> Truth {
        if facts.known.contains(self.needs) { Truth::False } else { self.early(facts) }
    }

    /// The answer while not all parts are known: single values that are there are certain already.
    fn early(&self, facts: &Facts<'_>) -> Truth {
        let is_there = match &self.field {
            Field::Method => facts.method.is_some(),
            Field::Scheme => facts.destination.is_some() && !facts.is_scheme_open,
            Field::Host | Field::Destination | Field::Port => facts.destination.is_some(),
            Field::Path | Field::Query | Field::QueryParameter(_) => facts.target.is_some(),
            Field::Url => facts.destination.is_some() && facts.target.is_some(),
            Field::Type => facts.content_type().is_some(),
            Field::Domain => facts.destination.is_some() && facts.request.is_some(),
            Field::Client | Field::Mode | Field::Listener => facts.client.is_some(),
            Field::Sni => {
                facts.client.is_some_and(|client| client.tls.is_some() || client.asked_name.is_some())
            }
            Field::Tls(Of::Request) => facts.client.is_some_and(|client| client.tls.is_some()),
            Field::Upstream => facts.upstream.is_some(),
            _ => false,
        };
        if is_there { Truth::False } else { Truth::Unknown }
    }

    fn number(&self, facts: &Facts<'_>, spans: &[Span]) -> Truth {
        match number(&self.field, facts) {
            Some(number) => spans.iter().any(|span| span.contains(number)).into(),
            None => match reached(&self.field, facts) {
                Some(reached) => at_least(reached, spans),
                None => self.absent(facts),
            },
        }
    }

    fn names(&self, facts: &Facts<'_>, names: Names) -> Truth {
        let known = match self.field {
            Field::Is => return flags::any(names, facts),
            Field::Level => facts.level.map(|level| names.has_level(level)),
            Field::State => facts.state.map(|state| names.has_state(state)),
            Field::Version => facts.version().map(|version| names.has_version(version)),
            Field::Scheme => {
                let settled = facts.destination.filter(|_| !facts.is_scheme_open);
                settled.map(|destination| names.has_scheme(destination.scheme))
            }
            Field::Fail => facts.failure.map(|failure| has(names, failure)),
            _ => None,
        };
        known.map_or_else(|| self.absent(facts), Truth::from)
    }

    /// Returns whether a field is there that has no text.
    fn presence(&self, facts: &Facts<'_>) -> Option<Truth> {
        let is_there = match &self.field {
            Field::Is => return Some(flags::any(Names(u32::MAX), facts)),
            Field::Level => facts.level.is_some(),
            Field::State => facts.state.is_some(),
            Field::Version => facts.version().is_some(),
            Field::Scheme => facts.destination.is_some(),
            Field::Fail => facts.failure.is_some(),
            Field::Json(of, path) => text::json(facts, (*of, path), &|_| true, &|_| true),
            field if field.is_number() => number(field, facts).is_some(),
            _ => return None,
        };
        Some(if is_there { Truth::True } else { self.absent(facts) })
    }

    /// Returns whether a value is there although it may be empty: an empty comment is none.
    fn is_something(&self, value: &[u8]) -> bool {
        let may_be_empty = matches!(
            self.field,
            Field::Header(..) | Field::Cookie(..) | Field::QueryParameter(_) | Field::WebSocket
        );
        may_be_empty || !value.is_empty()
    }
}

/// The answer about a number that is `reached` at least.
pub(crate) fn at_least(reached: i64, spans: &[Span]) -> Truth {
    if spans.iter().any(|span| span.min <= reached && span.max == i64::MAX) {
        Truth::True
    } else if spans.iter().all(|span| span.max < reached) {
        Truth::False
    } else {
        Truth::Unknown
    }
}

/// Returns whether `failure` is one of `names`.
pub(crate) fn has(names: Names, failure: &Failure) -> bool {
    let Failure { side, stage, .. } = failure;
    let (side, stage): (Side, Stage) = (*side, *stage);
    names.has_failure(side, stage)
}

/// The least that a number can be which is not known yet: the amount that it has reached.
fn reached(field: &Field, facts: &Facts<'_>) -> Option<i64> {
    let so_far = facts.so_far?;
    match field {
        Field::Duration => Some(so_far.duration_us),
        Field::Size(Of::Request) => i64::try_from(so_far.request_size).ok(),
        Field::Size(_) => i64::try_from(so_far.response_size).ok(),
        _ => None,
    }
}

/// The value of a field that is a number.
fn number(field: &Field, facts: &Facts<'_>) -> Option<i64> {
    let size = |size: Option<u64>| size.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    match field {
        Field::Status => facts.status.map(i64::from),
        Field::Duration => facts.duration_us,
        Field::Ttfb => facts.response_start_us,
        Field::Size(Of::Request) => size(facts.request_size),
        Field::Size(_) => size(facts.response_size),
        Field::At => facts.started_at.map(|at| at.0),
        Field::Id => facts.id.map(|id| id.0),
        Field::Connection => facts.connection.map(|id| id.0),
        Field::ReplayOf => facts.replay_of.map(|id| id.0),
        Field::Port => facts.destination.map(|destination| i64::from(destination.port)),
        Field::Pid => facts.client.and_then(|client| client.pid).map(i64::from),
        Field::GrpcStatus => text::grpc_status(facts),
        _ => None,
    }
}
