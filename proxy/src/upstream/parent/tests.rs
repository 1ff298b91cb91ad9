//! Choosing a parent, and talking to one that the tests play.

use std::net::SocketAddr;

use dashcam_exchange::{Destination, Headers, RequestHead, Scheme, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::config::{Config, Credential, EnvironmentProxies, Limits, ListenerConfig, OutboundConfig};
use crate::net::io::Io;
use crate::upstream::key::{ParentId, Protocol, Via};
use crate::upstream::parent::refusal::Refusal;
use crate::upstream::parent::table::Parents;
use crate::upstream::parent::target::Target;
use crate::upstream::parent::{http, socks5};

fn destination(url: &str) -> Destination {
    let (scheme, authority) = url.split_once("://").unwrap();
    Destination::parse(Scheme::parse(scheme).unwrap(), authority).unwrap()
}

fn config(rules: &[&str], modes: &[&str]) -> Config {
    let value = |name: &str| match name {
        "HTTPS_PROXY" => Some("http://env:1".to_owned()),
        "NO_PROXY" => Some("direct.test".to_owned()),
        _ => None,
    };
    let listener = |mode: &&str| {
        let address = SocketAddr::from(([127, 0, 0, 1], 8080));
        ListenerConfig { mode: mode.parse().unwrap(), address, ..ListenerConfig::default() }
    };
    Config {
        listeners: modes.iter().map(listener).collect(),
        outbound: OutboundConfig {
            parents: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            no_proxy: vec!["except.test".parse().unwrap()],
            environment: EnvironmentProxies::read(value).unwrap().0,
            credential: Some("all:pass".parse().unwrap()),
            ..OutboundConfig::default()
        },
        ..Config::default()
    }
}

#[test]
fn rules_with_hosts_go_before_listeners_and_those_before_the_rest() {
    let rules = ["*.corp.test=direct", "a.test:8443=socks5h://s:1", "a.test=http://a:1", "http://rest:1"];
    let mode = "upstream:http://listener:1";
    let parents = Parents::new(&config(&rules, &[mode]));
    let of_listener = parents.of_listener(&mode.parse().unwrap());
    for (url, without, with) in [
        ("https://x.corp.test", None, None),
        ("https://except.test", None, None),
        ("https://a.test:8443", Some("socks5h://s:1"), Some("socks5h://s:1")),
        ("https://a.test", Some("http://a:1"), Some("http://a:1")),
        ("https://b.test", Some("http://rest:1"), Some("http://listener:1")),
    ] {
        for (of_listener, expect) in [(None, without), (of_listener, with)] {
            let via = parents.tunnel(of_listener, &destination(url));
            assert_eq!(parents.shown(via).as_deref(), expect, "{url}");
        }
    }
    assert_eq!(parents.of_replays(), of_listener);
    let none = Parents::new(&config(&[], &["forward"]));
    assert_eq!(none.tunnel(None, &destination("https://a.test")), Via::Direct);
}

#[test]
fn the_environment_decides_where_it_is_asked() {
    let parents = Parents::new(&config(&["env"], &[]));
    for (url, expect) in [
        ("https://a.test", Some("http://env:1")),
        ("http://a.test", None),
        ("https://direct.test", None),
        ("https://except.test", None),
    ] {
        assert_eq!(parents.shown(parents.tunnel(None, &destination(url))).as_deref(), expect, "{url}");
    }
    let unasked = Parents::new(&config(&["http://p:1"], &[]));
    assert_eq!(unasked.shown(unasked.tunnel(None, &destination("https://a.test"))).unwrap(), "http://p:1");
}

#[test]
fn only_plain_requests_are_passed_on_by_a_parent() {
    let head = |host: &str, upgrade: Option<&str>| {
        let upgrade = upgrade.map(|to| [("Connection", "upgrade"), ("Upgrade", to)]);
        let fields = [("Host", host)].into_iter().chain(upgrade.into_iter().flatten());
        RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: fields.collect::<Headers>(),
        }
    };
    let check = |rule: &str, url: &str, protocol, head: &RequestHead, expect: fn(ParentId) -> Via| {
        let parents = Parents::new(&config(&[rule], &[]));
        let via = parents.request(None, (&destination(url), protocol), head);
        assert_eq!(via, expect(ParentId(0)), "{rule} {url} {head:?}");
    };
    let plain = head("a.test:81", None);
    check("http://p:1", "http://a.test:81", Protocol::Http1, &plain, Via::Requests);
    check("https://p:1", "http://a.test:81", Protocol::Http1, &plain, Via::Requests);
    check("socks5://p:1", "http://a.test:81", Protocol::Http1, &plain, Via::Tunnel);
    check("http://p:1", "https://a.test:81", Protocol::Http1, &plain, Via::Tunnel);
    check("http://p:1", "http://a.test:81", Protocol::Http2PriorKnowledge, &plain, Via::Tunnel);
    check("http://p:1", "http://192.0.2.1:81", Protocol::Http1, &plain, Via::Tunnel);
    let websocket = head("a.test:81", Some("websocket"));
    check("http://p:1", "http://a.test:81", Protocol::Http1, &websocket, Via::Tunnel);
}

#[test]
fn a_parent_of_our_own_is_found() {
    let check = |parent: &str, expect: bool| {
        let parents = Parents::new(&config(&[parent], &[]));
        let own = |address: SocketAddr| address == "127.0.0.1:8080".parse().unwrap();
        assert_eq!(parents.own(own).is_some(), expect, "{parent}");
    };
    check("http://127.0.0.1:8080", true);
    check("http://localhost:8080", true);
    check("http://localhost:8081", false);
    check("http://p.test:8080", false);
}

#[test]
fn the_urls_own_user_goes_before_the_one_for_all() {
    for (rule, expect) in [
        ("http://p:1", "Basic YWxsOnBhc3M="),
        ("http://u:p@p:1", "Basic dTpw"),
        ("http://u@p:1", "Basic dTo="),
    ] {
        let parents = Parents::new(&config(&[rule], &[]));
        assert_eq!(parents.parent(ParentId(0)).authorization.as_deref(), Some(expect), "{rule}");
    }
}

/// Asks a parent that has said `answer`, and gives the bytes that it got. The connection ends behind the answer.
async fn play<'a, F>(
    answer: &[u8],
    ask: impl FnOnce(&'a mut Io) -> F,
    io: &'a mut (Io, DuplexStream),
) -> (Result<(), Refusal>, Vec<u8>)
where
    F: Future<Output = Result<(), Refusal>>,
{
    let (near, far) = io;
    far.write_all(answer).await.unwrap();
    far.shutdown().await.unwrap();
    let asked = ask(near).await;
    let mut got = vec![0; 1024];
    let length = far.read(&mut got).await.unwrap();
    got.truncate(length);
    (asked, got)
}

fn pair() -> (Io, DuplexStream) {
    let (near, far) = tokio::io::duplex(4096);
    (Io::from(near), far)
}

#[tokio::test]
async fn connect_is_asked_and_what_follows_the_answer_is_kept() {
    let mut io = pair();
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nearly";
    let ask = |io| http::ask(io, "[::1]:443", Some("Basic dTpw"), Limits::default());
    let (asked, got) = play(answer, ask, &mut io).await;
    asked.unwrap();
    assert_eq!(
        String::from_utf8(got).unwrap(),
        "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
    );
    let mut rest = String::new();
    io.0.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "early", "a length counts for nothing in the answer to a CONNECT");
}

#[tokio::test]
async fn http_parents_that_refuse() {
    for (answer, status, expect) in [
        (
            "HTTP/1.1 403 Forbidden\r\n\r\n",
            502,
            "http://p:1 refused a connection to a.test:443 (403 Forbidden)",
        ),
        ("HTTP/1.1 502 x\r\n\r\n", 502, "could not reach a.test:443 (502 Bad Gateway)"),
        ("HTTP/1.1 504 x\r\n\r\n", 504, "could not reach a.test:443 (504 Gateway Timeout)"),
        ("HTTP/1.1 404 x\r\n\r\n", 502, "answered the CONNECT for a.test:443 with 404 Not Found"),
        (
            "HTTP/1.1 407 x\r\n\r\n",
            502,
            "wants a user and a password (407 Proxy Authentication Required), and none",
        ),
        (
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
            502,
            "takes passwords only as NTLM, Negotiate (407",
        ),
        (
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Digest realm=\"a\", Basic realm=\"b\"\r\n\r\n",
            502,
            "wants a user and a password",
        ),
        ("SSH-2.0-x\r\n", 502, "sent something that is no HTTP"),
        ("HTTP/1.1 20", 502, "sent something that is no HTTP"),
        ("", 502, "closed the connection when it was asked for a.test:443"),
    ] {
        let ask = |io| http::ask(io, "a.test:443", None, Limits::default());
        let (asked, _) = play(answer.as_bytes(), ask, &mut pair()).await;
        check_refusal(&asked.unwrap_err(), status, expect);
    }
    let ask = |io| http::ask(io, "a.test:443", Some("Basic dTpw"), Limits::default());
    let (asked, _) = play(b"HTTP/1.1 407 x\r\n\r\n", ask, &mut pair()).await;
    check_refusal(&asked.unwrap_err(), 502, "refused dashcam's user or password (407");
}

fn check_refusal(refusal: &Refusal, status: u16, expect: &str) {
    let parent = "http://p:1".parse().unwrap();
    let no_answer = refusal.no_answer(&parent, &destination("https://a.test"));
    assert_eq!(no_answer.status, status, "{expect}");
    let message = no_answer.failure.message;
    assert!(message.starts_with("The parent proxy http://p:1 ") && message.contains(expect), "{message}");
}

#[tokio::test]
async fn socks5_is_asked_by_name_or_address() {
    let name = Target::Name("a.test".to_owned(), 258);
    let v4 = Target::Address("192.0.2.1:258".parse().unwrap());
    let v6 = Target::Address("[::2]:258".parse().unwrap());
    let credential: Credential = "u:pw".parse().unwrap();
    let bound_v4 = b"\x05\0\0\x01\0\0\0\0\0\0early".as_slice();
    let bound_name = b"\x05\0\0\x03\x01x\0\0early".as_slice();
    let bound_v6 = b"\x05\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0early".as_slice();
    for (target, credential, answer, expect) in [
        (
            &name,
            None,
            [b"\x05\0", bound_v4].concat(),
            b"\x05\x01\0\x05\x01\0\x03\x06a.test\x01\x02".as_slice(),
        ),
        (&v4, None, [b"\x05\0", bound_name].concat(), b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x01\x01\x02"),
        (
            &v6,
            Some(&credential),
            [b"\x05\x02\x01\0", bound_v6].concat(),
            b"\x05\x02\0\x02\x01\x01u\x02pw\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x01\x02",
        ),
    ] {
        let mut io = pair();
        let (asked, got) = play(&answer, |io| socks5::ask(io, target, credential), &mut io).await;
        asked.unwrap();
        assert_eq!(got, expect);
        let mut rest = String::new();
        io.0.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "early");
    }
}

#[tokio::test]
async fn socks5_parents_that_refuse() {
    let credential: Credential = "u:pw".parse().unwrap();
    for (answer, credential, status, expect) in [
        (
            &b"\x05\0\x05\x01\0\x01"[..],
            None,
            502,
            "could not reach a.test:443 (SOCKS5 reply 1, general failure)",
        ),
        (b"\x05\0\x05\x02\0\x01", None, 502, "(SOCKS5 reply 2, not allowed): its rules"),
        (b"\x05\0\x05\x05\0\x01", None, 502, "(SOCKS5 reply 5, connection refused)"),
        (b"\x05\0\x05\x06\0\x01", None, 504, "(SOCKS5 reply 6, TTL expired)"),
        (b"\x05\0\x05\x63\0\x01", None, 502, "(SOCKS5 reply 99, unknown reply)"),
        (b"\x05\xff", None, 502, "wants a user and a password (SOCKS5 authentication), and none"),
        (b"\x05\xff", Some(&credential), 502, "refused dashcam's user or password"),
        (b"\x05\x02\x01\x01", Some(&credential), 502, "refused dashcam's user or password"),
        (b"\x05\x01", None, 502, "sent something that is no SOCKS5"),
        (b"HTTP/1.1 400 x", None, 502, "sent something that is no SOCKS5"),
        (b"\x05", None, 502, "closed the connection when it was asked for a.test:443"),
    ] {
        let target = Target::Name("a.test".to_owned(), 443);
        let (asked, _) = play(answer, |io| socks5::ask(io, &target, credential), &mut pair()).await;
        check_refusal(&asked.unwrap_err(), status, expect);
    }
}
