//! The first bytes of a stream: the verdict is the same however they are cut.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::fuzzing::cuts::header;
use crate::fuzzing::world;
use crate::net::io::Io;
use crate::serve::detect::{FirstBytes, classify, detect as detect_on};

/// Classifies what stands behind the first two bytes of `input`.
///
/// # Panics
/// When the verdict depends on how the bytes came.
pub fn detect(input: &[u8]) {
    let Some((_, cuts, bytes)) = header(input) else { return };
    // All prefixes would take too long for long inputs.
    let pieces = cuts.of(bytes, 40);
    let mut seen = 0;
    let mut verdict = None;
    for piece in &pieces {
        seen += piece.len();
        verdict = classify(&bytes[..seen]);
        if verdict.is_some() {
            break;
        }
    }
    let whole = classify(bytes);
    assert!(seen == bytes.len() || verdict.is_some());
    if let (Some(early), Some(late)) = (&verdict, &whole) {
        assert_eq!(early, late, "the first {seen} of {} bytes", bytes.len());
    }
    assert!(verdict.is_none() || whole.is_some(), "{verdict:?} was taken back");
    world::run(on_a_stream(&pieces, whole));
}

/// The same through [`crate::serve::detect::detect`], which must not lose a byte.
async fn on_a_stream(pieces: &[&[u8]], whole: Option<FirstBytes>) {
    let (near, mut far) = tokio::io::duplex(1 << 20);
    let mut io = Io::from(near);
    let send = async {
        for piece in pieces {
            far.write_all(piece).await.expect("it is read");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let found = tokio::select! {
        found = detect_on(&mut io, Duration::from_secs(2)) => found,
        () = send => return,
    };
    let bytes = pieces.concat();
    assert!(bytes.starts_with(io.ahead()), "what was looked at is still there");
    let expect = whole.unwrap_or(if bytes.is_empty() { FirstBytes::Silent } else { FirstBytes::Other });
    assert_eq!(found, expect);
}
