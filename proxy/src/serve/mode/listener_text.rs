//! Listeners as texts: `[NAME=]MODE[@[HOST:]PORT][,OPTION…]`.

use std::net::IpAddr;

use crate::config::{InvalidNetwork, ListenerConfig};
use crate::serve::mode::parse::InvalidMode;

/// The options, as they are written behind a comma.
const PROXY_PROTOCOL: &str = "proxy-protocol";
const REUSE_PORT: &str = "reuse-port";
/// The most characters of a name.
const LONGEST_NAME: usize = 64;

/// A listener that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidListener {
    /// Its mode.
    #[error(transparent)]
    Mode(#[from] InvalidMode),
    /// A network behind `proxy-protocol=`.
    #[error("{PROXY_PROTOCOL}: {0}")]
    Network(#[from] InvalidNetwork),
    /// Its name.
    #[error(
        "invalid name \u{201c}{0}\u{201d} of a listener; expected at most 64 letters, digits, hyphens, underscores \
         and dots before the =, such as edge=forward@8080"
    )]
    Name(String),
}

impl ListenerConfig {
    /// Reads a listener from its text. It listens at the mode's own address, else at `host` and `port`.
    ///
    /// # Errors
    /// When the name, the mode or an option can't be understood.
    pub fn parse(text: &str, host: IpAddr, port: u16) -> Result<Self, InvalidListener> {
        let mut listener = Self::default();
        let rest = listener.take_options(text)?;
        // An = behind the first colon is part of a URL.
        let named = rest.split_once('=').filter(|(name, _)| !name.contains([':', '@']));
        let (name, mode) = named.map_or((None, rest), |(name, mode)| (Some(name), mode));
        if let Some(invalid) = name.filter(|name| !is_name(name)) {
            return Err(InvalidListener::Name(invalid.to_owned()));
        }
        listener.mode = mode.parse()?;
        listener.address = listener.mode.address(host, port);
        Ok(Self { name: name.map(str::to_owned), ..listener })
    }

    /// Takes options from the end of `text`: in a URL before them a comma is nothing special. The text before them.
    fn take_options<'a>(&mut self, mut text: &'a str) -> Result<&'a str, InvalidNetwork> {
        while let Some((before, option)) = text.rsplit_once(',') {
            match option.split_once('=') {
                None if option == REUSE_PORT => self.reuse_port = true,
                None if option == PROXY_PROTOCOL => {
                    self.proxy_protocol.get_or_insert_default();
                }
                Some((PROXY_PROTOCOL, network)) => {
                    self.proxy_protocol.get_or_insert_default().from.push(network.parse()?);
                }
                _ => break,
            }
            text = before;
        }
        Ok(text)
    }
}

fn is_name(text: &str) -> bool {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(is_fine)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::config::{Network, ProxyProtocol};

    fn parse(text: &str) -> Result<ListenerConfig, InvalidListener> {
        ListenerConfig::parse(text, Ipv4Addr::LOCALHOST.into(), 8080)
    }

    /// Checks what `text` is: its name and mode, its address, the networks of load balancers, `reuse-port`.
    fn check(text: &str, shown: &str, address: &str, proxy_protocol: Option<&[&str]>, reuse_port: bool) {
        let listener = parse(text).unwrap();
        assert_eq!((listener.to_string(), listener.address.to_string()), (shown.into(), address.into()));
        let networks = |protocol: ProxyProtocol| protocol.from.iter().map(Network::to_string).collect();
        let from: Option<Vec<String>> = listener.proxy_protocol.map(networks);
        assert_eq!(from, proxy_protocol.map(|all| all.iter().map(ToString::to_string).collect()), "{text}");
        assert_eq!(listener.reuse_port, reuse_port, "{text}");
    }

    #[test]
    fn listeners() {
        check("forward", "forward", "127.0.0.1:8080", None, false);
        check("edge=forward@9000", "edge (forward)", "127.0.0.1:9000", None, false);
        check("a.b_c-1=socks5@[::1]:1", "a.b_c-1 (socks5)", "[::1]:1", None, false);
        check("reverse:http://a:81@2", "reverse:http://a:81", "127.0.0.1:2", None, false);
        check("x=reverse:http://a@2,reuse-port", "x (reverse:http://a)", "127.0.0.1:2", None, true);
        check("forward,proxy-protocol", "forward", "127.0.0.1:8080", Some(&[]), false);
        check(
            "x=forward@0.0.0.0:1,proxy-protocol=10.0.0.0/8,reuse-port,proxy-protocol=::1",
            "x (forward)",
            "0.0.0.0:1",
            Some(&["::1/128", "10.0.0.0/8"]),
            true,
        );
    }

    #[test]
    fn errors_say_what_is_expected() {
        for (text, expect) in [
            ("=forward", "invalid name"),
            ("a b=forward", "invalid name \u{201c}a b\u{201d}"),
            ("forward,reuse", "unknown mode \u{201c}forward,reuse\u{201d}"),
            ("forward,proxy-protocol=x", "proxy-protocol: invalid network \u{201c}x\u{201d}"),
            ("edge=backward", "unknown mode \u{201c}backward\u{201d}"),
            ("forward,reuse-port=1", ",reuse-port"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expect), "{text}: {error}");
        }
    }
}
