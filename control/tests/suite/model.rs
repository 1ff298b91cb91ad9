//! Rules against a reference that is as simple as can be: random rules, leases, steps, changes and exchanges, and the same
//! decisions and counts.

mod ops;
mod reference;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use dashcam_control::{Control, Kept, Lease, RuleCounts, Settings};
use dashcam_exchange::{Exchange, Level};
use dashcam_filter::{Client as FilterClient, Facts, Moment};
use proptest::prelude::*;

use self::ops::{LEVELS, Op, Request, op};
use self::reference::{Plain, Reference};
use crate::world::{Begun, Client, begin, change};

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
