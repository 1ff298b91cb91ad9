//! Conditions that are answered over an exchange itself.
//!
//! [`Filter::evaluate`](crate::Filter::evaluate) asks [`Facts`](crate::Facts), which are put together first. Rules mostly
//! ask for less of an exchange under way: its status, how long it takes, whether it fails, a header that is not there.

use dashcam_exchange::{Exchange, Failure, Headers, Mark, RequestHead};

use crate::evaluate::{at_least, contains, has};
use crate::field::{Field, Of};
use crate::known_facts::Moment;
use crate::names::Names;
use crate::tree::{Node, Span, Term, Test};
use crate::truth::Truth;

/// An exchange as far as it has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    request: &'a Headers,
    /// The response's fields, once they are there.
    response: Option<&'a Headers>,
    status: Option<u16>,
    has_response: bool,
    has_ended: bool,
    /// Microseconds that it has lasted, once it has ended; before, those that it lasts at least.
    lasted_us: Option<i64>,
    reached_us: Option<i64>,
    failure: Option<&'a Failure>,
}

impl<'a> Progress<'a> {
    /// One of which the request's head has come.
    #[must_use]
    pub fn begun(request: &'a RequestHead) -> Self {
        Self {
            request: &request.headers,
            response: None,
            status: None,
            has_response: false,
            has_ended: false,
            lasted_us: None,
            reached_us: None,
            failure: None,
        }
    }

    /// One at `moment`, of which it may be known how many microseconds it lasts at least.
    #[must_use]
    pub fn of(exchange: &'a Exchange, moment: Moment, reached_us: Option<i64>) -> Self {
        let mut progress = Self { reached_us, ..Self::begun(&exchange.request) };
        if moment >= Moment::Response {
            progress.has_response = true;
            progress.response = exchange.response.as_ref().map(|head| &head.headers);
            progress.status = exchange.response.as_ref().map(|head| head.status);
        }
        if moment == Moment::End {
            progress.has_ended = true;
            progress.lasted_us = exchange.timings.end_us;
            progress.failure = exchange.failure.as_ref();
        }
        progress
    }
}

/// The part of a filter that is answered without facts.
#[derive(Debug, Clone)]
pub struct DirectFilter(Check);

#[derive(Debug, Clone)]
enum Check {
    All(Box<[Self]>),
    Any(Box<[Self]>),
    Not(Box<Self>),
    Status(Span),
    Duration(Span),
    Failure(Names),
    /// Met only with a header whose name has this mark.
    Header(Of, Mark),
    /// Met only with such a cookie: its name.
    Cookie(Of, Box<str>),
    /// Any other condition.
    Other,
}

impl DirectFilter {
    /// The part of `node` that is answered without facts; `None` if it has none.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        let check = Check::of(node);
        (!check.is_other()).then_some(Self(check))
    }

    /// The answer of the whole filter, as [`Filter::evaluate`](crate::Filter::evaluate) gives it over what is known by then.
    /// `None` if facts have to be asked.
    #[must_use]
    #[inline]
    pub fn answer(&self, progress: &Progress<'_>) -> Option<Truth> {
        self.0.answer(progress)
    }
}

impl Check {
    fn of(node: &Node) -> Self {
        let each = |nodes: &[Node]| nodes.iter().map(Self::of).collect();
        match node {
            Node::All => Self::All(Box::default()),
            Node::And(nodes) => Self::All(each(nodes)),
            Node::Or(nodes) => Self::Any(each(nodes)),
            Node::Not(node) => Self::Not(Box::new(Self::of(node))),
            Node::Term(term) => Self::term(term),
        }
    }

    fn term(Term { field, test }: &Term) -> Self {
        match (field, test) {
            (Field::Status, Test::Numbers(spans)) => one_of(spans, Self::Status),
            (Field::Duration, Test::Numbers(spans)) => one_of(spans, Self::Duration),
            (Field::Fail, Test::Names(names)) => Self::Failure(*names),
            (Field::Fail, Test::Present) => Self::Failure(Names(u32::MAX)),
            (Field::Header(of, name), _) => Self::Header(*of, Mark::of(name.as_bytes())),
            (Field::Cookie(of, name), _) => Self::Cookie(*of, name.as_str().into()),
            _ => Self::Other,
        }
    }

    fn is_other(&self) -> bool {
        match self {
            Self::Other => true,
            Self::All(checks) | Self::Any(checks) => checks.iter().all(Self::is_other),
            Self::Not(check) => check.is_other(),
            _ => false,
        }
    }

    #[inline]
    fn answer(&self, progress: &Progress<'_>) -> Option<Truth> {
        match self {
            Self::Status(span) => Some(status(*span, progress)),
            Self::Duration(span) => Some(duration(*span, progress)),
            Self::Failure(names) => Some(failure(*names, progress)),
            Self::Header(of, mark) => {
                let is_there = |headers: &Headers| headers.may_contain(*mark);
                without(*of, progress, (is_there, is_there))
            }
            Self::Cookie(of, name) => {
                let is_sent = |headers: &Headers| has_cookie(headers, name);
                without(*of, progress, (is_sent, |headers: &Headers| headers.may_contain(SET_COOKIE)))
            }
            joined => joined.answer_joined(progress),
        }
    }

    #[inline(never)]
    fn answer_joined(&self, progress: &Progress<'_>) -> Option<Truth> {
        match self {
            Self::Not(check) => check.answer(progress).map(|answer| !answer),
            Self::All(checks) => first(checks, progress, Truth::False),
            Self::Any(checks) => first(checks, progress, Truth::True),
            _ => None,
        }
    }
}

/// The name of the field that sets cookies.
const SET_COOKIE: Mark = Mark::of(b"set-cookie");

/// Returns whether one of a request's cookies may have `name`.
fn has_cookie(headers: &Headers, name: &str) -> bool {
    headers.all("cookie").any(|line| contains(line, name.as_bytes()))
}

fn one_of(spans: &[Span], check: fn(Span) -> Check) -> Check {
    match spans {
        [span] => check(*span),
        spans => Check::Any(spans.iter().copied().map(check).collect()),
    }
}

/// `decisive`, if that is the answer of one of `checks`; else none, if one has none; else unknown, if that is one's; else the
/// opposite.
fn first(checks: &[Check], progress: &Progress<'_>, decisive: Truth) -> Option<Truth> {
    let mut answer = Some(!decisive);
    for check in checks {
        match check.answer(progress) {
            Some(found) if found == decisive => return Some(decisive),
            None => answer = None,
            Some(Truth::Unknown) if answer.is_some() => answer = Some(Truth::Unknown),
            Some(_) => {}
        }
    }
    answer
}

#[inline]
fn status(span: Span, progress: &Progress<'_>) -> Truth {
    match progress.status {
        Some(status) => span.contains(i64::from(status)).into(),
        None if progress.has_response => Truth::False,
        None => Truth::Unknown,
    }
}

#[inline]
fn duration(span: Span, progress: &Progress<'_>) -> Truth {
    match (progress.lasted_us, progress.reached_us) {
        (Some(lasted), _) => span.contains(lasted).into(),
        (None, Some(reached)) => at_least(reached, &[span]),
        (None, None) if progress.has_ended => Truth::False,
        (None, None) => Truth::Unknown,
    }
}

#[inline]
fn failure(names: Names, progress: &Progress<'_>) -> Truth {
    match progress.failure {
        Some(failure) => has(names, failure).into(),
        None if progress.has_ended => Truth::False,
        None => Truth::Unknown,
    }
}

/// The answer about a field of `of`'s heads if it surely is not there: none if it may be, by one of the two tests.
#[inline]
fn without(
    of: Of,
    progress: &Progress<'_>,
    (is_in_request, is_in_response): (impl Fn(&Headers) -> bool, impl Fn(&Headers) -> bool),
) -> Option<Truth> {
    let may_be_there = of != Of::Request && progress.response.is_some_and(is_in_response)
        || of != Of::Response && is_in_request(progress.request);
    let is_certain = of == Of::Request || progress.has_response;
    (!may_be_there).then_some(if is_certain { Truth::False } else { Truth::Unknown })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dashcam_exchange::{ResponseHead, Side, Stage, sample};

    use super::*;
    use crate::{Context, Filter};

    fn direct(text: &str) -> Option<DirectFilter> {
        let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
        DirectFilter::of(Filter::parse(text, &Context { now: &now, presets: &presets }).unwrap().tree())
    }

    /// At the request's head, at the response's, and at the end: `t`, `f`, `u` for unknown, `-` where facts have to be asked.
    #[test]
    fn answers_without_facts() {
        let mut exchange = sample::exchange(1);
        exchange.request = sample::request("GET", "/", &[("Cookie", "a=1"), ("X-One", "1")]);
        exchange.response = Some(ResponseHead { status: 503, ..sample::ok(&[]) });
        exchange.failure = Some(Failure::new(Side::Upstream, Stage::ResponseBody, "cut"));
        exchange.timings.end_us = Some(2_000_000);
        for (text, expect) in [
            ("status:5xx", "utt"),
            ("status:200,404", "uff"),
            ("-status:200", "utt"),
            ("dur:>1s", "uut"),
            ("dur:<10ms", "uff"),
            ("fail:*", "uut"),
            ("fail:client", "uuf"),
            ("status:200 | fail:*", "uut"),
            ("status:5xx dur:>10s", "uuf"),
            ("header.x-two:*", "uff"),
            ("req.header.x-two:1", "fff"),
            ("res.header.x-one:1", "uff"),
            ("header.x-one:2", "---"),
            ("cookie.tester:=1", "uff"),
            ("cookie.a:=1", "---"),
            ("path:/x status:200", "-ff"),
            ("path:/x status:5xx", "---"),
            ("req.header.x-two:* path:/", "fff"),
        ] {
            let filter = direct(text).unwrap();
            let reached = [(Moment::Request, None), (Moment::Response, Some(500_000)), (Moment::End, None)];
            let answers = reached.map(|(moment, reached)| {
                match filter.answer(&Progress::of(&exchange, moment, reached)) {
                    Some(Truth::True) => 't',
                    Some(Truth::False) => 'f',
                    Some(Truth::Unknown) => 'u',
                    None => '-',
                }
            });
            assert_eq!(answers.iter().collect::<String>(), expect, "{text}");
        }
        let long = Progress::of(&exchange, Moment::Response, Some(1_500_000));
        assert_eq!(direct("dur:>1s").unwrap().answer(&long), Some(Truth::True));
        assert!(direct("path:/ | host:a").is_none() && direct("is:error").is_none());
    }
}
