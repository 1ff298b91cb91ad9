//! The variables of a program's environment.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;

use super::families::FAMILIES;
use super::family::Value;
use super::pointers::{Pointers, reachable};
use super::template;

/// The password of Java trust stores, which hold no secret.
pub(crate) const JAVA_STORE_PASSWORD: &str = "changeit";

/// The variables to set; `current` is the environment as it is.
pub(crate) fn variables(
    pointers: &Pointers<'_>,
    current: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, OsString)> {
    let set = |name: &str| current(name).filter(|value| !value.is_empty());
    let entries = FAMILIES.iter().flat_map(|family| family.variables);
    entries.filter_map(|(name, value)| Some((*name, valued(value, name, pointers, &set)?))).collect()
}

/// The value of one variable; none if it can't be given to the program.
fn valued(
    value: &Value,
    name: &str,
    pointers: &Pointers<'_>,
    current: &dyn Fn(&str) -> Option<OsString>,
) -> Option<OsString> {
    let own = current(name);
    Some(match value {
        Value::Set(text) => template::expand(text, pointers, current),
        Value::Word { text, is_quotable } => {
            let word = template::expand(text, pointers, current);
            let has_space = word.to_string_lossy().contains(char::is_whitespace);
            if has_space && !is_quotable {
                return None;
            }
            let word = if has_space { joined(["\"".into(), word, "\"".into()], "") } else { word };
            joined(own.into_iter().chain([word]), " ")
        }
        Value::Before(text) => {
            let ours = template::expand(text, pointers, current);
            joined([ours].into_iter().chain(own), ":")
        }
        Value::BeforeDefault(text) => {
            let ours = template::expand(text, pointers, current);
            // An empty entry stands for the program's default.
            joined([ours, own.unwrap_or_default()], ":")
        }
        Value::After { default, text } => {
            let own = own.unwrap_or_else(|| template::expand(default, pointers, current));
            joined([own, template::expand(text, pointers, current)], ":")
        }
        Value::Excluded => excluded(pointers.proxy, current),
        Value::Java => java_options(pointers, own, &users_excluded(current)),
    })
}

fn joined(parts: impl IntoIterator<Item = OsString>, separator: &str) -> OsString {
    let mut whole = OsString::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            whole.push(separator);
        }
        whole.push(part);
    }
    whole
}

/// The hosts that the user wants to be left alone.
fn users_excluded(current: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    current("NO_PROXY").or_else(|| current("no_proxy")).unwrap_or_default()
}

/// The user's own exclusions stay, and loopback is recorded. The list is never empty: Emacs goes by no proxy
/// where it is, and libraries that open a connection to the proxy by themselves must not go through it.
fn excluded(proxy: SocketAddr, current: &dyn Fn(&str) -> Option<OsString>) -> OsString {
    let users = users_excluded(current);
    if users == "*" {
        return users;
    }
    let ours = OsString::from(reachable(proxy).to_string());
    if users.is_empty() { ours } else { joined([users, ours], ",") }
}

fn java_options(pointers: &Pointers<'_>, current: Option<OsString>, excluded: &OsStr) -> OsString {
    let proxy = reachable(pointers.proxy);
    let mut options: Vec<OsString> = current.into_iter().collect();
    for scheme in ["http", "https"] {
        options.push(format!("-D{scheme}.proxyHost={}", proxy.ip()).into());
        options.push(format!("-D{scheme}.proxyPort={}", proxy.port()).into());
    }
    // Java leaves loopback out unless told otherwise.
    let excluded = excluded.to_string_lossy().split(',').map(str::trim).collect::<Vec<_>>().join("|");
    options.push(format!("-Dhttp.nonProxyHosts={excluded}").into());
    if let Some(store) = pointers.java_store {
        options.push(joined(["-Djavax.net.ssl.trustStore=".into(), quoted(store)], ""));
        options.push(format!("-Djavax.net.ssl.trustStorePassword={JAVA_STORE_PASSWORD}").into());
    }
    joined(options, " ")
}

/// The options are split at white space outside of quotes.
fn quoted(path: &Path) -> OsString {
    if !path.to_string_lossy().contains(char::is_whitespace) {
        return path.into();
    }
    joined(["\"".into(), path.into(), "\"".into()], "")
}
