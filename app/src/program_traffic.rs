//! Traffic that a program brought, and the likely reason where it brought none.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::client::Client;

/// How long a connection that has just ended may take to be stored.
const STORED: Duration = Duration::from_millis(400);
/// How often that is looked for.
const APART: Duration = Duration::from_millis(40);

/// The counts before the program starts.
#[derive(Debug)]
pub(crate) struct Before {
    requests: u64,
    connection: i64,
}

/// The traffic since then.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Requests; and the hosts for which our certificate was rejected.
    Requests(BTreeSet<String>),
    /// No request: the hosts for which our certificate was rejected.
    Rejected(BTreeSet<String>),
    /// No request: the hosts to which connections went that were closed right after the handshake.
    Silent(BTreeSet<String>),
    /// No request: the hosts to which connections were tunnelled unread.
    Tunnelled(BTreeSet<String>),
    /// No request, as recording is off.
    Off,
    /// No connection.
    Nothing,
}

impl Before {
    /// Looks at the counts of the dashcam that `client` calls.
    pub(crate) async fn look(client: &Client) -> Result<Self> {
        let newest = client.get("/connections?limit=1").await?;
        let connection = newest["connections"][0]["id"].as_i64().unwrap_or_default();
        Ok(Self { requests: requests(&client.get("/status").await?)?, connection })
    }

    /// Looks again. Traffic of others counts as well, where there are others.
    pub(crate) async fn since(&self, client: &Client) -> Result<Traffic> {
        let begun = Instant::now();
        loop {
            let status = client.get("/status").await?;
            let page = client.get("/connections?limit=1000").await?;
            let all = page["connections"].as_array().context("no list of connections")?;
            let since = all.iter().filter(|one| one["id"].as_i64().is_some_and(|id| id > self.connection));
            let traffic = traffic(requests(&status)? > self.requests, &status, &since.collect::<Vec<_>>());
            if traffic != Traffic::Nothing || begun.elapsed() > STORED {
                return Ok(traffic);
            }
            tokio::time::sleep(APART).await;
        }
    }
}

/// How many requests there were, those under way among them.
fn requests(status: &Value) -> Result<u64> {
    let count = |value: &Value| value.as_u64().context("dashcam does not report its traffic");
    Ok(count(&status["traffic"]["requests"]["total"])? + count(&status["traffic"]["in_progress"])?)
}

fn traffic(has_requests: bool, status: &Value, connections: &[&Value]) -> Traffic {
    let hosts = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let wanted = connections.iter().filter(|connection| wanted(connection));
        wanted.filter_map(|connection| connection["destination"].as_str()).map(str::to_owned).collect()
    };
    let rejected = hosts(&|one| {
        one["failure"]["side"] == "client"
            && one["failure"]["stage"] == "tls_handshake"
            && one["verdict"] == "decrypt"
    });
    if has_requests {
        return Traffic::Requests(rejected);
    }
    let silent = hosts(&|one| one["verdict"] == "decrypt" && !one["tls"].is_null());
    let tunnelled = hosts(&|one| one["verdict"] == "tunnel");
    match (status["settings"]["level"] == "off", rejected, silent, tunnelled) {
        (true, ..) => Traffic::Off,
        (_, rejected, ..) if !rejected.is_empty() => Traffic::Rejected(rejected),
        (_, _, silent, _) if !silent.is_empty() => Traffic::Silent(silent),
        (.., tunnelled) if !tunnelled.is_empty() => Traffic::Tunnelled(tunnelled),
        _ => Traffic::Nothing,
    }
}

impl Traffic {
    /// The sentence for the user of `program`, with `cure` where nothing came; none where all is well.
    pub(crate) fn sentence(&self, program: &str, cure: &str) -> Option<String> {
        let list = |hosts: &BTreeSet<String>| hosts.iter().cloned().collect::<Vec<_>>().join(", ");
        Some(match self {
            Self::Requests(rejected) if rejected.is_empty() => return None,
            Self::Requests(rejected) | Self::Rejected(rejected) => format!(
                "{program} rejected dashcam's certificate for {}: these requests are not recorded. `dashcam ca` shows \
                 how to make programs trust it; tunnel hosts whose certificate is pinned with --ignore-hosts",
                list(rejected)
            ),
            Self::Silent(hosts) => format!(
                "{program} closed its connections to {} right after the handshake, without a request: it probably \
                 does not trust dashcam's certificate. `dashcam ca` shows how to make programs trust it",
                list(hosts)
            ),
            Self::Tunnelled(hosts) => format!(
                "the connections of {program} to {} were tunnelled unread: they are not HTTP, or a rule excludes them",
                list(hosts)
            ),
            Self::Off => format!(
                "recording is off, so nothing of {program} was recorded: turn it on with `dashcam record full`"
            ),
            Self::Nothing => format!("{program} made no connection through dashcam: {cure}"),
        })
    }

    /// True if at least one request came.
    pub(crate) fn has_requests(&self) -> bool {
        matches!(self, Self::Requests(_))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(level: &str, has_requests: bool, connections: &[Value], expected: &str) {
        let status = json!({"settings": {"level": level}});
        let traffic = traffic(has_requests, &status, &connections.iter().collect::<Vec<_>>());
        let sentence = traffic.sentence("curl", "try again").unwrap_or_default();
        assert!(
            if expected.is_empty() { sentence.is_empty() } else { sentence.contains(expected) },
            "{sentence}"
        );
    }

    #[test]
    fn each_reason_has_its_sentence() {
        let rejected = json!({"destination": "a:443", "verdict": "decrypt", "tls": null,
            "failure": {"side": "client", "stage": "tls_handshake"}});
        let silent = json!({"destination": "b:443", "verdict": "decrypt", "tls": {}, "failure": null});
        let tunnel = json!({"destination": "c:22", "verdict": "tunnel", "tls": null, "failure": null});
        check("full", true, &[], "");
        check("full", true, &[silent.clone(), tunnel.clone()], "");
        check(
            "full",
            true,
            &[rejected.clone(), silent.clone()],
            "curl rejected dashcam's certificate for a:443:",
        );
        check("full", false, &[silent.clone(), rejected], "curl rejected dashcam's certificate for a:443:");
        check("full", false, &[silent, tunnel.clone()], "curl closed its connections to b:443 right after");
        check("full", false, &[tunnel], "the connections of curl to c:22 were tunnelled unread");
        check("full", false, &[], "curl made no connection through dashcam: try again");
        check("off", false, &[], "recording is off");
    }
}
