//! A message's payload as text.

/// The UTF-8 that `bytes` are; `None` if they are not. Where they are `cut`, a character that the cut went through is
/// left out.
#[must_use]
pub fn message_text(bytes: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_be_cut_and_not_broken() {
        assert_eq!(message_text(b"a\xc3", true), Some("a"));
        assert_eq!(message_text(b"a\xc3", false), None);
        assert_eq!(message_text(b"a\xc3b", true), None);
    }
}
