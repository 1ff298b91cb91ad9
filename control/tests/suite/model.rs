//! Rules against a reference that is as simple as can be: random rules, leases, steps, changes and exchanges, and the same
//! decisions and counts.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use dashcam_control::{Control, Kept, Lease, RuleCounts, Settings, Step};
use dashcam_exchange::{Exchange, Failure, Level, Side, Stage, State, sample};
use dashcam_filter::{Client as FilterClient, Context, Facts, Filter, Moment, Truth};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Begun, Client, begin, change, exchange};

const FILTERS: [&str; 17] = [
    "",
    "host:a",
    "host:pay.*",
    "path:/health",
    "status:5xx",
    "status:404 | dur:>1s",
    "fail:*",
    "-status:200",
    "method:POST host:b",
    "client:10.0.0.1",
    "header.x-user:=u3",
    "dur:>1s -host:a",
    "listener:front path:/v1",
    "is:error",
    "ttfb:>400ms",
    "size:>1KB",
    "-host:b -fail:*",
];
const SAMPLES: [Option<&str>; 6] =
    [None, None, Some("0%"), Some("100%"), Some("50% by header x-user"), Some("30% by client")];
const LEVELS: [Level; 4] = Level::ALL;
const HOSTS: [&str; 3] = ["a", "b", "pay.example"];
const PATHS: [&str; 3] = ["/", "/health", "/v1/42"];

/// A rule as a test makes it: its numbers in the lists above.
#[derive(Debug, Clone, Copy)]
struct Made {
    filter: usize,
    level: usize,
    sample: usize,
    follows: bool,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    host: usize,
    path: usize,
    post: bool,
    user: u8,
    client: u8,
    /// The response's status; none if it fails.
    status: Option<u16>,
    ms: i64,
    size: u64,
}

#[derive(Debug, Clone)]
enum Op {
    Rules(Vec<Made>, usize),
    Lease(i64, Made, u64),
    EndLease(i64),
    Step(Step),
    Flight(bool),
    Begin(Request),
    /// The response of an exchange under way, by its place.
    Respond(prop::sample::Index),
    End(prop::sample::Index),
}

fn made() -> impl Strategy<Value = Made> {
    let numbers = (0..FILTERS.len(), 0..LEVELS.len(), 0..SAMPLES.len(), prop::bool::weighted(0.15));
    numbers.prop_map(|(filter, level, sample, follows)| Made { filter, level, sample, follows })
}

fn request() -> impl Strategy<Value = Request> {
    let status = prop::sample::select(vec![Some(200), Some(200), Some(404), Some(503), None]);
    let ms = prop::sample::select(vec![1, 900, 2500]);
    let size = prop::sample::select(vec![0, 5000]);
    let numbers = (0..HOSTS.len(), 0..PATHS.len(), any::<bool>(), 0..6_u8, 1..4_u8);
    (numbers, status, ms, size).prop_map(|((host, path, post, user, client), status, ms, size)| Request {
        host,
        path,
        post,
        user,
        client,
        status,
        ms,
        size,
    })
}

fn op() -> impl Strategy<Value = Op> {
    let step = prop::sample::select(vec![Step::Full, Step::Full, Step::Heads, Step::Metrics]);
    prop_oneof![
        2 => (prop::collection::vec(made(), 0..5), 0..LEVELS.len()).prop_map(|(rules, level)| Op::Rules(rules, level)),
        1 => (0..3_i64, made(), 0..5_u64).prop_map(|(id, made, most)| Op::Lease(id, made, most)),
        1 => (0..3_i64).prop_map(Op::EndLease),
        1 => step.prop_map(Op::Step),
        1 => any::<bool>().prop_map(Op::Flight),
        12 => request().prop_map(Op::Begin),
        8 => any::<prop::sample::Index>().prop_map(Op::Respond),
        8 => any::<prop::sample::Index>().prop_map(Op::End),
    ]
}

impl Made {
    fn json(&self, name: &str) -> Value {
        let mut json = json!({"name": name, "match": FILTERS[self.filter], "level": LEVELS[self.level]});
        if let Some(sample) = SAMPLES[self.sample] {
            json["sample"] = sample.into();
        }
        if self.follows {
            json["follow"] = "client 30s".into();
        }
        json
    }
}

impl Request {
    fn whole(&self) -> Exchange {
        let mut whole = exchange(HOSTS[self.host], PATHS[self.path], self.status.unwrap_or(200), self.ms);
        let method = if self.post { "POST" } else { "GET" };
        whole.request = sample::request(method, PATHS[self.path], &[("X-User", &format!("u{}", self.user))]);
        (whole.response_body.size, whole.response_body.stored) = (self.size, self.size);
        if self.status.is_none() {
            (whole.response, whole.state) = (None, State::Failed);
            whole.timings.response_start_us = None;
            whole.failure = Some(Failure::new(Side::Upstream, Stage::Connect, "refused"));
        }
        whole
    }
}

/// A rule of the reference.
#[derive(Debug, Clone)]
struct Plain {
    name: String,
    filter: Filter,
    level: Level,
    sample: Option<&'static str>,
    follows: bool,
    /// Which lease it is, and the most exchanges that it may match.
    lease: Option<(u64, u64)>,
}

/// The reference: it asks each rule in turn, at each moment, and remembers nothing but what rules say.
#[derive(Default)]
struct Reference {
    rules: Vec<Made>,
    level: Option<Level>,
    /// Number, rule, the most exchanges, and which one with that number it is.
    leases: Vec<(i64, Made, u64, u64)>,
    last_lease: u64,
    step: Step,
    used: HashMap<u64, u64>,
    /// Clients, and the names of the rules that follow them.
    followed: HashMap<u8, String>,
    counts: BTreeMap<String, [u64; 3]>,
}

fn plain(name: &str, made: &Made, cap: Level) -> Plain {
    let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
    Plain {
        name: name.to_owned(),
        filter: Filter::parse(FILTERS[made.filter], &Context { now: &now, presets: &presets }).unwrap(),
        level: LEVELS[made.level].min(cap),
        sample: SAMPLES[made.sample],
        follows: made.follows,
        lease: None,
    }
}

impl Reference {
    /// The rules as they are now.
    fn now(&self) -> Rc<Vec<Plain>> {
        let cap = match self.step {
            Step::Full => Level::Full,
            Step::Heads | Step::Sample => Level::Metadata,
            Step::Metrics => Level::Metrics,
        };
        let leases = self.leases.iter().map(|(id, made, most, which)| Plain {
            lease: Some((*which, *most)),
            ..plain(&format!("lease-{id}"), made, cap)
        });
        let rules = self.rules.iter().enumerate().map(|(at, made)| plain(&format!("r{at}"), made, cap));
        let default = Plain {
            name: "default".to_owned(),
            filter: Filter::default(),
            level: self.level.unwrap_or(Level::Full).min(cap),
            sample: None,
            follows: false,
            lease: None,
        };
        Rc::new(leases.chain(rules).chain([default]).collect())
    }

    fn decide(
        &mut self,
        rules: &[Plain],
        facts: &Facts<'_>,
        asked: &Request,
    ) -> Option<(String, Kept, Level)> {
        let own = self.first(rules, facts);
        if let Some(rule) = own {
            let kept = kept(rule, asked);
            if kept == Kept::Kept {
                if rule.follows {
                    self.followed.insert(asked.client, rule.name.clone());
                }
                return Some((rule.name.clone(), kept, rule.level));
            }
            if rule.level == Level::Off {
                return Some((rule.name.clone(), kept, rule.level));
            }
        }
        let follows = |rule: &&Plain| {
            rule.follows && rule.level.records() && self.followed.get(&asked.client) == Some(&rule.name)
        };
        if let Some(rule) = rules.iter().find(follows) {
            // Without an own decision it has to suffice for all that may still decide.
            let suffices = own.is_some()
                || self
                    .left(rules, facts)
                    .all(|other| other.level != Level::Off && other.level <= rule.level);
            if suffices {
                return Some((rule.name.clone(), Kept::Kept, rule.level));
            }
        }
        own.map(|rule| match kept(rule, asked) {
            Kept::SampledOut => (rule.name.clone(), Kept::SampledOut, Level::Metrics),
            kept => (rule.name.clone(), kept, rule.level),
        })
    }

    /// The first rule that matches, if that is certain. A lease that is used up matches nothing.
    fn first<'r>(&mut self, rules: &'r [Plain], facts: &Facts<'_>) -> Option<&'r Plain> {
        for rule in rules {
            match (rule.filter.evaluate(facts), rule.lease) {
                (Truth::False, _) => {}
                (Truth::Unknown, _) => return None,
                (Truth::True, None) => return Some(rule),
                (Truth::True, Some((which, most))) => {
                    let used = self.used.entry(which).or_default();
                    if *used < most {
                        *used += 1;
                        return Some(rule);
                    }
                }
            }
        }
        None
    }

    /// The rules that may decide yet: up to the first that surely matches and can't run out.
    fn left<'r>(&self, rules: &'r [Plain], facts: &Facts<'_>) -> impl Iterator<Item = &'r Plain> {
        let (mut found, mut is_open) = (Vec::new(), false);
        for rule in rules {
            let answer = rule.filter.evaluate(facts);
            let is_spent = rule
                .lease
                .is_some_and(|(which, most)| self.used.get(&which).is_some_and(|used| *used >= most));
            is_open |= answer == Truth::Unknown;
            if answer == Truth::False || is_spent && !is_open {
                continue;
            }
            found.push(rule);
            if answer == Truth::True && rule.lease.is_none() {
                break;
            }
        }
        found.into_iter()
    }

    fn count(&mut self, name: &str, kept: Kept) {
        self.counts.entry(name.to_owned()).or_default()[kept as usize] += 1;
    }
}

fn kept(rule: &Plain, asked: &Request) -> Kept {
    let share = |millionths: u128, text: &[u8]| (u128::from(hash(text)) * 1_000_000) >> 64 < millionths;
    let is_in = match rule.sample {
        None | Some("100%") => true,
        Some("0%") => false,
        Some("50% by header x-user") => share(500_000, format!("u{}", asked.user).as_bytes()),
        Some(_) => share(300_000, &[10, 0, 0, asked.client]),
    };
    match (rule.level.records(), is_in) {
        (false, _) => Kept::NotKept,
        (true, false) => Kept::SampledOut,
        (true, true) => Kept::Kept,
    }
}

/// As docs/RULES.md has it.
fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^ (hash >> 33)
}

/// An exchange under way, on both sides.
struct UnderWay {
    begun: Begun,
    asked: Request,
    rules: Rc<Vec<Plain>>,
    expect: Option<(String, Kept, Level)>,
    has_responded: bool,
    /// Without rules the exchange has none, and nobody counts it.
    is_counted: bool,
}

struct World {
    control: Control,
    reference: Reference,
    clients: HashMap<(u8, usize), Rc<Client>>,
    under_way: Vec<UnderWay>,
}

impl World {
    fn facts_at<'a>(whole: &'a Exchange, moment: Moment, client: &'a Client) -> Facts<'a> {
        let facts = Facts::of_exchange(whole, moment);
        let facts = match (moment, whole.timings.response_start_us) {
            (Moment::Response, Some(reached)) => facts.so_far(whole, reached),
            _ => facts,
        };
        let address = client.described.address.as_str();
        facts.with_client(Some(FilterClient {
            address,
            mode: "forward",
            listener: Some("front"),
            ..Default::default()
        }))
    }

    fn expect(&mut self, at: usize, moment: Moment) {
        let UnderWay { begun, asked, rules, expect, is_counted, .. } = &mut self.under_way[at];
        if expect.is_some() {
            return;
        }
        let client = &self.clients[&(asked.client, asked.host)];
        let facts = Self::facts_at(&begun.whole, moment, client);
        *expect = self.reference.decide(rules, &facts, asked);
        if let Some((name, kept, _)) = expect
            && *is_counted
        {
            let (name, kept) = (name.clone(), *kept);
            self.reference.count(&name, kept);
        }
    }

    fn do_op(&mut self, op: Op) {
        match op {
            Op::Rules(rules, level) => {
                let json = rules.iter().enumerate().map(|(at, made)| made.json(&format!("r{at}")));
                change(&self.control, json.collect(), LEVELS[level]);
                (self.reference.rules, self.reference.level) = (rules, Some(LEVELS[level]));
            }
            Op::Lease(id, made, most) => {
                let rule = serde_json::from_value(made.json(&format!("lease-{id}"))).unwrap();
                let lease = Lease {
                    id,
                    rule,
                    max_bytes: None,
                    max_exchanges: Some(most),
                    used_bytes: 0,
                    used_exchanges: 0,
                };
                self.control.put_lease(lease).unwrap();
                let Reference { leases, last_lease, .. } = &mut self.reference;
                match leases.iter_mut().find(|(known, ..)| *known == id) {
                    Some(known) => (known.1, known.2) = (made, most),
                    None => {
                        *last_lease += 1;
                        leases.insert(0, (id, made, most, *last_lease));
                    }
                }
            }
            Op::EndLease(id) => {
                let used = self.control.end_lease(id).map(|lease| lease.used_exchanges);
                let known = self.reference.leases.iter().find(|(known, ..)| *known == id);
                let used_there = |which| self.reference.used.get(which).copied().unwrap_or(0);
                assert_eq!(used, known.map(|(.., which)| used_there(which)));
                self.reference.leases.retain(|(known, ..)| *known != id);
            }
            Op::Step(step) => {
                self.control.set_step(step);
                self.reference.step = step;
            }
            Op::Flight(flight) => {
                self.control.set_flight(flight);
            }
            Op::Begin(asked) => self.begin(asked),
            Op::Respond(index) if !self.under_way.is_empty() => {
                let at = index.index(self.under_way.len());
                self.respond(at);
            }
            Op::End(index) if !self.under_way.is_empty() => {
                let at = index.index(self.under_way.len());
                self.end(at);
            }
            Op::Respond(_) | Op::End(_) => {}
        }
    }

    fn begin(&mut self, asked: Request) {
        let client = self.clients.entry((asked.client, asked.host));
        let address = format!("10.0.0.{}:50000", asked.client);
        let client = Rc::clone(client.or_insert_with(|| Rc::new(Client::of_one_destination(&address))));
        let begun = begin(&self.control, &client, asked.whole());
        let rules = self.reference.now();
        let is_counted = self.control.policy().has_rules();
        self.under_way.push(UnderWay { begun, asked, rules, expect: None, has_responded: false, is_counted });
        self.expect(self.under_way.len() - 1, Moment::Request);
    }

    fn respond(&mut self, at: usize) {
        let one = &mut self.under_way[at];
        if one.has_responded || one.begun.whole.response.is_none() {
            return;
        }
        one.has_responded = true;
        one.begun.respond();
        self.expect(at, Moment::Response);
    }

    fn end(&mut self, at: usize) {
        self.respond(at);
        self.expect(at, Moment::End);
        let mut one = self.under_way.swap_remove(at);
        let outcome = one.begun.end();
        let (name, kept, level) = one.expect.unwrap();
        let name = if one.is_counted { name } else { String::new() };
        assert_eq!((outcome.rule, outcome.kept, outcome.level), (name, kept, level), "{:?}", one.asked);
        assert!(outcome.captured >= outcome.level, "{:?}", one.asked);
    }

    /// Counts are as the reference has them, through all changes.
    fn compare_counts(&self) {
        let of = |counts: RuleCounts| (counts.name, [counts.kept, counts.not_kept, counts.sampled_out]);
        let counted: BTreeMap<_, _> = self.control.rule_counts().into_iter().map(of).collect();
        for (name, counts) in &self.reference.counts {
            assert_eq!(counted.get(name), Some(counts), "{name}");
        }
        let all = |counts: &BTreeMap<String, [u64; 3]>| counts.values().flatten().sum::<u64>();
        assert_eq!(all(&counted), all(&self.reference.counts));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn rules_decide_as_the_reference_does(ops in prop::collection::vec(op(), 1..120)) {
        let mut world = World {
            control: Control::new(Settings::default()),
            reference: Reference::default(),
            clients: HashMap::new(),
            under_way: Vec::new(),
        };
        ops.into_iter().for_each(|op| world.do_op(op));
        while !world.under_way.is_empty() {
            world.end(0);
        }
        world.compare_counts();
    }
}
