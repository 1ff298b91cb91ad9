//! Placeholders in the places of secrets.

mod sealed_lately;

use dashcam_exchange::SealId;

pub(crate) use self::sealed_lately::SealedLately;
use crate::how::How;
use crate::keys::Keys;
use crate::placeholder::{FORGED, LENGTHS, LONG, open_at_end, placeholders};

/// Writes placeholders, counts them, and collects what is sealed.
#[derive(Debug)]
pub(crate) struct Replacer<'s> {
    keys: &'s Keys,
    lately: &'s mut SealedLately,
    replaced: u32,
    seals: Vec<(SealId, Vec<u8>)>,
}

impl<'s> Replacer<'s> {
    pub(crate) fn new(keys: &'s Keys, lately: &'s mut SealedLately) -> Self {
        Self { keys, lately, replaced: 0, seals: Vec::new() }
    }

    /// Writes what stands in the place of `secret`. What is sealed never holds a placeholder, as nobody would put back
    /// what that stands for: those that are in it stay.
    pub(crate) fn put(&mut self, kind: &str, how: How, secret: &[u8], out: &mut Vec<u8>) {
        let mut end = 0;
        if how == How::Seal {
            for (range, _) in placeholders(secret) {
                if range.start > end {
                    self.put_whole(kind, how, &secret[end..range.start], out);
                }
                out.extend_from_slice(&secret[range.clone()]);
                end = range.end;
            }
        }
        if end < secret.len() || end == 0 {
            self.put_whole(kind, how, &secret[end..], out);
        }
    }

    /// The same for a secret with nothing of ours in it.
    pub(crate) fn put_whole(&mut self, kind: &str, how: How, secret: &[u8], out: &mut Vec<u8>) {
        // What came before a secret must not become a placeholder with what is written now.
        if let Some(open) = open_at_end(out, how == How::Remove) {
            let text = out.split_off(open);
            self.write(FORGED, if how == How::Seal { how } else { How::Pseudonym }, &text, out);
        }
        self.write(kind, how, secret, out);
    }

    fn write(&mut self, kind: &str, how: How, secret: &[u8], out: &mut Vec<u8>) {
        self.replaced = self.replaced.saturating_add(1);
        if how == How::Remove {
            return;
        }
        for part in ["~", how.participle(), ".", kind, "."] {
            out.extend_from_slice(part.as_bytes());
        }
        match how {
            How::Remove => {}
            How::Mask => out.extend_from_slice(length_class(secret.len()).as_bytes()),
            How::Pseudonym => hex(&self.keys.pseudonym(secret), out),
            How::Seal => {
                let id = self.keys.pseudonym(secret);
                if self.lately.is_new(id) {
                    self.seals.push((id, self.keys.seal(secret, &id)));
                }
                hex(&id, out);
            }
        }
        out.push(b'~');
    }

    /// How many secrets were replaced so far.
    pub(crate) fn replaced(&self) -> u32 {
        self.replaced
    }

    /// The count, and the seals that are to be stored before what names them.
    pub(crate) fn finish(self) -> (u32, Vec<(SealId, Vec<u8>)>) {
        (self.replaced, self.seals)
    }
}

/// About how long a secret is.
fn length_class(length: usize) -> &'static str {
    LENGTHS.iter().find(|(below, _)| length < *below).map_or(LONG, |(_, class)| class)
}

fn hex(id: &SealId, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in id.0 {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(how: How, secret: &str) -> (String, Vec<(SealId, Vec<u8>)>) {
        let (keys, mut lately) = (Keys::new([1; 32]), SealedLately::default());
        let mut replacer = Replacer::new(&keys, &mut lately);
        let mut out = Vec::new();
        replacer.put("token", how, secret.as_bytes(), &mut out);
        let (replaced, seals) = replacer.finish();
        assert_eq!(replaced, 1);
        (String::from_utf8(out).unwrap(), seals)
    }

    #[test]
    fn placeholders_say_how() {
        let id = Keys::new([1; 32]).pseudonym(b"hunter2");
        assert_eq!(put(How::Remove, "hunter2").0, "");
        assert_eq!(put(How::Mask, "hunter2").0, "~masked.token.lt8~");
        assert_eq!(put(How::Mask, "eight888").0, "~masked.token.lt16~");
        assert_eq!(put(How::Pseudonym, "hunter2"), (format!("~pseudonym.token.{id}~"), Vec::new()));
        let (text, seals) = put(How::Seal, "hunter2");
        assert_eq!(text, format!("~sealed.token.{id}~"));
        assert_eq!(Keys::new([1; 32]).open(&seals[0].0, &seals[0].1).unwrap(), b"hunter2");
    }

    #[test]
    fn a_secret_is_sealed_once_for_a_while() {
        let (keys, mut lately) = (Keys::new([1; 32]), SealedLately::default());
        let seals = |lately: &mut SealedLately, secrets: &[&str]| {
            let mut replacer = Replacer::new(&keys, lately);
            for secret in secrets {
                replacer.put("token", How::Seal, secret.as_bytes(), &mut Vec::new());
            }
            replacer.finish().1.len()
        };
        assert_eq!(seals(&mut lately, &["a", "b", "a"]), 2);
        assert_eq!(seals(&mut lately, &["a", "c"]), 1);
        lately.forget();
        assert_eq!(seals(&mut lately, &["a", "c"]), 2);
    }
}
