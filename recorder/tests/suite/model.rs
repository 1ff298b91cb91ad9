//! Random rules, changes of them and exchanges, recorded into a real store: what is stored and counted is what a simple
//! reference says, which knows the whole exchange and asks each rule in order.

mod reference;

use std::collections::BTreeMap;

use dashcam_control::{Control, Patch, Settings};
use dashcam_exchange::{
    ConnectionId, Direction, Exchange, ExchangeId, Failure, GapReason, LastIds, Level, MessageKind, Side,
    Stage, State, sample,
};
use dashcam_recorder::{
    BodyTap, Client, HandOver, Ledger, OpenExchange, Recorder, Refusal, Serving, recorder,
};
use dashcam_store::{Store, StoreError};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Builder;
use tokio::time::{Duration, timeout};

use crate::ruled::{PART, begin, head, limits};
use reference::{Expected, Policy, Seen, policy};

/// A step of a run. Exchanges are chosen by a number that is taken modulo those that are open.
#[derive(Debug, Clone)]
enum Step {
    Begin { post: bool, path: u8 },
    Data { of: usize, request: bool, bytes: usize },
    Respond { of: usize, status: u16 },
    Message { of: usize, bytes: usize },
    Fail { of: usize },
    End { of: usize, whole: bool },
    Change(Policy),
}

fn step() -> impl Strategy<Value = Step> {
    let of = 0..64_usize;
    prop_oneof![
        5 => (any::<bool>(), 0..3_u8).prop_map(|(post, path)| Step::Begin { post, path }),
        4 => (of.clone(), any::<bool>(), prop_oneof![1..600_usize, PART..3 * PART])
            .prop_map(|(of, request, bytes)| Step::Data { of, request, bytes }),
        5 => (of.clone(), prop::sample::select(vec![200_u16, 204, 404, 500, 503]))
            .prop_map(|(of, status)| Step::Respond { of, status }),
        1 => (of.clone(), 1..2000_usize).prop_map(|(of, bytes)| Step::Message { of, bytes }),
        1 => of.clone().prop_map(|of| Step::Fail { of }),
        4 => (of, prop::bool::weighted(0.8)).prop_map(|(of, whole)| Step::End { of, whole }),
        1 => policy().prop_map(Step::Change),
    ]
}

/// An exchange under way.
struct Open {
    exchange: OpenExchange,
    taps: [BodyTap; 2],
    seen: Seen,
}

/// A recorder with a store, and what the reference knows.
struct World {
    control: Control,
    recorder: Recorder,
    client: Client,
    serving: std::sync::Arc<Serving>,
    policy: Policy,
    open: Vec<Open>,
    ended: BTreeMap<ExchangeId, Seen>,
    /// Exchanges of which nothing was captured from their beginning on.
    passed: Vec<Seen>,
}

impl World {
    fn new(recorder: Recorder, policy: Policy) -> Self {
        let client = recorder.client(Some([127, 0, 0, 1].into()));
        recorder.connection(&client, sample::connection(1), HandOver::WithExchange);
        let serving = Serving::new(crate::late::upstream(recorder.upstream_connection_id()));
        let control = Control::new(Settings::default());
        let mut world = Self {
            control,
            recorder,
            client,
            serving,
            policy: policy.clone(),
            open: Vec::new(),
            ended: BTreeMap::new(),
            passed: Vec::new(),
        };
        world.change(policy);
        world
    }

    fn change(&mut self, policy: Policy) {
        let patch = Patch {
            level: Some(policy.default),
            body_limit: Some(policy.body_limit),
            rules: Some(policy.rules()),
            redaction: None,
        };
        self.control.change(&patch).unwrap();
        self.policy = policy;
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Begin { post, path } => self.begin(post, path),
            Step::Change(policy) => self.change(policy),
            Step::Data { of, request, bytes } => self.with(of, |open| {
                // One has messages or bodies.
                if open.seen.messages == 0 && (request || open.seen.status.is_some()) {
                    let direction = usize::from(!request);
                    open.taps[direction].data(&vec![b'x'; bytes]);
                    open.seen.sizes[direction] += bytes as u64;
                }
            }),
            Step::Respond { of, status } => self.with(of, |open| {
                if open.seen.status.is_none() {
                    open.exchange.response(head(status));
                    open.seen.status = Some(status);
                }
            }),
            Step::Message { of, bytes } => self.with(of, |open| {
                if open.seen.sizes != [0, 0] {
                    return;
                }
                let messages = open.exchange.messages();
                let mut kept = messages.buffer();
                kept.push(&vec![b'm'; bytes], messages.limit());
                messages.message(Direction::Request, MessageKind::Text, bytes as u64, kept);
                open.seen.messages += 1;
            }),
            Step::Fail { of } => self.with(of, |open| {
                open.exchange.fail(Failure::new(Side::Upstream, Stage::ResponseBody, "it broke"));
                open.seen.failed = true;
            }),
            Step::End { of, whole } if !self.open.is_empty() => {
                let open = self.open.swap_remove(of % self.open.len());
                self.end(open, whole);
            }
            Step::End { .. } => {}
        }
    }

    fn with(&mut self, of: usize, change: impl FnOnce(&mut Open)) {
        let count = self.open.len().max(1);
        if let Some(open) = self.open.get_mut(of % count) {
            change(open);
        }
    }

    fn begin(&mut self, post: bool, path: u8) {
        let seen = Seen { policy: self.policy.clone(), post, path, ..Seen::default() };
        let (method, target) = (if post { "POST" } else { "GET" }, format!("/{path}"));
        match begin(&self.control, &self.recorder, (method, &target), Some(&self.client)) {
            None => self.passed.push(seen),
            Some(exchange) => {
                exchange.served_by(&self.serving);
                let taps = [Direction::Request, Direction::Response].map(|direction| exchange.tap(direction));
                self.open.push(Open { exchange, taps, seen });
            }
        }
    }

    fn end(&mut self, Open { exchange, taps, mut seen }: Open, whole: bool) {
        let id = exchange.id();
        seen.is_whole = whole && seen.status.is_some() && !seen.failed;
        for mut tap in taps {
            if whole {
                tap.end(None);
            }
        }
        drop(exchange);
        self.ended.insert(id, seen);
    }

    /// Checks that the counts balance, and what is open.
    fn check_balance(&self) {
        let ledger = self.recorder.ledger();
        let Ledger { seen, stored, open, pending, not_kept, sampled_out, dropped, .. } = ledger;
        let dropped: u64 = dropped.iter().map(|(_, count)| count).sum();
        assert_eq!(seen, stored + open + pending + not_kept + sampled_out + dropped, "{ledger:?}");
        assert!(open <= self.open.len() as u64, "{ledger:?}");
    }

    /// Checks what is stored, and all counts, once all is.
    async fn check(self, store: &Store) {
        let (mut stored, mut truncated) = (0, 0);
        for (id, seen) in &self.ended {
            let found = store.reader().exchange(*id).await.unwrap();
            let expected = seen.expected();
            assert_eq!(found.is_some(), expected.is_some(), "{id:?} {seen:?}");
            let messages = store.reader().messages(*id, None, 1000).await.unwrap().len() as u64;
            let Some((found, expected)) = found.zip(expected) else {
                assert_eq!(messages, 0, "{id:?} {seen:?}");
                continue;
            };
            check_exchange(store, (&found, seen), &expected).await;
            assert_eq!(messages, if expected.level == Level::Full { seen.messages } else { 0 }, "{seen:?}");
            stored += 1;
            truncated += u64::from(found.request_body.truncated || found.response_body.truncated);
        }
        let ledger = self.recorder.ledger();
        assert_eq!((ledger.stored, ledger.open, ledger.pending), (stored, 0, 0), "{ledger:?}");
        assert_eq!(ledger.truncated, truncated);
        assert_eq!(store.reader().count().await.unwrap(), stored, "and nothing else");
        let out = |sampled: bool| {
            let all = self.ended.values().chain(&self.passed);
            all.filter(|seen| seen.expected().is_none() && seen.is_sampled_out() == sampled).count() as u64
        };
        assert_eq!(ledger.sampled_out, out(true), "{ledger:?}");
        assert_eq!(ledger.not_kept + ledger.not_recorded, out(false), "{ledger:?}");
        let has_connection = store.reader().connection(ConnectionId(1)).await.unwrap().is_some();
        assert_eq!(has_connection, stored > 0);
        let upstream = store.reader().upstream_connection(self.serving.connection().id).await.unwrap();
        assert_eq!(upstream.is_some(), stored > 0);
        drop(self.open);
        assert_eq!(self.recorder.health().queued_bytes > 0, stored == 0, "but for the connection that waits");
    }
}

async fn check_exchange(store: &Store, (found, seen): (&Exchange, &Seen), expected: &Expected) {
    assert_eq!((found.level, found.rule.as_deref()), (expected.level, expected.rule.as_deref()), "{seen:?}");
    assert_eq!(found.keep_until.map(|until| until.0 - found.started_at.0), expected.keep_us, "{seen:?}");
    assert_ne!(found.state, State::Open);
    for (index, direction) in [Direction::Request, Direction::Response].into_iter().enumerate() {
        let (body, size) = (found.body(direction), seen.sizes[index]);
        assert_eq!(body.size, size);
        let mut bytes = 0;
        let mut part = 0;
        while let Some(data) = store.reader().body_part(found.id, direction, part).await.unwrap() {
            assert!(data.iter().all(|byte| *byte == b'x'));
            (bytes, part) = (bytes + data.len() as u64, part + 1);
        }
        assert_eq!(bytes, body.stored, "{direction} {found:?} {seen:?}");
        if expected.level < Level::Full {
            assert_eq!(bytes, 0, "{seen:?}");
        } else if size < PART as u64 {
            assert_eq!(bytes, size.min(expected.body_limit), "{seen:?}");
        } else {
            // Parts that went ahead stay.
            assert!(bytes >= size.min(expected.body_limit) && bytes <= size, "{bytes} {seen:?}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
async fn run(first: Policy, steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let (recorder, writer) = recorder(limits(), LastIds::default());
    let sink = store.sink().clone();
    let append = move |records| {
        let sink = sink.clone();
        async move { sink.append(records).await }
    };
    let refusal = |_: &StoreError| Refusal::lost(GapReason::DiskError);
    let writing = tokio::spawn(writer.run(append, refusal));
    let mut world = World::new(recorder.clone(), first);
    for (number, step) in steps.into_iter().enumerate() {
        world.take(step);
        world.check_balance();
        if number % 16 == 15 {
            assert!(recorder.settle().await, "the store takes what comes");
            world.check_balance();
        }
    }
    // The shutdown, with some under way.
    recorder.close();
    while let Some(open) = world.open.pop() {
        world.end(open, false);
    }
    timeout(Duration::from_secs(60), writing).await.expect("the writer ends").unwrap();
    world.check(&store).await;
    store.close().await;
}

#[test]
fn what_is_stored_and_counted_is_what_a_simple_reference_says() {
    let config = Config { cases: 40, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let runs = (policy(), prop::collection::vec(step(), 1..100));
    let outcome = runner.run(&runs, |(first, steps)| {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(run(first, steps));
        Ok(())
    });
    outcome.unwrap();
}
