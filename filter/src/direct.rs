//! Conditions that are answered over an exchange itself.
//!
//! [`Filter::evaluate`](crate::Filter::evaluate) asks [`Facts`](crate::Facts), which are put together first. Rules mostly
//! ask for less of an exchange under way: its status, how long it takes, whether it fails, a header that is not there.

use dashcam_exchange::{Exchange, Headers, RequestHead, ResponseHead};

use crate::evaluate::{at_least, contains, has};
use crate::field::{Field, Of};
use crate::known_facts::Moment;
use crate::names::Names;
use crate::tree::{Node, Span, Term, Test};
use crate::truth::Truth;

/// An exchange, and how far it has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    request: &'a RequestHead,
    /// The exchange, once it has begun to be recorded.
    exchange: Option<&'a Exchange>,
    moment: Moment,
    /// Microseconds that it has lasted at least.
    reached_us: Option<i64>,
}

impl<'a> Progress<'a> {
    /// One of which the request's head has come.
    #[must_use]
    pub fn begun(request: &'a RequestHead) -> Self {
        Self { request, exchange: None, moment: Moment::Request, reached_us: None }
    }

    /// One at `moment`, of which it may be known how many microseconds it has lasted at least.
    #[must_use]
    pub fn of(exchange: &'a Exchange, moment: Moment, reached_us: Option<i64>) -> Self {
        Self { request: &exchange.request, exchange: Some(exchange), moment, reached_us }
    }

    fn has_response(&self) -> bool {
        self.moment >= Moment::Response
    }

    fn response(&self) -> Option<&'a ResponseHead> {
        self.exchange.filter(|_| self.has_response())?.response.as_ref()
    }

    /// The exchange, once it has ended.
    fn ended(&self) -> Option<&'a Exchange> {
        self.exchange.filter(|_| self.moment == Moment::End)
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
    /// Met only with such a header: its name.
    Header(Of, Box<str>),
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
            (Field::Header(of, name), _) => Self::Header(*of, name.as_str().into()),
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

    fn answer(&self, progress: &Progress<'_>) -> Option<Truth> {
        match self {
            Self::Status(span) => Some(status(*span, progress)),
            Self::Duration(span) => Some(duration(*span, progress)),
            Self::Failure(names) => Some(failure(*names, progress)),
            Self::Header(of, name) => {
                let is_there = |headers: &Headers| headers.may_contain(name);
                without(*of, progress, (is_there, is_there))
            }
            Self::Cookie(of, name) => {
                let is_sent = |headers: &Headers| {
                    headers.may_contain("cookie")
                        && headers.all("cookie").any(|line| contains(line, name.as_bytes()))
                };
                without(*of, progress, (is_sent, |headers: &Headers| headers.may_contain("set-cookie")))
            }
            Self::Not(check) => check.answer(progress).map(|answer| !answer),
            Self::All(checks) => first(checks, progress, Truth::False),
            Self::Any(checks) => first(checks, progress, Truth::True),
            Self::Other => None,
        }
    }
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

fn status(span: Span, progress: &Progress<'_>) -> Truth {
    match progress.response() {
        Some(head) => span.contains(i64::from(head.status)).into(),
        None if progress.has_response() => Truth::False,
        None => Truth::Unknown,
    }
}

fn duration(span: Span, progress: &Progress<'_>) -> Truth {
    let ended = progress.ended();
    match (ended.and_then(|exchange| exchange.timings.end_us), progress.reached_us) {
        (Some(lasted), _) => span.contains(lasted).into(),
        (None, Some(reached)) => at_least(reached, &[span]),
        (None, None) if ended.is_some() => Truth::False,
        (None, None) => Truth::Unknown,
    }
}

fn failure(names: Names, progress: &Progress<'_>) -> Truth {
    match progress.ended() {
        Some(exchange) => exchange.failure.as_ref().is_some_and(|failure| has(names, failure)).into(),
        None => Truth::Unknown,
    }
}

/// The answer about a field of `of`'s heads if it surely is not there: none if it may be, by one of the two tests.
fn without(
    of: Of,
    progress: &Progress<'_>,
    (is_in_request, is_in_response): (impl Fn(&Headers) -> bool, impl Fn(&Headers) -> bool),
) -> Option<Truth> {
    let may_be_there = of != Of::Response && is_in_request(&progress.request.headers)
        || of != Of::Request && progress.response().is_some_and(|head| is_in_response(&head.headers));
    let is_certain = of == Of::Request || progress.has_response();
    (!may_be_there).then_some(if is_certain { Truth::False } else { Truth::Unknown })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dashcam_exchange::{Failure, Side, Stage, sample};

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
