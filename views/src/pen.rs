//! JSON that is written while it is read: who writes goes on only as fast as its reader takes what was written.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_store::ReadError;
use futures_util::Stream;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

/// Bytes that are gathered before they are handed over.
const PIECE: usize = 32 << 10;

/// Takes what is written.
#[derive(Debug)]
pub(crate) struct Pen {
    pieces: mpsc::Sender<Vec<u8>>,
    gathered: Vec<u8>,
}

impl Pen {
    /// Writes what is JSON already.
    pub(crate) fn raw(&mut self, json: &str) {
        self.gathered.extend_from_slice(json.as_bytes());
    }

    /// Writes a value, which is held whole.
    pub(crate) fn value(&mut self, value: &impl Serialize) {
        serde_json::to_writer(&mut self.gathered, value).expect("strings, numbers and lists serialize");
    }

    /// Writes an object that is to be continued: all but its closing brace.
    pub(crate) fn begin(&mut self, members: &Map<String, Value>) {
        self.value(members);
        self.gathered.pop();
    }

    /// Writes a further member of an object.
    pub(crate) fn member(&mut self, name: &str, value: &impl Serialize) {
        self.raw(",");
        self.value(&name);
        self.raw(":");
        self.value(value);
    }

    /// Writes a part of a string.
    pub(crate) fn text(&mut self, text: &str) {
        let start = self.gathered.len();
        self.value(&text);
        self.gathered.remove(start);
        self.gathered.pop();
    }

    /// Waits until there is room for more.
    pub(crate) async fn turn(&mut self) {
        if self.gathered.len() >= PIECE {
            self.hand_over().await;
        }
    }

    async fn hand_over(&mut self) {
        // Where nobody reads any more, this is not asked to go on either.
        let _ = self.pieces.send(std::mem::take(&mut self.gathered)).await;
    }
}

/// Writes base64 in pieces.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    /// Bytes that do not fill a group yet.
    rest: Vec<u8>,
}

impl Base64 {
    /// The digits that `piece` completes.
    pub(crate) fn push(&mut self, piece: &[u8]) -> String {
        self.rest.extend_from_slice(piece);
        let whole = self.rest.len() / 3 * 3;
        let digits = STANDARD.encode(&self.rest[..whole]);
        self.rest.drain(..whole);
        digits
    }

    /// The last digits.
    pub(crate) fn end(self) -> String {
        STANDARD.encode(self.rest)
    }
}

type Work = Pin<Box<dyn Future<Output = Result<(), ReadError>> + Send>>;

/// The output of a [`Pen`], piece by piece. It breaks off with the error that writing ends with.
pub(crate) struct Writing {
    writing: Option<Work>,
    pieces: mpsc::Receiver<Vec<u8>>,
    /// The error that writing ended with; it comes behind the bytes written before.
    error: Option<ReadError>,
}

impl Writing {
    /// The pieces that `write` writes.
    pub(crate) fn by<F>(write: impl FnOnce(Pen) -> F) -> Self
    where
        F: Future<Output = Result<Pen, ReadError>> + Send + 'static,
    {
        let (sender, pieces) = mpsc::channel(1);
        let writing = write(Pen { pieces: sender, gathered: Vec::new() });
        let writing = async move {
            writing.await?.hand_over().await;
            Ok(())
        };
        Self { writing: Some(Box::pin(writing)), pieces, error: None }
    }
}

impl Stream for Writing {
    type Item = Result<Vec<u8>, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(writing) = &mut self.writing
            && let Poll::Ready(ended) = writing.as_mut().poll(context)
        {
            self.writing = None;
            self.error = ended.err();
        }
        match self.pieces.poll_recv(context) {
            Poll::Ready(None) => Poll::Ready(self.error.take().map(Err)),
            piece => piece.map(|piece| piece.map(Ok)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use dashcam_store::StoreError;

    use super::*;

    #[tokio::test]
    async fn a_writer_goes_on_as_its_reader_does() {
        let (sender, mut written) = mpsc::channel(100);
        let mut writing = Writing::by(|mut pen| async move {
            for number in 0..10 {
                pen.raw(&"x".repeat(PIECE));
                pen.turn().await;
                let _ = sender.send(number).await;
            }
            Ok(pen)
        });
        assert_eq!(writing.next().await.unwrap().unwrap().len(), PIECE);
        let mut begun = 0;
        while written.try_recv().is_ok() {
            begun += 1;
        }
        assert!(begun <= 2, "{begun} pieces were written for one that was read");
        assert_eq!(writing.count().await, 10, "nine more, and the empty rest");
    }

    #[tokio::test]
    async fn it_breaks_off_with_the_error() {
        let writing = Writing::by(|mut pen| async move {
            pen.raw("[1,");
            pen.hand_over().await;
            Err(StoreError::Closed.into())
        });
        let pieces: Vec<_> = writing.collect().await;
        assert!(matches!(pieces.last(), Some(Err(ReadError::Unavailable(StoreError::Closed)))), "{pieces:?}");
    }

    #[test]
    fn strings_come_in_parts() {
        let (pieces, _reader) = mpsc::channel(1);
        let mut pen = Pen { pieces, gathered: Vec::new() };
        pen.begin(&Map::from_iter([("a".to_owned(), 1.into())]));
        pen.raw(",\"text\":\"");
        ["\"ü\u{1}", "", "b\\"].iter().for_each(|part| pen.text(part));
        pen.raw("\"");
        pen.member("z\"", &[1, 2]);
        pen.raw("}");
        let value: Value = serde_json::from_slice(&pen.gathered).unwrap();
        assert_eq!(value, serde_json::json!({"a": 1, "text": "\"ü\u{1}b\\", "z\"": [1, 2]}));
    }

    #[test]
    fn base64_comes_in_parts() {
        for size in 1..8 {
            let (bytes, mut base64): (Vec<u8>, _) = ((0..=20).collect(), Base64::default());
            let mut digits: String = bytes.chunks(size).map(|piece| base64.push(piece)).collect();
            digits += &base64.end();
            assert_eq!(digits, STANDARD.encode(&bytes), "pieces of {size}");
        }
    }
}
