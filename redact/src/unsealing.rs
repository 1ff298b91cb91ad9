//! Sealed secrets put back into heads.

use dashcam_exchange::{Headers, RequestHead, SealId};

use crate::placeholder::{Unsealed, placeholders, unseal};

impl Unsealed {
    /// Puts the secrets that `open` gives back into a request's head: target, authority and fields.
    #[must_use]
    pub fn request(head: &mut RequestHead, mut open: impl FnMut(&SealId) -> Option<Vec<u8>>) -> Self {
        let mut unsealed = Self::text(&mut head.target, &mut open);
        if let Some(authority) = &mut head.authority {
            unsealed += Self::text(authority, &mut open);
        }
        unsealed += Self::fields(&mut head.headers, open);
        unsealed
    }

    /// Puts the secrets that `open` gives back into header fields.
    #[must_use]
    pub fn fields(headers: &mut Headers, mut open: impl FnMut(&SealId) -> Option<Vec<u8>>) -> Self {
        let mut all = Self::default();
        headers.replace_values(|_, value| {
            placeholders(value).next()?;
            let (value, unsealed) = unseal(value, &mut open);
            all += unsealed;
            (unsealed.put_back > 0).then_some(value)
        });
        all
    }

    /// Puts the secrets that `open` gives back into a text. A secret that is no UTF-8 never stood in one.
    #[must_use]
    pub fn text(text: &mut String, open: impl FnMut(&SealId) -> Option<Vec<u8>>) -> Self {
        if placeholders(text.as_bytes()).next().is_none() {
            return Self::default();
        }
        let (bytes, unsealed) = unseal(text.as_bytes(), open);
        match String::from_utf8(bytes) {
            Ok(whole) => {
                *text = whole;
                unsealed
            }
            Err(_) => Self { put_back: 0, missing: unsealed.put_back + unsealed.missing },
        }
    }
}
