//! A parent proxy by its URL.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use dashcam_exchange::{Destination, Scheme};
use percent_encoding::percent_decode_str;

use crate::config::access::{Credential, Password};

/// The bytes that SOCKS5 has room for in a name or a password (RFC 1929 §2).
const SOCKS_LIMIT: usize = 255;

/// A proxy that dashcam goes out through. As text it has no user and no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Parent {
    pub(crate) protocol: ParentProtocol,
    /// A name or an address, in lower case and without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The user and the password in its URL.
    pub(crate) credential: Option<Credential>,
}

/// The protocol that a parent is spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParentProtocol {
    Http,
    /// HTTP over TLS.
    Https,
    /// Names are resolved here, as curl does.
    Socks5,
    /// Names are resolved by the parent.
    Socks5h,
}

/// A URL that names no parent proxy. Its user and password are not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid parent proxy \u{201c}{text}\u{201d}: {why}; expected http://, https://, socks5:// or socks5h://, then [USER:PASSWORD@]HOST[:PORT]"
)]
pub struct InvalidParent {
    text: String,
    why: &'static str,
}

impl ParentProtocol {
    const ALL: [Self; 4] = [Self::Http, Self::Https, Self::Socks5, Self::Socks5h];

    const fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }

    pub(crate) const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

impl Parent {
    /// A parent as `HTTPS_PROXY` and its like name it: a scheme may be missing and is http then, and a path is ignored.
    pub(crate) fn of_variable(text: &str) -> Result<Self, InvalidParent> {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let authority = with_scheme.find("://").map_or(0, |scheme| scheme + "://".len());
        let end = with_scheme[authority..].find('/').map_or(with_scheme.len(), |slash| authority + slash);
        with_scheme[..end].parse()
    }
}

impl FromStr for Parent {
    type Err = InvalidParent;

    fn from_str(text: &str) -> Result<Self, InvalidParent> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (userinfo, authority) = match rest.rsplit_once('@') {
            Some((userinfo, authority)) => (Some(userinfo), authority),
            None => (None, rest),
        };
        let invalid = |why| {
            let text =
                if scheme.is_empty() { authority.to_owned() } else { format!("{scheme}://{authority}") };
            InvalidParent { text, why }
        };
        let protocol = ParentProtocol::ALL.into_iter().find(|one| one.scheme().eq_ignore_ascii_case(scheme));
        let protocol = protocol.ok_or_else(|| invalid("its scheme is missing or unknown"))?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        // The scheme lends its port to authorities without one.
        let mut destination = Destination::parse(Scheme::Http, authority)
            .map_err(|_| invalid("what follows the scheme is not HOST or HOST:PORT"))?;
        if !has_port(authority) {
            destination.port = protocol.default_port();
        }
        let credential = userinfo.map(credential).transpose().map_err(invalid)?;
        let fits = |credential: &Credential| {
            credential.plain().is_some_and(|(user, password)| user.len().max(password.len()) <= SOCKS_LIMIT)
        };
        if !protocol.is_http() && !credential.as_ref().is_none_or(fits) {
            return Err(invalid("SOCKS5 has no room for a user or a password of more than 255 bytes"));
        }
        Ok(Self { protocol, host: destination.host, port: destination.port, credential })
    }
}

/// Returns whether an authority names a port.
fn has_port(authority: &str) -> bool {
    let behind = authority.rsplit_once(']').map_or(authority, |(_, behind)| behind);
    behind.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}

/// `USER[:PASSWORD]`, percent-encoded (RFC 3986 §3.2.1).
fn credential(userinfo: &str) -> Result<Credential, &'static str> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = |text: &str| {
        percent_decode_str(text).decode_utf8().map(Cow::into_owned).map_err(|_| "its user is not UTF-8")
    };
    let (user, password) = (decoded(user)?, decoded(password)?);
    match user.as_str() {
        _ if userinfo.contains(['/', '?', '#']) => {
            Err("write / ? and # in a user or password as %2F, %3F and %23")
        }
        "" => Err("the user before the @ is empty"),
        // Basic ends the user at the first colon (RFC 7617 §2).
        _ if user.contains(':') => Err("its user has a colon"),
        _ => Ok(Credential { user, password: Password::Plain(password) }),
    }
}

/// Without user and password.
impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{}{close}:{}", self.protocol.scheme(), self.host, self.port)
    }
}

impl fmt::Debug for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |text: &str, expect: &str, user: Option<(&str, &str)>| {
            let parent: Parent = text.parse().unwrap();
            let found = parent.credential.as_ref().and_then(Credential::plain);
            assert_eq!((parent.to_string().as_str(), found), (expect, user), "{text}");
            assert!(!format!("{parent:?}").contains("secret"), "{parent:?}");
        };
        check("http://Proxy.example:3128", "http://proxy.example:3128", None);
        check("http://proxy.example/", "http://proxy.example:80", None);
        check("https://proxy.example", "https://proxy.example:443", None);
        check("SOCKS5://10.0.0.1", "socks5://10.0.0.1:1080", None);
        check("socks5h://[::1]", "socks5h://[::1]:1080", None);
        check("socks5h://[::1]:80", "socks5h://[::1]:80", None);
        check("http://u:secret@a:1", "http://a:1", Some(("u", "secret")));
        check("http://u%40x:s%3Ae%2Fcret:@a", "http://a:80", Some(("u@x", "s:e/cret:")));
        check("http://u:p@secret@a:1", "http://a:1", Some(("u", "p@secret")));
        check("socks5://u@a", "socks5://a:1080", Some(("u", "")));
    }

    #[test]
    fn errors_show_no_password() {
        let long = format!("socks5://{}:secret@a", "u".repeat(256));
        for (text, expect) in [
            ("a:3128", "its scheme is missing"),
            ("u:secret@a:3128", "\u{201c}a:3128\u{201d}: its scheme is missing"),
            ("ftp://u:secret@a", "\u{201c}ftp://a\u{201d}: its scheme is missing or unknown"),
            ("socks4://a", "expected http://, https://, socks5:// or socks5h://"),
            ("http://", "not HOST or HOST:PORT"),
            ("http://u:secret@a:x", "not HOST or HOST:PORT"),
            ("http://a/path", "not HOST or HOST:PORT"),
            ("http://:secret@a", "the user before the @ is empty"),
            ("http://a%3Ab:secret@c", "its user has a colon"),
            ("http://%ff:secret@a", "not UTF-8"),
            ("http://u:se/secret@a", "write / ? and # in"),
            (&long, "more than 255 bytes"),
        ] {
            let error = text.parse::<Parent>().unwrap_err().to_string();
            assert!(error.contains(expect) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
