//! `dashcam run --deep`: connections of a program that goes by no proxy (Linux).
//!
//! The program's connect(2) waits for a [`supervisor`], which connects the program's own socket to dashcam's forward
//! listener and asks for a tunnel to where the program wanted to go; the program gets its connection and notices
//! nothing. So programs need know no proxy, and static ones are reached as well. In reading order: [`handover`] →
//! [`supervisor`] → [`task`], [`address`], [`plan`] → [`gateway`], [`peers`], [`shown_files`]. Why so:
//! docs/decisions/0012-programs-in-depth.md.

mod address;
mod gateway;
mod handover;
mod missed;
mod peers;
mod plan;
mod probe;
mod shown_files;
mod step;
mod supervisor;
mod task;

use std::cell::Cell;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::time::timeout;

use crate::client::Client;
use crate::environment::reachable;
use crate::exit::CannotStart;
use crate::namespace;
use crate::program_proxy::ProgramProxy;
use gateway::Gateway;
use handover::Handover;
use shown_files::ShownFiles;
use supervisor::Supervisor;

pub(crate) use handover::hand_over;
pub(crate) use probe::connect as probe_connect;

/// How long the last of the program's processes may take to be gone when it has ended.
const LEFT: Duration = Duration::from_millis(200);

/// The supervision of a program that has yet to start.
pub(crate) struct Deep {
    handover: Handover,
    supervisor: Arc<Supervisor>,
    /// The words before the program's.
    words: Vec<OsString>,
}

impl Deep {
    /// Prepares the supervision of a program whose sockets go to `proxy`, in `folder`, which is its user's alone. `lays`
    /// are the words that lay files over the system's; where there are none, the program is shown `files` in place of
    /// the system's when it opens these.
    ///
    /// # Errors
    /// When a trial shows that connections of a program can't be captured here; the message says why.
    pub(crate) async fn prepare(
        proxy: &ProgramProxy,
        folder: &Path,
        lays: Vec<OsString>,
        files: &[(PathBuf, PathBuf)],
    ) -> Result<Self> {
        let files = if lays.is_empty() { ShownFiles::new(files)? } else { ShownFiles::default() };
        probe::stays_ours();
        probe::probe(folder, &lays, !files.is_empty())
            .await
            .context("--deep can't capture connections here")
            .context(CannotStart)?;
        let status = Client::of(&proxy.home).get("/status").await?;
        let gateway = Gateway::new(proxy)?;
        let supervisor = Arc::new(Supervisor::new(gateway, own_addresses(&status), files));
        let handover = Handover::bind(folder.join("listener.sock"))?;
        let words = words(&lays, &handover, supervisor.shows_files())?;
        Ok(Self { handover, supervisor, words })
    }

    /// The words before the program's.
    pub(crate) fn words(&self) -> Vec<OsString> {
        self.words.clone()
    }

    /// Does `running`, which starts the program and waits for its end, and supervises it meanwhile; its outcome, and a
    /// sentence about connections that were not captured.
    pub(crate) async fn around<T>(self, running: impl Future<Output = T>) -> (T, Option<String>) {
        let supervisor = Arc::clone(&self.supervisor);
        let has_begun = Cell::new(false);
        let supervising = async {
            let listener = self.handover.receive().await?;
            has_begun.set(true);
            self.supervisor.serve(listener).await
        };
        let (mut running, mut supervising) = (std::pin::pin!(running), std::pin::pin!(supervising));
        tokio::select! {
            ended = &mut running => {
                let is_left = has_begun.get() && timeout(LEFT, supervising).await.is_err();
                return (ended, sentence(supervisor.missed(), is_left));
            }
            ended = &mut supervising => if let Err(error) = ended {
                tracing::error!("the program is not supervised any more, and can open no connection: {error}");
            },
        }
        (running.await, sentence(supervisor.missed(), false))
    }
}

/// The sentence for the user at the program's end; `is_left` says that processes of it still run.
fn sentence(missed: Option<String>, is_left: bool) -> Option<String> {
    let left = is_left
        .then(|| "processes of the program still run: they can open no connection from now on".to_owned());
    let all: Vec<String> = missed.into_iter().chain(left).collect();
    (!all.is_empty()).then(|| all.join(". And "))
}

/// The words that make a program one that is supervised.
fn words(lays: &[OsString], handover: &Handover, shows_files: bool) -> Result<Vec<OsString>> {
    let mut words = namespace::beginning(lays).context("dashcam does not find itself")?;
    words.extend(["--supervised-by".into(), handover.path().into()]);
    if shows_files {
        words.push("--shown-files".into());
    }
    words.push("--".into());
    Ok(words)
}

/// The addresses of dashcam itself, which programs reach without us.
fn own_addresses(status: &Value) -> Vec<SocketAddr> {
    let listeners = status["listeners"].as_array().into_iter().flatten();
    let addresses = listeners.filter_map(|listener| listener["address"].as_str());
    let page = status["page"]["url"].as_str().and_then(|url| url.split('/').nth(2));
    addresses.chain(page).filter_map(|text| text.parse().ok()).map(reachable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashcams_own_addresses_are_its_listeners_and_its_page() {
        let status = serde_json::json!({"listeners": [{"address": "0.0.0.0:1"}, {"address": "[::1]:2"}],
            "page": {"url": "http://127.0.0.1:3/"}});
        let own: Vec<String> = own_addresses(&status).iter().map(ToString::to_string).collect();
        assert_eq!(own, ["127.0.0.1:1", "[::1]:2", "127.0.0.1:3"]);
    }
}
