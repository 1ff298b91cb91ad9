//! Texts with places for what differs from run to run: `{{proxy}}`, `{{bundle}}`, and `{{$NAME}}` for a variable of
//! the user's.

use std::ffi::OsString;
use std::path::Path;

use super::pointers::{Pointers, proxy_url, reachable};

/// The text with every place filled; a name that is none stays as it is.
pub(super) fn expand(
    text: &str,
    pointers: &Pointers<'_>,
    current: &dyn Fn(&str) -> Option<OsString>,
) -> OsString {
    let mut whole = OsString::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").unwrap_or((after, ""));
        whole.push(before);
        whole.push(value(name, pointers, current));
        rest = behind;
    }
    whole.push(rest);
    whole
}

fn value(name: &str, pointers: &Pointers<'_>, current: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    match name {
        "proxy" => proxy_url(pointers).into(),
        "host" => reachable(pointers.proxy).ip().to_string().into(),
        "port" => pointers.proxy.port().to_string().into(),
        "user" => pointers.credential.map_or("", |(user, _)| user).into(),
        "password" => pointers.credential.map_or("", |(_, password)| password).into(),
        "root" => pointers.root.into(),
        "root_base64" => base64_of(pointers.root).into(),
        "bundle" => pointers.bundle.into(),
        "lasting" => pointers.lasting.into(),
        "passing" => pointers.passing.into(),
        other => match other.strip_prefix('$') {
            Some(variable) => current(variable).unwrap_or_default(),
            None => OsString::from(format!("{{{{{other}}}}}")),
        },
    }
}

/// A certificate as one line: PEM without its frame.
fn base64_of(pem: &Path) -> String {
    let text = std::fs::read_to_string(pem).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect()
}
