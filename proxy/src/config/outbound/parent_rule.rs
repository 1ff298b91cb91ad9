//! Which destinations are reached through which parent: `[MATCH=]VIA`.

use std::fmt;
use std::str::FromStr;

use crate::config::outbound::host_pattern::{HostPattern, InvalidHostPattern};
use crate::config::outbound::parent::{InvalidParent, Parent};

/// A way out for some destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentRule {
    /// The destinations; `None`: all that no other rule and no listener decides about.
    pub hosts: Option<HostPattern>,
    /// The way.
    pub via: ParentChoice,
}

/// A way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentChoice {
    /// Without a parent.
    Direct,
    /// As `HTTPS_PROXY` and its like say.
    Environment,
    /// Through this one.
    Parent(Parent),
}

/// A text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParentRule {
    /// The part before the `=`.
    #[error(transparent)]
    Hosts(#[from] InvalidHostPattern),
    /// The rest.
    #[error("{0}; or env, or direct")]
    Via(#[from] InvalidParent),
}

impl FromStr for ParentChoice {
    type Err = InvalidParent;

    fn from_str(text: &str) -> Result<Self, InvalidParent> {
        match text {
            "direct" => Ok(Self::Direct),
            "env" => Ok(Self::Environment),
            url => url.parse().map(Self::Parent),
        }
    }
}

impl FromStr for ParentRule {
    type Err = InvalidParentRule;

    fn from_str(text: &str) -> Result<Self, InvalidParentRule> {
        let (hosts, via) = match text.split_once('=') {
            // A password may have one as well.
            Some((hosts, via)) if !hosts.contains("://") => (Some(hosts.parse()?), via),
            _ => (None, text),
        };
        Ok(Self { hosts, via: via.parse()? })
    }
}

impl fmt::Display for ParentChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Environment => f.write_str("env"),
            Self::Parent(parent) => parent.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (text, expect) in [
            ("env", Ok((None, "env"))),
            ("direct", Ok((None, "direct"))),
            ("http://u:p=q@a:1", Ok((None, "http://a:1"))),
            ("*.corp.example=direct", Ok((Some("*.corp.example"), "direct"))),
            ("10.0.0.0/8=socks5h://u:p=q@a", Ok((Some("10.0.0.0/8"), "socks5h://a:1080"))),
            ("[::1]:80=env", Ok((Some("[::1]:80"), "env"))),
            ("a b=direct", Err("invalid host \u{201c}a b\u{201d}")),
            ("a=b", Err("its scheme is missing or unknown; expected http://")),
            ("none", Err("or env, or direct")),
        ] {
            match (text.parse::<ParentRule>(), expect) {
                (Ok(rule), Ok((hosts, via))) => {
                    let found = rule.hosts.map(|hosts| hosts.to_string());
                    assert_eq!((found.as_deref(), rule.via.to_string().as_str()), (hosts, via), "{text}");
                }
                (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
