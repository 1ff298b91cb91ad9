//! The verdict about a stream: one pure function.

use dashcam_ca::Authority;
use dashcam_control::ConnectionDecision;
use dashcam_exchange::{Destination, Verdict};
use regex::RegexSet;

use crate::serve::detect::FirstBytes;

/// Destinations that are tunnelled unread whatever the settings.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    ignore: RegexSet,
    allow: RegexSet,
    /// Whose name constraints say which hosts a certificate can be issued for.
    authority: Option<Authority>,
}

impl Rules {
    /// Compiles the expressions; they are matched against `HOST:PORT`, whatever the case.
    pub(crate) fn new(ignore: &[String], allow: &[String]) -> Result<Self, regex::Error> {
        let compile =
            |expressions: &[String]| regex::RegexSetBuilder::new(expressions).case_insensitive(true).build();
        Ok(Self { ignore: compile(ignore)?, allow: compile(allow)?, authority: None })
    }

    /// The same, and what `authority` may issue no certificate for is tunnelled as well.
    pub(crate) fn within(self, authority: Authority) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// Returns whether a client that asks for `sni` at `destination` can be shown a certificate.
    fn can_decrypt(&self, destination: &Destination, sni: Option<&str>) -> bool {
        self.authority.as_ref().is_none_or(|authority| authority.permits(sni.unwrap_or(&destination.host)))
    }

    /// Returns whether `destination` is to be tunnelled whatever name the client will ask for there.
    pub(crate) fn ignores(&self, destination: &Destination) -> bool {
        self.ignore.is_match(&destination.host_and_port())
    }

    /// Returns whether `destination`, or the name that the client asked for there, is to be tunnelled.
    pub(crate) fn tunnels(&self, destination: &Destination, sni: Option<&str>) -> bool {
        let names = [Some(destination.host_and_port()), sni.map(|sni| format!("{sni}:{}", destination.port))];
        let any = |set: &RegexSet| names.iter().flatten().any(|name| set.is_match(name));
        any(&self.ignore) || (!self.allow.is_empty() && !any(&self.allow))
    }
}

/// The verdict for a stream to `destination` that a client opened with CONNECT.
pub(crate) fn decide(
    decision: ConnectionDecision,
    rules: &Rules,
    destination: &Destination,
    first: &FirstBytes,
) -> Verdict {
    // 1. Off: nothing is read.
    if !decision.decrypt {
        return Verdict::Tunnel;
    }
    match first {
        // 2. TLS: its own rules, and only where HTTP is spoken inside and the TLS is one that we speak.
        FirstBytes::Tls(hello) => {
            let sni = hello.sni.as_deref();
            let tunnel = rules.tunnels(destination, sni)
                || !rules.can_decrypt(destination, sni)
                || !hello.offers_http()
                || hello.foreign;
            if tunnel { Verdict::Tunnel } else { Verdict::Decrypt }
        }
        // 3. HTTP in the clear.
        FirstBytes::Http1 | FirstBytes::Http2 => {
            if rules.tunnels(destination, None) {
                Verdict::Tunnel
            } else {
                Verdict::Plain
            }
        }
        // 4. Anything else is none of our business, and a silent client waits for the server.
        FirstBytes::Other | FirstBytes::Silent => Verdict::Tunnel,
        FirstBytes::Closed => Verdict::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use dashcam_control::{ConnectionFacts, Control, Settings};
    use dashcam_exchange::{Level, Scheme};

    use super::*;
    use crate::serve::detect::Hello;

    fn decision(level: Level) -> ConnectionDecision {
        let control = Control::new(Settings { level, ..Settings::default() });
        let policy = control.policy();
        policy.for_connection(&ConnectionFacts::default())
    }

    fn check(level: Level, first: &FirstBytes, ignore: &str, allow: &str, expect: Verdict) {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rules = Rules::new(&list(ignore), &list(allow)).unwrap();
        let destination = Destination::parse(Scheme::Https, "192.0.2.1:443").unwrap();
        assert_eq!(
            decide(decision(level), &rules, &destination, first),
            expect,
            "{first:?} {ignore} {allow}"
        );
    }

    /// A host that the root may not sign for is tunnelled: its client would refuse the certificate.
    #[test]
    fn a_root_for_some_hosts_only() {
        let home = tempfile::tempdir().unwrap();
        let permitted = "example.com".parse().unwrap();
        dashcam_ca::create(home.path(), &dashcam_ca::NewRoot { permitted, ..Default::default() }).unwrap();
        let (authority, _) = Authority::open_or_create(home.path()).unwrap();
        let rules = Rules::new(&[], &[]).unwrap().within(authority);
        for (sni, expect) in [
            (Some("a.example.com"), Verdict::Decrypt),
            (Some("a.test"), Verdict::Tunnel),
            (None, Verdict::Tunnel),
        ] {
            let hello = FirstBytes::Tls(Hello { sni: sni.map(str::to_owned), ..Hello::default() });
            let destination = Destination::parse(Scheme::Https, "192.0.2.1:443").unwrap();
            assert_eq!(decide(decision(Level::Full), &rules, &destination, &hello), expect, "{sni:?}");
        }
    }

    #[test]
    fn verdicts() {
        let hello = |sni: &str, alpn: &[&[u8]]| {
            FirstBytes::Tls(Hello {
                sni: Some(sni.to_owned()),
                alpn: alpn.iter().map(|name| name.to_vec()).collect(),
                foreign: false,
            })
        };
        let plain_hello = hello("bank.example", &[]);
        check(Level::Full, &plain_hello, "", "", Verdict::Decrypt);
        check(Level::Metadata, &plain_hello, "", "", Verdict::Decrypt);
        check(Level::Metrics, &plain_hello, "", "", Verdict::Decrypt);
        check(Level::Metrics, &plain_hello, r"^bank\.", "", Verdict::Tunnel);
        check(Level::Metrics, &hello("a", &[b"mqtt"]), "", "", Verdict::Tunnel);
        check(Level::Off, &plain_hello, "", "", Verdict::Tunnel);
        check(Level::Full, &plain_hello, r"^Bank\.", "", Verdict::Tunnel);
        check(Level::Full, &plain_hello, "", "^shop", Verdict::Tunnel);
        check(Level::Full, &plain_hello, "", "192", Verdict::Decrypt);
        check(Level::Full, &hello("a", &[b"h2", b"acme"]), "", "", Verdict::Decrypt);
        check(Level::Full, &hello("a", &[b"mqtt"]), "", "", Verdict::Tunnel);
        check(
            Level::Full,
            &FirstBytes::Tls(Hello { foreign: true, ..Hello::default() }),
            "",
            "",
            Verdict::Tunnel,
        );
        check(Level::Full, &FirstBytes::Http1, "", "", Verdict::Plain);
        check(Level::Metrics, &FirstBytes::Http1, "", "", Verdict::Plain);
        check(Level::Off, &FirstBytes::Http2, "", "", Verdict::Tunnel);
        check(Level::Full, &FirstBytes::Other, "", "", Verdict::Tunnel);
        check(Level::Full, &FirstBytes::Silent, "", "", Verdict::Tunnel);
        check(Level::Full, &FirstBytes::Closed, "", "", Verdict::Refuse);
    }
}
