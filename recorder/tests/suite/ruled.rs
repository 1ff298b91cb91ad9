//! Exchanges about which rules decide, for the tests of that.

use std::sync::{Arc, Mutex};

use dashcam_control::{ConnectionFacts, Control, Patch, Rule, Settings};
use dashcam_exchange::{
    ConnectionId, Destination, Direction, GapReason, Headers, LastIds, Level, Record, RequestHead,
    ResponseHead, Scheme, Version, sample,
};
use dashcam_recorder::{Aside, Begin, Client, Limits, OpenExchange, Recorder, Refusal, Writer, recorder};
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};

/// A part of a body, in bytes.
pub(crate) const PART: usize = 4096;

/// A recorder, and the policy that decides about its exchanges.
pub(crate) struct Ruled {
    pub(crate) control: Control,
    pub(crate) recorder: Recorder,
    pub(crate) stored: Arc<Mutex<Vec<Record>>>,
    pub(crate) writing: JoinHandle<()>,
}

/// A rule of `(name, filter, level)`.
pub(crate) fn rule((name, filter, level): (&str, &str, Level)) -> Rule {
    let text = format!(r#"{{"name":"{name}","match":"{filter}","level":"{level}"}}"#);
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits { part: PART, ..Limits::default() }
}

impl Ruled {
    /// One with rules before the level `default`; its writer keeps what it is given.
    pub(crate) fn start(rules: &[(&str, &str, Level)], default: Level) -> Self {
        Self::with_writer(rules, (default, limits()), |writer| writer)
    }

    /// The same, which may hold no more than `limits`.
    pub(crate) fn with_limits(rules: &[(&str, &str, Level)], default: Level, limits: Limits) -> Self {
        Self::with_writer(rules, (default, limits), |writer| writer)
    }

    /// The same, whose exchanges that are not kept go to `aside`.
    pub(crate) fn with_aside(
        rules: &[(&str, &str, Level)],
        default: Level,
        aside: impl FnMut(Aside<'_>) + Send + 'static,
    ) -> Self {
        let ruled = Self::with_writer(rules, (default, limits()), |writer| writer.with_aside(aside));
        ruled.recorder.set_aside(true);
        ruled.control.set_flight(true);
        ruled
    }

    #[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
    fn with_writer(
        rules: &[(&str, &str, Level)],
        (default, limits): (Level, Limits),
        prepare: impl FnOnce(Writer) -> Writer,
    ) -> Self {
        let (recorder, writer) = recorder(limits, LastIds::default());
        let stored = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&stored);
        let append = move |records: Vec<Record>| {
            kept.lock().unwrap().extend(records);
            std::future::ready(Ok::<_, String>(()))
        };
        let writing = tokio::spawn(prepare(writer).run(append, |_| Refusal::lost(GapReason::DiskError)));
        let control = Control::new(Settings { level: default, ..Settings::default() });
        let rules = rules.iter().copied().map(rule).collect();
        control.change(&Patch { rules: Some(rules), ..Patch::default() }).unwrap();
        Self { control, recorder, stored, writing }
    }

    /// Begins an exchange of `client`, of which the rules want something, or may.
    pub(crate) fn begin(&self, client: Option<&Client>) -> OpenExchange {
        begin(&self.control, &self.recorder, ("GET", "/"), client).expect("the rules may want it")
    }

    /// The records that come out once the recorder is closed, without gaps.
    pub(crate) async fn stop(self) -> Vec<Record> {
        self.recorder.close();
        timeout(Duration::from_secs(30), self.writing).await.expect("the writer ends").unwrap();
        std::mem::take(&mut *self.stored.lock().unwrap())
    }
}

/// Begins an exchange as the policy in force says; `None` if nothing of it is captured.
pub(crate) fn begin(
    control: &Control,
    recorder: &Recorder,
    (method, path): (&str, &str),
    client: Option<&Client>,
) -> Option<OpenExchange> {
    let destination = Destination::parse(Scheme::Https, "a.example").unwrap();
    let request = RequestHead {
        method: method.to_owned(),
        target: path.to_owned(),
        authority: None,
        version: Version::Http11,
        headers: Headers::default(),
    };
    let facts = ConnectionFacts { destination: Some(&destination), ..ConnectionFacts::default() };
    let decision = control.policy().for_exchange(&facts, &request);
    if !decision.level.records() {
        recorder.pass(decision.kept);
        return None;
    }
    let connection = client.map(|_| ConnectionId(1));
    let client = client.cloned();
    recorder.begin(Begin { connection, client, replay_of: None, decision, destination, request })
}

/// A response's head.
pub(crate) fn head(status: u16) -> ResponseHead {
    ResponseHead { status, ..sample::ok(&[]) }
}

/// Answers an exchange whole, which ends it.
pub(crate) fn answer(open: OpenExchange, status: u16, body: &[u8]) {
    open.response(head(status));
    let mut tap = open.tap(Direction::Response);
    drop(open);
    body.chunks(1000).for_each(|piece| tap.data(piece));
    tap.end(None);
}
