//! Connections that went past dashcam, counted with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// Destinations that are named for a reason at most.
const NAMED: usize = 3;

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Missed(Mutex<BTreeMap<String, Count>>);

#[derive(Debug, Default)]
struct Count {
    connections: u64,
    destinations: BTreeSet<SocketAddr>,
}

impl Missed {
    /// Counts one connection; its destination is not always known.
    pub(super) fn count(&self, reason: &str, destination: Option<SocketAddr>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(reason.to_owned()).or_default();
        count.connections += 1;
        if count.destinations.len() < NAMED {
            count.destinations.extend(destination);
        }
    }

    /// The sentence for the user; none if nothing was missed.
    pub(super) fn sentence(&self) -> Option<String> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = counts.iter().map(|(reason, Count { connections, destinations })| {
            let to: Vec<String> = destinations.iter().map(ToString::to_string).collect();
            let to = if to.is_empty() { String::new() } else { format!(" (to {})", to.join(", ")) };
            let plural = if *connections == 1 { "connection" } else { "connections" };
            format!("{connections} {plural}{to}: {reason}")
        });
        let all = each.collect::<Vec<_>>().join("; ");
        (!all.is_empty()).then(|| format!("these went past dashcam and are not recorded: {all}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_counted_and_some_destinations_named() {
        let missed = Missed::default();
        assert_eq!(missed.sentence(), None);
        missed.count("no way", Some("192.0.2.1:1".parse().unwrap()));
        for port in 1..9 {
            missed.count("another", Some(SocketAddr::from(([192, 0, 2, 2], port))));
        }
        assert_eq!(
            missed.sentence().unwrap(),
            "these went past dashcam and are not recorded: 8 connections (to 192.0.2.2:1, 192.0.2.2:2, 192.0.2.2:3): \
             another; 1 connection (to 192.0.2.1:1): no way"
        );
    }
}
