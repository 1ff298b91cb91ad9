//! The verdict about a stream: one pure function.

use dashcam_ca::Authority;
use dashcam_control::ConnectionDecision;
use dashcam_exchange::{Destination, Side, TunnelReason, Verdict};
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

/// The verdict for a stream to `destination` that a client opened with CONNECT, and for a tunnel the reason.
pub(crate) fn decide(
    decision: ConnectionDecision,
    rules: &Rules,
    destination: &Destination,
    first: &FirstBytes,
) -> (Verdict, Option<TunnelReason>) {
    match (tunnel_reason(decision, rules, destination, first), first) {
        (Some(reason), _) => (Verdict::Tunnel, Some(reason)),
        (None, FirstBytes::Tls(_)) => (Verdict::Decrypt, None),
        (None, FirstBytes::Http1 | FirstBytes::Http2) => (Verdict::Plain, None),
        (None, FirstBytes::Other | FirstBytes::Silent | FirstBytes::Closed) => (Verdict::Refuse, None),
    }
}

/// The reason for which the policy has a connection relayed unread, if it does.
pub(crate) fn decided_reason(decision: ConnectionDecision) -> Option<TunnelReason> {
    match decision.rejected {
        Some(Side::Upstream) => Some(TunnelReason::UpstreamRejected),
        Some(Side::Client | Side::Proxy) => Some(TunnelReason::ClientRejected),
        None => (!decision.decrypt).then_some(TunnelReason::Off),
    }
}

fn tunnel_reason(
    decision: ConnectionDecision,
    rules: &Rules,
    destination: &Destination,
    first: &FirstBytes,
) -> Option<TunnelReason> {
    // 1. Off, or somebody refuses our TLS: nothing is read.
    if let Some(reason) = decided_reason(decision) {
        return Some(reason);
    }
    match first {
        // 2. TLS: its own rules, and only where HTTP is spoken inside and the TLS is one that we speak.
        FirstBytes::Tls(hello) => {
            let sni = hello.sni.as_deref();
            let reasons = [
                (rules.tunnels(destination, sni), TunnelReason::Rule),
                (!rules.can_decrypt(destination, sni), TunnelReason::Constrained),
                (!hello.offers_http(), TunnelReason::NotHttp),
                (hello.foreign, TunnelReason::ForeignTls),
            ];
            reasons.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
        }
        // 3. HTTP in the clear.
        FirstBytes::Http1 | FirstBytes::Http2 => {
            rules.tunnels(destination, None).then_some(TunnelReason::Rule)
        }
        // 4. Anything else is none of our business, and a silent client waits for the server.
        FirstBytes::Other => Some(TunnelReason::NotHttp),
        FirstBytes::Silent => Some(TunnelReason::Silent),
        FirstBytes::Closed => None,
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
        let (verdict, reason) = decide(decision(level), &rules, &destination, first);
        assert_eq!(verdict, expect, "{first:?} {ignore} {allow}");
        assert_eq!(reason.is_some(), verdict == Verdict::Tunnel, "{first:?} {ignore} {allow}");
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
            let (verdict, reason) = decide(decision(Level::Full), &rules, &destination, &hello);
            assert_eq!(verdict, expect, "{sni:?}");
            assert_eq!(reason, (verdict == Verdict::Tunnel).then_some(TunnelReason::Constrained), "{sni:?}");
        }
    }

    #[test]
    fn every_tunnel_has_its_reason() {
        let hello = |hello| FirstBytes::Tls(hello);
        let mqtt = || Hello { alpn: vec![b"mqtt".to_vec()], ..Hello::default() };
        let full = decision(Level::Full);
        let rejected = |side| ConnectionDecision { decrypt: false, rejected: Some(side), ..full };
        let rules = Rules::new(&["^a:".to_owned()], &[]).unwrap();
        for (decision, host, first, expect) in [
            (decision(Level::Off), "b:443", hello(Hello::default()), TunnelReason::Off),
            (full, "a:443", hello(Hello::default()), TunnelReason::Rule),
            (full, "b:443", hello(mqtt()), TunnelReason::NotHttp),
            (full, "b:443", hello(Hello { foreign: true, ..Hello::default() }), TunnelReason::ForeignTls),
            (full, "b:443", FirstBytes::Other, TunnelReason::NotHttp),
            (full, "b:443", FirstBytes::Silent, TunnelReason::Silent),
            (rejected(Side::Client), "b:443", hello(Hello::default()), TunnelReason::ClientRejected),
            (rejected(Side::Upstream), "b:443", hello(Hello::default()), TunnelReason::UpstreamRejected),
        ] {
            let destination = Destination::parse(Scheme::Https, host).unwrap();
            let decided = decide(decision, &rules, &destination, &first);
            assert_eq!(decided, (Verdict::Tunnel, Some(expect)), "{first:?}");
        }
    }

    #[test]
    fn verdicts() {
        let hello = |sni: &str, alpn: &[&[u8]]| {
            FirstBytes::Tls(Hello {
                sni: Some(sni.to_owned()),
                alpn: alpn.iter().map(|name| name.to_vec()).collect(),
                ..Hello::default()
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
