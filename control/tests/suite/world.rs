//! Exchanges as they pass, and the rules that they meet.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_control::{
    CaptureDecision, ClientFacts, ConnectionFacts, Control, Kept, Narrowed, Pending, Settings, Verdict,
};
use dashcam_exchange::{Destination, Exchange, Level, Scheme, State, Timings, sample};
use dashcam_filter::Moment;
use serde_json::Value;

/// Control with rules as JSON has them, and a level for what they leave.
pub(crate) fn control(rules: Value, level: Level) -> Control {
    let control = Control::new(Settings::default());
    change(&control, rules, level);
    control
}

/// Puts other rules in force.
pub(crate) fn change(control: &Control, rules: Value, level: Level) {
    let rules = Some(serde_json::from_value(rules).unwrap());
    control.change(&dashcam_control::Patch { level: Some(level), rules, ..Default::default() }).unwrap();
}

/// An exchange that is complete.
pub(crate) fn exchange(host: &str, target: &str, status: u16, ms: i64) -> Exchange {
    let response = dashcam_exchange::ResponseHead { status, ..sample::ok(&[]) };
    Exchange {
        destination: Destination::parse(Scheme::Https, host).unwrap(),
        request: sample::request("GET", target, &[]),
        response: Some(response),
        timings: Timings { response_start_us: Some(ms * 500), end_us: Some(ms * 1000), ..Timings::default() },
        ..sample::exchange(1)
    }
}

/// A client's connection.
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) described: Arc<ClientFacts>,
    pub(crate) narrowed: Option<Narrowed>,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let described = ClientFacts {
            address: address.to_owned(),
            mode: "forward".to_owned(),
            listener: Some("front".to_owned()),
            ..ClientFacts::default()
        };
        Self { address: address.parse().unwrap(), described: Arc::new(described), narrowed: None }
    }

    /// The same, of which all exchanges go to the same destination.
    pub(crate) fn of_one_destination(address: &str) -> Self {
        Self { narrowed: Some(Narrowed::default()), ..Self::new(address) }
    }

    pub(crate) fn facts<'a>(&'a self, destination: &'a Destination) -> ConnectionFacts<'a> {
        ConnectionFacts {
            mode: Some("forward"),
            client: Some(self.address),
            destination: Some(destination),
            described: Some(&self.described),
            narrowed: self.narrowed.as_ref(),
            ..ConnectionFacts::default()
        }
    }
}

/// The moment of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Head,
    Response,
    End,
}

/// The outcome of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) at: At,
    pub(crate) rule: String,
    pub(crate) level: Level,
    pub(crate) kept: Kept,
    /// The level at which it was captured until then.
    pub(crate) captured: Level,
}

/// An exchange that has begun.
pub(crate) struct Begun {
    pub(crate) whole: Exchange,
    pub(crate) captured: Level,
    pub(crate) pending: Option<Box<Pending>>,
    pub(crate) outcome: Option<Outcome>,
}

/// Begins an exchange that will be `whole`.
pub(crate) fn begin(control: &Control, client: &Client, whole: Exchange) -> Begun {
    let policy = control.policy();
    let decision = policy.for_exchange(&client.facts(&whole.destination), &whole.request);
    let CaptureDecision { level, rule, kept, pending, .. } = decision;
    let rule = rule.map(|rule| rule.to_string()).unwrap_or_default();
    let outcome = Outcome { at: At::Head, rule, level, kept, captured: level };
    let outcome = pending.is_none().then_some(outcome);
    Begun { whole, captured: level, pending, outcome }
}

impl Begun {
    fn ask(&mut self, at: At, exchange: &Exchange, moment: Moment) {
        let verdict = self.pending.as_mut().and_then(|pending| pending.decide(exchange, moment, None));
        if let Some(Verdict { level, rule, kept, .. }) = verdict {
            self.pending = None;
            let rule = rule.unwrap().to_string();
            self.outcome = Some(Outcome { at, rule, level, kept, captured: self.captured });
        }
    }

    /// The response's head is there.
    pub(crate) fn respond(&mut self) {
        let mut now = self.whole.clone();
        (now.state, now.failure, now.timings.end_us) = (State::Open, None, None);
        if now.response.is_some() {
            self.ask(At::Response, &now, Moment::Response);
        }
    }

    /// It has ended.
    pub(crate) fn end(&mut self) -> Outcome {
        let whole = self.whole.clone();
        self.ask(At::End, &whole, Moment::End);
        self.outcome.clone().expect("at the end it is decided")
    }
}

/// Lets an exchange pass.
pub(crate) fn pass(control: &Control, client: &Client, whole: Exchange) -> Outcome {
    let mut begun = begin(control, client, whole);
    begun.respond();
    begun.end()
}

/// The client that most tests have.
pub(crate) fn client() -> Client {
    Client::new("10.0.0.7:50000")
}
