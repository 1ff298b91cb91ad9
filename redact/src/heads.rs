//! Heads: the values of their fields, targets, and texts beside them.

mod cookies;
mod credentials;
mod fields;
mod links;
mod pieces;
#[cfg(test)]
mod properties;
mod silent;
mod subprotocols;
mod urls;

use dashcam_exchange::{RequestHead, ResponseHead};

pub(crate) use self::urls::asks;

use crate::how::On;
use crate::redactor::Redactor;

impl Redactor<'_> {
    /// Redacts a request's head: its target, authority and fields.
    pub fn request(&mut self, head: &mut RequestHead) {
        self.target(&mut head.target);
        if let Some(authority) = &mut head.authority {
            self.authority(authority);
        }
        // Of what is no request at all.
        if head.method.len() > 20 {
            self.line(On::Request, &mut head.method);
        }
        self.fields(On::Request, &mut head.headers);
    }

    /// Redacts a response's head: its reason and fields.
    pub fn response(&mut self, head: &mut ResponseHead) {
        self.line(On::Response, &mut head.reason);
        self.fields(On::Response, &mut head.headers);
    }

    /// Redacts a request's target: path, query, and whatever else a client put there.
    pub fn target(&mut self, target: &mut String) {
        if !self.is_silent_target(On::Request, target.as_bytes()) {
            replace(target, |target| self.came(target, |this, target| this.url(On::Request, target)));
        }
    }

    /// Redacts a text, such as a failure's message.
    pub fn line(&mut self, on: On, text: &mut String) {
        replace(text, |text| self.came(text, |this, text| this.text(on, text)));
    }

    /// `user:password@` before a host.
    fn authority(&mut self, authority: &mut String) {
        replace(authority, |authority| {
            self.came(authority, |this, authority| this.user_info(On::Request, authority))
        });
    }
}

/// Puts what `change` gives in the place of `text`. Only whole characters are ever cut out.
fn replace(text: &mut String, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
    if let Some(changed) = change(text.as_bytes()) {
        *text = String::from_utf8(changed)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
}

#[cfg(test)]
mod tests;
