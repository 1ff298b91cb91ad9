//! Whole responses, for clients that are not interested in frames.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};

use super::peer::{Event, Fields, Peer, value};
use crate::eventually::within;

/// A response as it came.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Heads 1xx, in order.
    pub interim: Vec<Fields>,
    /// The head.
    pub head: Fields,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: Option<Fields>,
}

impl Whole {
    /// The status; 0 if there is none.
    #[must_use]
    pub fn status(&self) -> u16 {
        value(&self.head, ":status").and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    /// The head's first field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        value(&self.head, name)
    }
}

impl Whole {
    fn take(&mut self, fields: Fields) {
        if value(&fields, ":status").is_some_and(|status| status.starts_with('1')) {
            self.interim.push(fields);
        } else if self.head.is_empty() {
            self.head = fields;
        } else {
            self.trailers = Some(fields);
        }
    }
}

impl Peer {
    /// For a client: a whole response.
    ///
    /// # Errors
    /// When the stream is reset, or the connection ends before.
    pub async fn response(&mut self, stream: u32) -> Result<Whole> {
        let mut responses = self.responses(&[stream]).await?;
        responses.remove(&stream).context("there is one for each")
    }

    /// For a client: the whole responses on these streams, in whatever order they come.
    ///
    /// # Errors
    /// When one of the streams is reset, or the connection ends before.
    pub async fn responses(&mut self, streams: &[u32]) -> Result<HashMap<u32, Whole>> {
        let mut all: HashMap<u32, Whole> = streams.iter().map(|id| (*id, Whole::default())).collect();
        let mut open = streams.len();
        let collect = async {
            while open > 0 {
                let event = self.next().await?;
                let ended = match event {
                    Event::Headers { stream, fields, ends } => {
                        all.get_mut(&stream).context("another stream")?.take(fields);
                        ends
                    }
                    Event::Data { stream, bytes, ends } => {
                        all.get_mut(&stream).context("another stream")?.body.extend(bytes);
                        ends
                    }
                    Event::Reset { stream, code } if all.contains_key(&stream) => {
                        bail!("stream {stream} was reset with {code}")
                    }
                    Event::Closed => bail!("the connection closed"),
                    _ => false,
                };
                open -= usize::from(ended);
            }
            Ok(())
        };
        within("whole responses", collect).await?;
        Ok(all)
    }
}
