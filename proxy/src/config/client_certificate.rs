//! Which certificates are shown to which upstreams: `[HOST=]FILE`.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// A certificate to show to upstreams that ask for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// To whom it is shown.
    pub hosts: Hosts,
    /// Its chain and key (PEM).
    pub file: PathBuf,
}

/// Upstreams by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// All of them.
    All,
    /// Every name below this one, at any depth: `*.example.com`.
    Below(String),
    /// This name or address, in lower case and without brackets.
    One(String),
}

/// A `[HOST=]FILE` that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid client certificate \u{201c}{text}\u{201d}: {why}; expected FILE or HOST=FILE, where HOST is a name, *.example.com or an address (a file with = in its name is written ./FILE)"
)]
pub struct InvalidClientCertificate {
    text: String,
    why: &'static str,
}

impl FromStr for ClientCertificate {
    type Err = InvalidClientCertificate;

    fn from_str(text: &str) -> Result<Self, InvalidClientCertificate> {
        let invalid = |why| InvalidClientCertificate { text: text.to_owned(), why };
        let (hosts, file) = match text.split_once('=') {
            Some((hosts, file)) if !hosts.contains('/') => {
                let hosts = Hosts::parse(hosts).ok_or_else(|| invalid("the part before = is not a host"))?;
                (hosts, file)
            }
            _ => (Hosts::All, text),
        };
        if file.is_empty() {
            return Err(invalid("the file is missing"));
        }
        Ok(Self { hosts, file: file.into() })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Self::One(address.to_string()));
        }
        let name = |text: &str| {
            let text = text.strip_suffix('.').unwrap_or(text);
            let valid = text.split('.').all(|label| {
                !label.is_empty()
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            });
            valid.then(|| text.to_ascii_lowercase())
        };
        match text.strip_prefix("*.") {
            Some(parent) => name(parent).map(Self::Below),
            None => name(text).map(Self::One),
        }
    }

    /// How closely `name` is meant, the closest highest; `None` if it is not.
    pub(crate) fn closeness(&self, name: &str) -> Option<usize> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        match self {
            Self::All => Some(0),
            Self::Below(parent) => {
                let below = name
                    .strip_suffix(parent.as_str())
                    .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
                below.then_some(parent.len())
            }
            Self::One(one) => (*one == name).then_some(usize::MAX),
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all hosts"),
            Self::Below(parent) => write!(f, "*.{parent}"),
            Self::One(one) => f.write_str(one),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_shown_what() {
        for (text, expect) in [
            ("a.pem", Some(("all hosts", "a.pem"))),
            ("./a=b.pem", Some(("all hosts", "./a=b.pem"))),
            ("/x/a=b.pem", Some(("all hosts", "/x/a=b.pem"))),
            ("API.example.com=a.pem", Some(("api.example.com", "a.pem"))),
            ("*.Example.com.=/a=b.pem", Some(("*.example.com", "/a=b.pem"))),
            ("[0:0::1]=a.pem", Some(("::1", "a.pem"))),
            ("::1=a.pem", Some(("::1", "a.pem"))),
            ("127.0.0.1=a.pem", Some(("127.0.0.1", "a.pem"))),
            ("", None),
            ("a=", None),
            ("=a.pem", None),
            ("*=a.pem", None),
            ("a.*.b=a.pem", None),
            ("a b=a.pem", None),
        ] {
            let found = text.parse::<ClientCertificate>().ok();
            let found = found.map(|found| (found.hosts.to_string(), found.file.display().to_string()));
            assert_eq!(found, expect.map(|(hosts, file)| (hosts.to_owned(), file.to_owned())), "{text}");
        }
    }

    #[test]
    fn the_closest_wins() {
        let check = |hosts: &str, name: &str, expect| {
            assert_eq!(Hosts::parse(hosts).unwrap().closeness(name), expect, "{hosts} {name}");
        };
        check("example.com", "Example.com.", Some(usize::MAX));
        check("example.com", "www.example.com", None);
        check("*.example.com", "a.b.example.com", Some(11));
        check("*.example.com", "example.com", None);
        check("*.example.com", "badexample.com", None);
        check("*.example.com", ".example.com", None);
        assert_eq!(Hosts::All.closeness("x"), Some(0));
    }
}
