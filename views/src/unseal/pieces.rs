//! Secrets put back in bytes that come piece by piece: a placeholder may lie across two of them.

use dashcam_store::ReadError;

use super::unsealer::Unsealer;

/// No quotation mark is, with its backslashes.
const QUOTES: usize = 16;

/// Puts secrets back in a payload.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    unsealer: Unsealer,
    /// The beginning of what may be a placeholder.
    held: Vec<u8>,
}

impl Pieces {
    pub(crate) fn new(unsealer: Unsealer) -> Self {
        Self { unsealer, held: Vec::new() }
    }

    /// The bytes that are certain once `piece` is there.
    pub(crate) async fn push(&mut self, piece: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let mut bytes = std::mem::take(&mut self.held);
        bytes.extend_from_slice(&piece);
        self.held = bytes.split_off(certain(&bytes));
        self.unsealer.text(bytes).await
    }

    /// The rest.
    pub(crate) async fn end(&mut self) -> Result<Vec<u8>, ReadError> {
        let held = std::mem::take(&mut self.held);
        self.unsealer.text(held).await
    }
}

/// How many of the bytes do not depend on what comes: quotation marks go with the placeholder of a number.
fn certain(bytes: &[u8]) -> usize {
    let whole = dashcam_redact::placeholders(bytes).last().map_or(0..0, |(range, _)| range);
    let at = if whole.end > 0 && quotes(bytes, bytes.len()) >= bytes.len() - whole.end {
        whole.start
    } else {
        dashcam_redact::certain(bytes)
    };
    at - quotes(bytes, at)
}

/// How many bytes before `at` are quotation marks, as documents in documents need them.
fn quotes(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rev().take(QUOTES).take_while(|byte| matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_placeholder_is_held_back() {
        let whole = "~sealed.token.0123456789abcdef01234567~";
        for (text, expect) in [
            ("abc", 3),
            ("abc~", 3),
            ("abc~sealed.tok", 3),
            ("a ~ b", 5),
            ("~~", 1),
            (whole, 0),
            (&format!("{whole} "), whole.len() + 1),
            (&format!("a: \\\"{whole}\\"), 3),
            ("a: \\\"", 3),
            (&format!("{whole}~sea"), whole.len()),
            (&format!("{}{whole}", "x".repeat(100)), 100),
            (&format!("~{}", "a".repeat(200)), 201),
        ] {
            assert_eq!(certain(text.as_bytes()), expect, "{text}");
        }
    }
}
