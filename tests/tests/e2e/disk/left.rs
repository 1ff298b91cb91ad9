//! The recording of one run, the traffic while the next run can't open it, and the recording of both.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::load::Load;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use serde_json::Value;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::{balanced, lost_for, recording, said, unharmed};

/// The recording that a run left.
pub(super) struct Left {
    /// Exchanges by number.
    exchanges: BTreeMap<u64, Value>,
    /// Connections by number: who was the client, and when it came.
    connections: BTreeMap<u64, (Value, Value)>,
    /// The highest number of a connection to an upstream.
    last_upstream: u64,
}

impl Left {
    /// Runs the dashcam that `command` is until it has recorded something, and ends it.
    pub(super) async fn by(home: &Path, command: Command, origin: &Origin) -> Result<Self> {
        let mut dashcam = Dashcam::start_command(home, command).await?;
        let load = Load::start(dashcam.proxy(), origin, 4, 500);
        load.more(60).await?;
        let seen = load.stop().await?;
        let dropped = balanced(&dashcam, seen).await?;
        ensure!(super::counts(&dropped)?.sum::<u64>() == 0, "{dropped}");
        let left = Self::of(&dashcam).await?;
        ensure!(dashcam.stop().await?.success(), "{}", dashcam.log());
        Ok(left)
    }

    async fn of(dashcam: &Dashcam) -> Result<Self> {
        let api = dashcam.api();
        let all = api.get("/exchanges?limit=1000").await?;
        let newest = all["exchanges"][0]["id"].as_u64().context("an exchange")?;
        let newest = api.get(&format!("/exchanges/{newest}")).await?;
        let upstream = newest["upstream"]["connection"]["id"].as_u64().context("an upstream")?;
        let connections = api.get("/connections?limit=1000").await?;
        let connections = by_id(&connections["connections"])?;
        let face = |row: &Value| (row["client"].clone(), row["opened_at"].clone());
        Ok(Self {
            exchanges: by_id(&all["exchanges"])?,
            connections: connections.iter().map(|(id, row)| (*id, face(row))).collect(),
            last_upstream: upstream,
        })
    }

    fn last(&self) -> u64 {
        self.exchanges.keys().next_back().copied().unwrap_or(0)
    }

    /// It can be read in `dashcam`, although that can't write it.
    pub(super) async fn is_readable(&self, dashcam: &Dashcam) -> Result<()> {
        // 503: a busy machine may not answer in the page's time.
        let page = eventually("the page is answered", async || {
            let answer = dashcam.api().call("GET", "/exchanges?limit=1", &Value::Null).await?;
            match answer.head.status()? {
                200 => Ok(Some(serde_json::from_slice::<Value>(&answer.body)?)),
                503 => Ok(None),
                _ => bail!("{}: {}", answer.head.start, String::from_utf8_lossy(&answer.body)),
            }
        });
        let page = page.await?;
        ensure!(page["exchanges"][0]["id"] == self.last(), "{page}");
        Ok(())
    }

    /// It is all there yet in `dashcam`, as it was.
    async fn is_there(&self, dashcam: &Dashcam) -> Result<()> {
        let last = self.last() + 1;
        let old = dashcam.api().get(&format!("/exchanges?limit=1000&before={last}")).await?;
        assert_eq!(by_id(&old["exchanges"])?, self.exchanges);
        let all = dashcam.api().get("/connections?limit=1000").await?;
        let all = by_id(&all["connections"])?;
        for (id, (client, opened)) in &self.connections {
            let now = &all[id];
            assert_eq!((&now["client"], &now["opened_at"]), (client, opened), "connection {id}");
        }
        Ok(())
    }
}

fn by_id(rows: &Value) -> Result<BTreeMap<u64, Value>> {
    let rows = rows.as_array().context("rows")?;
    rows.iter().map(|row| Ok((row["id"].as_u64().context("id")?, row.clone()))).collect()
}

/// A dashcam that started without its database, with traffic: a load, and a client that came early and stays.
pub(super) struct Waiting {
    pub(super) dashcam: Dashcam,
    load: Load,
    early: Stream,
    client: SocketAddr,
    /// Where only that client goes.
    origin: Origin,
}

impl Waiting {
    /// Checks that recording is paused for `reason` from the start, with a message that has `words`, and that traffic
    /// passes.
    pub(super) async fn of(dashcam: Dashcam, origin: &Origin, reason: &str, words: &[&str]) -> Result<Self> {
        let status = dashcam.api().get("/status").await?;
        let (pause, recorder) = (&status["recording"], &status["recorder"]);
        assert_eq!((&pause["state"], &pause["reason"]), (&"paused".into(), &reason.into()), "{status}");
        assert_eq!(recorder["state"], "failing", "{status}");
        let message = pause["message"].as_str().context("message")?;
        assert!(words.iter().all(|word| message.contains(word)), "{words:?}: {message}");
        let load = Load::start(dashcam.proxy(), origin, 4, 500);
        unharmed(&load).await?;
        let stream = TcpStream::connect(dashcam.proxy()).await?;
        let client = stream.local_addr()?;
        let own = Origin::http().await?;
        let mut waiting =
            Self { dashcam, load, early: BufReader::new(Box::new(stream)), client, origin: own };
        waiting.ask("/bytes/10?early").await?;
        Ok(waiting)
    }

    async fn ask(&mut self, path: &str) -> Result<()> {
        let (url, host) = (self.origin.url(path), self.origin.address().to_string());
        let answer = raw::get(&mut self.early, &url, &host).await?;
        ensure!(answer.head.status()? == 200, "{}", answer.head.start);
        Ok(())
    }

    /// Call this once the fault is repaired. Waits until recording goes on, and checks that it does so beyond what was
    /// `left`, which is as it was, and that all that was missed is told.
    pub(super) async fn goes_on(mut self, left: &Left, reason: &str) -> Result<Dashcam> {
        recording(&self.dashcam, "recording").await?;
        self.ask("/bytes/10?late").await?;
        let late = self.dashcam.api().ended("/bytes/10?late").await?;
        self.load.more(60).await?;
        let Self { dashcam, load, early, client, origin } = self;
        assert!(late["id"].as_u64() > Some(left.last()), "{late}");
        let id = late["connection"].as_u64().context("connection")?;
        assert!(left.connections.keys().all(|old| *old < id), "{id}");
        let connection = dashcam.api().get(&format!("/connections/{id}")).await?;
        assert_eq!(connection["client"], client.to_string(), "{connection}");
        let upstream = &late["upstream"];
        assert_eq!(
            (&upstream["reused"], &upstream["address"]),
            (&true.into(), &origin.address().to_string().into())
        );
        let named = &upstream["connection"];
        assert_eq!(named["destination"], origin.address().to_string(), "{late}");
        assert!(named["id"].as_u64() > Some(left.last_upstream), "{late}");
        drop(early);

        lost_for(reason, &dashcam, load.stop().await? + 2).await?;
        left.is_there(&dashcam).await?;
        assert_eq!(said(&dashcam, "recording goes on after"), 1, "{}", dashcam.log());
        Ok(dashcam)
    }
}
