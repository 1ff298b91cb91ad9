//! The search for secrets in everything that dashcam writes, shows and hands out.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use dashcam_tests::api::Api;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::task::JoinSet;

use crate::report::Report;
use crate::run::Corpus;

/// The file with the key, which is no record.
const KEY: &str = "redaction.key";

/// Of the exchanges that have ended, how many there are for one whose calls are each looked at: the exported files have all.
const SAMPLE: usize = 4;

/// Looks through every file below `home`.
pub(crate) fn files(home: &Path, when: &str, corpus: &Corpus, report: &mut Report) -> Result<()> {
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() && path.file_name().is_some_and(|name| name != KEY) {
                let place = format!("file {} {when}", path.strip_prefix(home)?.display());
                // A log that was deleted meanwhile holds nothing.
                report.look(&place, &std::fs::read(&path).unwrap_or_default(), corpus);
            }
        }
    }
    Ok(())
}

/// Looks through everything that the API gives about exchanges that have ended.
pub(crate) async fn handed_out(api: &Api, corpus: &Corpus, report: &mut Report) -> Result<()> {
    let calls =
        ["/export?format=har", "/export?format=ndjson", "/status", "/connections?limit=1000", "/gaps"];
    for call in calls {
        report.look(&format!("API {call}"), &api.bytes(call).await?, corpus);
    }
    let facets = "/exchanges/facets?by=host,path,status,type,client&limit=1000";
    report.look("API facets", &api.bytes(facets).await?, corpus);
    report.look("metrics", &root_call(api, "/metrics").await?, corpus);
    for row in rows(api).await?.iter().step_by(SAMPLE) {
        let id = &row["id"];
        for (place, call) in
            [("curl", format!("/exchanges/{id}/curl")), ("har", format!("/exchanges/{id}/har"))]
        {
            report.look(&format!("API {place}"), &any(api, &call).await?, corpus);
        }
        look_at(api, id, "ended", corpus, report).await?;
    }
    Ok(())
}

/// Looks at the exchanges that are under way.
pub(crate) async fn under_way(api: &Api, corpus: &Corpus, report: &mut Report) -> Result<()> {
    let page = api.bytes("/exchanges?limit=1000").await?;
    report.look("API list under way", &page, corpus);
    let page: Value = serde_json::from_slice(&page)?;
    for row in page["exchanges"].as_array().into_iter().flatten().filter(|row| row["state"] == "open") {
        look_at(api, &row["id"], "under way", corpus, report).await?;
    }
    Ok(())
}

async fn look_at(api: &Api, id: &Value, when: &str, corpus: &Corpus, report: &mut Report) -> Result<()> {
    let parts =
        ["", "/request/body", "/response/body", "/request/text", "/response/text", "/messages?limit=1000"];
    for part in parts {
        let place = format!("API exchange{} {when}", part.split('?').next().unwrap_or_default());
        report.look(&place, &any(api, &format!("/exchanges/{id}{part}")).await?, corpus);
    }
    Ok(())
}

/// Every exchange's row.
pub(crate) async fn rows(api: &Api) -> Result<Vec<Value>> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/exchanges?limit=1000{before}")).await?;
        all.extend(page["exchanges"].as_array().cloned().context("a list")?);
        match page["next_before"].as_u64() {
            Some(next) => before = format!("&before={next}"),
            None => return Ok(all),
        }
    }
}

/// The answer to a call, whatever its status: an error must not show a secret either. One that breaks off has shown what
/// another call shows too.
async fn any(api: &Api, call: &str) -> Result<Vec<u8>> {
    Ok(api.call("GET", call, &Value::Null).await.map(|answer| answer.body).unwrap_or_default())
}

/// The answer to a call that is not below `/api/v1`.
async fn root_call(api: &Api, path: &str) -> Result<Vec<u8>> {
    let mut io = UnixStream::connect(api.socket()).await?;
    io.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut answer = Vec::new();
    io.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The live feed, as it was sent while this lives.
pub(crate) struct Live {
    sent: Arc<Mutex<Vec<u8>>>,
    _reading: JoinSet<Result<()>>,
}

impl Live {
    /// Begins to take it down, once the first of it has come.
    pub(crate) async fn watch(socket: &Path) -> Result<Self> {
        let mut io = UnixStream::connect(socket).await?;
        io.write_all(b"GET /api/v1/live?position=true HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let mut first = vec![0; 4096];
        let read = io.read(&mut first).await?;
        first.truncate(read);
        let sent = Arc::new(Mutex::new(first));
        let (to, mut reading) = (Arc::clone(&sent), JoinSet::new());
        reading.spawn(async move {
            let mut piece = vec![0; 64 * 1024];
            loop {
                let read = io.read(&mut piece).await?;
                if read == 0 {
                    return Ok(());
                }
                to.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..read]);
            }
        });
        Ok(Self { sent, _reading: reading })
    }

    /// Looks through all of it.
    pub(crate) fn look(&self, corpus: &Corpus, report: &mut Report) -> usize {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        report.look("live feed", &sent, corpus);
        sent.len()
    }
}
