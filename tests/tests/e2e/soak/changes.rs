//! Operators who can't leave it alone: levels, rules, leases and snapshots change every few seconds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::interval;

use super::chance::Chance;
use super::world::World;

/// How often something changes.
const PAUSE: Duration = Duration::from_millis(1700);
const LEVELS: [&str; 4] = ["off", "metrics", "metadata", "full"];

/// Makes changes until `end`. Only a kill may keep one from being answered.
pub(super) async fn make(world: Arc<World>, mut chance: Chance, end: Instant) -> Result<()> {
    let mut ticks = interval(PAUSE);
    while Instant::now() < end && world.goes_on() {
        ticks.tick().await;
        let life = world.up().await?;
        let change = Change::any(&mut chance);
        match change.make(&world).await {
            Ok(()) => _ = world.counts.changes.fetch_add(1, Ordering::Relaxed),
            Err(_) if world.life() != life => {}
            Err(error) => return Err(error.context(format!("{change:?}"))),
        }
    }
    Ok(())
}

/// A change over the API.
#[derive(Debug)]
struct Change {
    method: &'static str,
    path: &'static str,
    body: Value,
}

impl Change {
    fn any(chance: &mut Chance) -> Self {
        let (method, path, body) = match chance.below(8) {
            0..3 => ("PATCH", "/settings", json!({"level": chance.of(&LEVELS)})),
            3..6 => ("PUT", "/rules", json!({"rules": rules(chance), "why": "soak"})),
            6 => (
                "POST",
                "/leases",
                json!({"level": chance.of(&LEVELS), "match": "path:/bytes", "lasting_us": 5_000_000, "max_exchanges": 500,
                    "reason": "soak"}),
            ),
            _ => ("POST", "/snapshots", json!({"reason": "soak", "after": "2s"})),
        };
        Self { method, path, body }
    }

    /// Makes it. While the disk is full or hangs, it may be refused; it is then in force, or not, as it says.
    async fn make(&self, world: &World) -> Result<()> {
        let answer = world.api().call(self.method, self.path, &self.body).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(matches!(answer.head.status()?, 200..=202 | 409 | 503), "{}: {text}", answer.head.start);
        Ok(())
    }
}

/// A list of rules, any part of this one.
fn rules(chance: &mut Chance) -> Vec<Value> {
    let all = [
        json!({"name": "failures", "match": "status:5xx or fail:*", "level": "full", "keep_for": "1h",
            "follow": "client 5s"}),
        json!({"name": "slow", "match": "dur:>20ms", "level": "full", "guarantee": "bounded 5ms"}),
        json!({"name": "sockets", "match": "path:/chat", "level": "full"}),
        json!({"name": "private", "match": format!("host:localhost path:/json?secure"), "level": "off"}),
        json!({"name": "large", "match": "size:>100kb", "level": "metadata", "sample": "50%"}),
        json!({"name": "few", "match": "method:GET", "level": "full", "sample": "20/s"}),
        json!({"name": "share", "match": "", "level": "metadata", "sample": "10% by client", "keep_for": "30s"}),
    ];
    all.into_iter().filter(|_| chance.below(2) == 0).collect()
}
