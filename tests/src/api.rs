//! dashcam's API over its control socket, where no token is needed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use crate::eventually::eventually;
use crate::wire::{Message, read_response};

/// How much of a URL's end the server is asked for: it may be longer than what a request may have.
const FILTERED: usize = 60;

/// A client of the API.
#[derive(Debug, Clone)]
pub struct Api {
    socket: PathBuf,
}

impl Api {
    /// The API of the instance in `home`.
    #[must_use]
    pub fn of(home: &Path) -> Self {
        Self { socket: home.join("control.sock") }
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Calls `path` (after `/api/v1`), with `body` as JSON unless it is null.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Message> {
        let mut io = BufReader::new(UnixStream::connect(&self.socket).await.context("control.sock")?);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        io.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
        read_response(&mut io, method).await
    }

    /// `GET path` as JSON.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub async fn get(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.bytes(path).await?)?)
    }

    /// `GET path` as bytes.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub async fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.call("GET", path, &Value::Null).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(answer.head.status()? == 200, "GET {path}: {}: {text}", answer.head.start);
        Ok(answer.body)
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub async fn change(&self, settings: &Value) -> Result<()> {
        let answer = self.call("PATCH", "/settings", settings).await?;
        ensure!(answer.head.status()? == 200, "PATCH {settings}: {}", String::from_utf8_lossy(&answer.body));
        Ok(())
    }

    /// The newest exchanges (up to 1000) whose URL ends in `end`, newest first, however many others there are.
    ///
    /// # Errors
    /// When the API fails.
    pub async fn ending_in(&self, end: &str) -> Result<Vec<Value>> {
        let encoded = |byte: u8| match byte {
            plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
            other => format!("%{other:02X}"),
        };
        // In quotes it is a text, whatever it would mean as a filter.
        let text = end.chars().take(FILTERED).collect::<String>().replace('\\', "\\\\").replace('"', "\\\"");
        let filter: String = format!("\"{text}\"").bytes().map(encoded).collect();
        let page = self.get(&format!("/exchanges?limit=1000&filter={filter}")).await?;
        let all = page["exchanges"].as_array().cloned().unwrap_or_default();
        Ok(all.into_iter().filter(|row| row["url"].as_str().is_some_and(|url| url.ends_with(end))).collect())
    }

    /// Waits until an exchange whose URL ends in `end` has ended, and gives the newest in detail.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn ended(&self, end: &str) -> Result<Value> {
        let id = eventually(&format!("an ended exchange with {end}"), async || {
            let rows = self.ending_in(end).await?;
            Ok(rows.iter().find(|row| row["state"] != "open").and_then(|row| row["id"].as_u64()))
        })
        .await?;
        // Answered once the exchange is stored, or at once if the disk takes nothing.
        let _stored = self.get(&format!("/exchanges/{id}/messages?limit=1")).await;
        self.get(&format!("/exchanges/{id}")).await
    }

    /// The messages of exchange `id` that are stored, each with the whole of its text.
    ///
    /// # Errors
    /// When the API fails.
    pub async fn messages(&self, id: &Value) -> Result<Vec<Value>> {
        let (path, mut after, mut all) = (format!("/exchanges/{id}/messages"), String::new(), Vec::new());
        loop {
            let page = self.get(&format!("{path}?limit=1000{after}")).await?;
            for mut message in page["messages"].as_array().cloned().context("no list")? {
                if message["preview"] == true && message["text"].is_string() {
                    let whole = self.bytes(&format!("{path}/{}/payload", message["seq"])).await?;
                    message["text"] = String::from_utf8(whole)?.into();
                }
                all.push(message);
            }
            match page["next_after"].as_u64() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Waits until the newest connection for which `wanted` holds is stored.
    ///
    /// # Errors
    /// When none is in time.
    pub async fn connection(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        eventually(&format!("a stored connection: {what}"), async || {
            let page = self.get("/connections?limit=1000").await?;
            Ok(page["connections"].as_array().and_then(|all| all.iter().find(|row| wanted(row)).cloned()))
        })
        .await
    }
}
