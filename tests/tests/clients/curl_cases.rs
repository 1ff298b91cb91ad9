//! The table of curl's options.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::digest;
use dashcam_tests::origin::Seen;
use dashcam_tests::wire::field;

/// How curl and the origin speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// HTTP/1 without TLS.
    Plain1,
    /// HTTP/1 over TLS; the origin knows nothing else.
    Tls1,
    /// HTTP/2 over TLS, unless an option says otherwise.
    Tls2,
    /// HTTP/2 without TLS.
    Plain2,
}

use Over::{Plain1, Plain2, Tls1, Tls2};

impl Over {
    /// The version that the origin sees.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Plain1 | Tls1 => "HTTP/1.1",
            Tls2 | Plain2 => "HTTP/2",
        }
    }
}

/// A row of the table.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// `{in}` is the folder of the inputs, `{url}` the origin, `{port}` its port.
    pub(crate) options: &'static [&'static str],
    pub(crate) target: &'static str,
    pub(crate) over: &'static [Over],
    /// The file that the body goes to.
    pub(crate) body: &'static str,
    /// curl's exit code, and the status it says.
    pub(crate) ends: (i32, u16),
    /// The version that the origin sees, where the options decide it.
    pub(crate) version: Option<&'static str>,
    /// A check that the origin saw what the option is for.
    pub(crate) sees: fn(&[Seen]) -> Result<()>,
}

const ALL: &[Over] = &[Plain1, Tls1, Tls2];
const TLS: &[Over] = &[Tls1, Tls2];
const ONE: &[Over] = &[Plain1, Tls1];

fn case(name: &'static str, options: &'static [&'static str], target: &'static str) -> Case {
    Case { name, options, target, over: ALL, body: "body", ends: (0, 200), version: None, sees: |_| Ok(()) }
}

impl Case {
    fn over(self, over: &'static [Over]) -> Self {
        Self { over, ..self }
    }

    fn ends(self, exit: i32, status: u16) -> Self {
        Self { ends: (exit, status), ..self }
    }

    fn version(self, version: &'static str) -> Self {
        Self { version: Some(version), ..self }
    }

    fn sees(self, sees: fn(&[Seen]) -> Result<()>) -> Self {
        Self { sees, ..self }
    }
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    [
        versions(),
        methods(),
        bodies(),
        uploads(),
        answers(),
        redirects(),
        secrets(),
        fields(),
        targets(),
        connections(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn versions() -> Vec<Case> {
    vec![
        case("http1.0", &["--http1.0", "--no-alpn"], "/bytes/5000").version("HTTP/1.1"),
        case("http1.0, POST", &["--http1.0", "--no-alpn", "--data", "a=1"], "/digest").version("HTTP/1.1"),
        case("http1.1", &["--http1.1"], "/json").version("HTTP/1.1"),
        case("http2", &["--http2"], "/json"),
        case("http2 without TLS", &["--http2-prior-knowledge", "--proxytunnel"], "/json").over(&[Plain2]),
        case("http2 without TLS, POST", &["--http2-prior-knowledge", "-p", "--data", "a=1"], "/echo")
            .over(&[Plain2]),
        case("http2 without TLS, trailers", &["--http2-prior-knowledge", "-p"], "/chunked").over(&[Plain2]),
        case("http1.1 through a tunnel", &["--http1.1", "--proxytunnel"], "/json").over(&[Plain1]),
        case("TLS 1.2", &["--tlsv1.2", "--tls-max", "1.2"], "/json").over(TLS),
        case("TLS 1.3", &["--tlsv1.3"], "/json").over(TLS),
        case("one cipher", &["--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"], "/json")
            .over(TLS),
        case("no ALPN", &["--no-alpn"], "/json").over(TLS).version("HTTP/1.1"),
        case("no ALPN, POST", &["--no-alpn", "--data", "a=1"], "/echo").over(TLS).version("HTTP/1.1"),
    ]
}

fn methods() -> Vec<Case> {
    let method = |name, options: &'static [&'static str], sees| case(name, options, "/echo").sees(sees);
    vec![
        case("HEAD", &["--head"], "/bytes/1000").sees(|seen| is(&seen[0].method, "HEAD")),
        case("HEAD without a page", &["--head"], "/nowhere").ends(0, 404),
        case("HEAD of chunks", &["--head"], "/chunked"),
        method("PROPFIND", &["-X", "PROPFIND", "-H", "Depth: 1"], |seen| is(&seen[0].method, "PROPFIND")),
        method("M-SEARCH", &["-X", "M-SEARCH"], |seen| is(&seen[0].method, "M-SEARCH")),
        method("OPTIONS", &["-X", "OPTIONS"], |seen| is(&seen[0].method, "OPTIONS")),
        method("TRACE", &["-X", "TRACE"], |seen| is(&seen[0].method, "TRACE")),
        method("PATCH", &["-X", "PATCH", "--data", "[]"], |seen| is(&seen[0].method, "PATCH")),
        method("DELETE with a body", &["-X", "DELETE", "--data", "x"], |seen| is(&seen[0].body, "x")),
        method("GET with a body", &["-X", "GET", "--data", "x"], |seen| is(&seen[0].body, "x")),
        method("a small get", &["-X", "get"], |seen| is(&seen[0].method, "get")),
        method("every character of a method", &["-X", "!#$%&'*+-.^_`|~0aZ"], |seen| {
            is(&seen[0].method, "!#$%&'*+-.^_`|~0aZ")
        }),
        case("OPTIONS *", &["-X", "OPTIONS", "--request-target", "*"], "/").over(&[Tls1]).ends(0, 404),
    ]
}

fn bodies() -> Vec<Case> {
    let body = |name, options: &'static [&'static str], sees| case(name, options, "/echo").sees(sees);
    // The boundary, which differs each time, must not come back.
    let form = |name, options: &'static [&'static str], sees| case(name, options, "/status/200").sees(sees);
    vec![
        body("data", &["--data", "a=1", "--data", "b=2"], |seen| is(&seen[0].body, "a=1&b=2")),
        body("data-raw", &["--data-raw", "@x"], |seen| is(&seen[0].body, "@x")),
        body("data-urlencode", &["--data-urlencode", "a= b&c"], |seen| is(&seen[0].body, "a=+b%26c")),
        body("json", &["--json", "{\"a\":[1]}"], |seen| has(&seen[0], "content-type", "application/json")),
        body("empty data", &["--data", ""], |seen| has(&seen[0], "content-length", "0")),
        form(
            "form",
            &["-F", "a=1", "-F", "f=@{in}/small;type=text/x-odd", "--form-string", "g=@x"],
            |seen| {
                ensure!(
                    seen[0].body.contains("text/x-odd") && seen[0].body.contains("a small file"),
                    "no form"
                );
                Ok(())
            },
        ),
        form("form in chunks", &["-F", "f=@-"], |seen| contains(&seen[0].body, "a small file")),
        case("a form of 5 MB", &["-F", "f=@{in}/large", "-H", "Expect:"], "/status/200"),
        case("5 MB", &["--data-binary", "@{in}/large"], "/digest").sees(large),
        case("5 MB without Expect", &["--data-binary", "@{in}/large", "-H", "Expect:"], "/digest")
            .sees(large),
        case("an empty file", &["--data-binary", "@{in}/empty"], "/digest")
            .sees(|seen| is(&seen[0].body, "")),
        body("chunks", &["--data", "a=1", "-H", "Transfer-Encoding: chunked"], |seen| {
            is(&seen[0].body, "a=1")
        })
        .over(ONE),
        body("a config", &["--config", "{in}/config"], |seen| has(&seen[0], "x-from-config", "yes")),
        case("GET from data", &["--get", "--data", "a=1"], "/echo?x")
            .sees(|seen| is(&seen[0].target, "/echo?x&a=1")),
    ]
}

fn uploads() -> Vec<Case> {
    let small = |seen: &[Seen]| is(&seen[0].body, "a small file\n");
    vec![
        case("upload", &["-T", "{in}/small"], "/digest").sees(small),
        case("upload of 5 MB with Expect", &["-T", "{in}/large"], "/digest").sees(large),
        case("upload with Expect", &["-T", "{in}/small", "-H", "Expect: 100-continue"], "/digest")
            .over(ONE)
            .sees(small),
        case("upload without Expect", &["-T", "{in}/large", "-H", "Expect:"], "/digest").sees(large),
        case("upload in chunks", &["-T", "-"], "/digest").sees(small),
        case("upload in chunks as it comes", &["-T", "."], "/digest").sees(small),
        case("upload of nothing", &["-T", "{in}/empty"], "/digest").sees(|seen| is(&seen[0].body, "")),
        case("upload with a method", &["-T", "{in}/small", "-X", "REPORT"], "/digest").sees(small),
        case("slow upload", &["-T", "{in}/large", "--limit-rate", "10M"], "/digest")
            .over(&[Tls2])
            .sees(large),
    ]
}

fn answers() -> Vec<Case> {
    vec![
        case("nothing special", &[], "/headers"),
        case("1 MB", &[], "/bytes/1000000"),
        case("streaming", &["--no-buffer"], "/chunked"),
        case("compressed", &["--compressed"], "/gzip").sees(|seen| {
            contains(field(&seen[0].fields, "accept-encoding").unwrap_or_default(), "gzip")?;
            ensure!(seen[0].sent_fields.iter().any(|(_, value)| value == "gzip"), "not compressed");
            Ok(())
        }),
        case("compressed, as it is", &["-H", "Accept-Encoding: gzip"], "/gzip"),
        case("tr-encoding", &["--tr-encoding"], "/json").over(ONE),
        case("range", &["--range", "10-19"], "/range").ends(0, 206),
        case("open range", &["--range", "10-"], "/range").ends(0, 206),
        case("range out of range", &["--range", "100-"], "/range").ends(0, 416),
        case("several ranges", &["--range", "0-1,5-6"], "/range").ends(0, 206),
        case("continue", &["--continue-at", "20"], "/range").ends(0, 206),
        case("trailers", &[], "/chunked"),
        case("raw", &["--raw"], "/bytes/100"),
        Case { body: "raw", ..case("raw chunks", &["--raw"], "/chunked").over(ONE) },
        case("interim", &[], "/early").over(ONE),
        // curl goes when it has what was announced, before the stream ends.
        case("a withheld end", &[], "/withheld").over(&[Tls2]),
        case("no content", &[], "/status/204").ends(0, 204),
        case("not modified", &["-H", "If-None-Match: \"v1\""], "/status/304").ends(0, 304),
        case("newer than", &["--time-cond", "Tue, 01 Jan 2030 00:00:00 GMT"], "/status/304").ends(0, 304),
        case("not found", &[], "/nowhere").ends(0, 404),
        case("fail", &["--fail"], "/nowhere").ends(22, 404),
        case("fail with body", &["--fail-with-body"], "/status/500").ends(22, 500),
        case("an odd status", &[], "/status/799").ends(0, 799),
        case("ignore the length", &["--ignore-content-length", "-H", "Connection: close"], "/bytes/1000")
            .over(ONE),
        case("slow", &["--limit-rate", "400k"], "/bytes/100000").over(&[Tls2]),
    ]
}

fn redirects() -> Vec<Case> {
    let times = |seen: &[Seen]| {
        ensure!(seen.len() == 4, "another number of requests");
        Ok(())
    };
    vec![
        case("redirect", &[], "/redirect/302/1").ends(0, 302),
        case("location", &["--location"], "/redirect/302/3").sees(times),
        case("location after POST", &["--location", "--data", "a=1"], "/redirect/303/3").sees(times),
        case("post301", &["--location", "--post301", "--data", "a=1"], "/redirect/301/3").sees(times),
        case("location after 307", &["--location", "--data", "a=1"], "/redirect/307/3").sees(times),
        case("location after 308 with an upload", &["--location", "-T", "{in}/small"], "/redirect/308/3")
            .sees(times),
        case("max-redirs", &["--location", "--max-redirs", "1"], "/redirect/302/3").ends(47, 302),
        case("referer", &["--location", "--referer", ";auto"], "/redirect/302/1")
            .sees(|seen| contains(field(&seen[1].fields, "referer").unwrap_or_default(), "/redirect/302/1")),
        case("cookies", &["--cookie", "a=1; b=\"2, 3\""], "/cookies")
            .sees(|seen| has(&seen[0], "cookie", "a=1; b=\"2, 3\"")),
        case("cookie-jar", &["--location", "--cookie", "", "--cookie-jar", "jar"], "/cookies?set")
            .sees(|seen| contains(field(&seen[1].fields, "cookie").unwrap_or_default(), "two=\"2, 2\"")),
    ]
}

fn secrets() -> Vec<Case> {
    let twice = |seen: &[Seen]| {
        ensure!(seen.len() == 2, "not challenged");
        Ok(())
    };
    vec![
        case("basic", &["--basic", "--user", "me:secret"], "/basic"),
        case("the wrong secret", &["--user", "me:wrong"], "/basic").ends(0, 401),
        case("in the URL", &["--user", "me:secret", "--anyauth"], "/basic").sees(twice),
        case("netrc", &["--netrc-file", "{in}/netrc"], "/basic").over(TLS),
        case("digest", &["--digest", "--user", "me:secret"], "/sha?a=1&b=%20").sees(twice),
        case("digest, POST", &["--digest", "--user", "me:secret", "--data", "a=1"], "/sha")
            .sees(|seen| is(&seen[1].body, "a=1")),
        case("anyauth, upload", &["--anyauth", "--user", "me:secret", "-T", "{in}/small"], "/sha")
            .sees(|seen| is(&seen.last().context("no request")?.body, "a small file\n")),
        case("bearer", &["--oauth2-bearer", "token"], "/echo")
            .sees(|seen| has(&seen[0], "authorization", "Bearer token")),
        case("proxy-user", &["--proxy-user", "me:secret"], "/echo"),
        case("proxy-header", &["--proxy-header", "X-For-The-Proxy: 1"], "/echo").over(TLS),
        case("proxy1.0", &["--proxytunnel", "--proxy-header", "Proxy-Authorization: Basic eA=="], "/echo"),
    ]
}

fn fields() -> Vec<Case> {
    let with = |name, options: &'static [&'static str], sees| case(name, options, "/echo").sees(sees);
    vec![
        with("empty field", &["-H", "X-Empty;"], |seen| has(&seen[0], "x-empty", "")),
        with("removed fields", &["-H", "Accept:", "-H", "User-Agent:"], |seen| {
            ensure!(field(&seen[0].fields, "accept").is_none(), "not removed");
            Ok(())
        }),
        with("every character of a name", &["-H", "X!#$%&'*+-.^_`|~9: v"], |seen| {
            has(&seen[0], "x!#$%&'*+-.^_`|~9", "v")
        }),
        with("beyond ASCII", &["-H", "X-Utf8: grün ☕"], |seen| {
            has(&seen[0], "x-utf8", "gr\u{c3}\u{bc}n \u{e2}\u{98}\u{95}")
        }),
        with("separators", &["-H", "X-Odd: a,b;c=\"d, e\" (f\\) :/?@[]{}<>"], |seen| {
            has(&seen[0], "x-odd", "a,b;c=\"d, e\" (f\\) :/?@[]{}<>")
        }),
        with("tabs and spaces within", &["-H", "X-Space: a  b\tc"], |seen| {
            has(&seen[0], "x-space", "a  b\tc")
        }),
        with("the same name again", &["-H", "X-A: 1", "-H", "x-b: 2", "-H", "X-A: 3"], |seen| {
            let all: Vec<&str> = seen[0]
                .fields
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case("x-a"))
                .map(|(_, value)| value.as_str())
                .collect();
            ensure!(all == ["1", "3"], "{all:?}");
            Ok(())
        }),
        with("mixed case", &["-H", "x-MiXeD: 1"], |seen| {
            ensure!(seen[0].fields.iter().any(|(name, _)| name == "x-MiXeD"), "the case is gone");
            Ok(())
        })
        .over(ONE),
        with("another host", &["-H", "Host: other.example"], |seen| has(&seen[0], "host", "other.example"))
            .over(&[Tls1]),
        with("user-agent", &["--user-agent", "Odd/1 (x; y)"], |seen| {
            has(&seen[0], "user-agent", "Odd/1 (x; y)")
        }),
        case("close", &["-H", "Connection: close"], "/headers").over(ONE),
        case("te", &["-H", "TE: trailers"], "/chunked"),
        with("expect without a body", &["-H", "Expect: 100-continue"], |_| Ok(())).over(ONE),
        with(
            "forwarded",
            &["-H", "Forwarded: for=1.2.3.4", "-H", "Via: 1.1 x", "-H", "Max-Forwards: 3"],
            |seen| has(&seen[0], "via", "1.1 x"),
        ),
        case("upgrade", &["-H", "Connection: Upgrade", "-H", "Upgrade: odd/1"], "/json").over(ONE),
    ]
}

fn targets() -> Vec<Case> {
    let at = |name, target, sees| case(name, &["--globoff", "--path-as-is"], target).ends(0, 404).sees(sees);
    vec![
        at("dots", "/a/../b/./c/%2e%2e/", |seen| is(&seen[0].target, "/a/../b/./c/%2e%2e/")),
        at("brackets", "/[1]{b}(c)?[d]={e}", |seen| is(&seen[0].target, "/[1]{b}(c)?[d]={e}")).over(ONE),
        at("odd characters", "/|^`\"<>\\?|^`\"<>\\", |seen| is(&seen[0].target, "/|^`\"<>\\?|^`\"<>\\"))
            .over(ONE),
        // curl itself writes these two otherwise for a proxy.
        at("beyond ASCII", "/grün", |seen| is(&seen[0].target, "/gr%c3%bcn")).over(&[Tls1]),
        at("delimiters", "/!$&'()*+,;=:@-._~?!$&'()*+,;=:@-._~/?", |seen| {
            is(&seen[0].target, "/!$&'()*+,;=:@-._~?!$&'()*+,;=:@-._~/?")
        }),
        at("escapes", "/%00%0d%0a%ff%2F%zz?%", |seen| is(&seen[0].target, "/%00%0d%0a%ff%2F%zz?%")).over(ONE),
        at("empty query", "/x?", |seen| is(&seen[0].target, "/x?")).over(TLS),
        at("double slash", "//x//y", |seen| is(&seen[0].target, "//x//y")),
        at("a URL as the path", "/http://other.example/?u=http://x/", |seen| {
            is(&seen[0].target, "/http://other.example/?u=http://x/")
        }),
        at("fragment", "/x?y#z", |seen| is(&seen[0].target, "/x?y")),
        case("query alone", &["--globoff"], "?only").ends(0, 404).sees(|seen| is(&seen[0].target, "/?only")),
        case("url-query", &["--url-query", "a=ü b"], "/echo?x")
            .sees(|seen| is(&seen[0].target, "/echo?x&a=%c3%bc+b")),
        case("request-target", &["--request-target", "/echo?other"], "/")
            .over(TLS)
            .sees(|seen| is(&seen[0].target, "/echo?other")),
    ]
}

fn connections() -> Vec<Case> {
    let count = |seen: &[Seen]| {
        ensure!(seen.len() > 1, "one request only");
        Ok(())
    };
    vec![
        case("two URLs", &["{url}/json?first", "--output", "first"], "/json?second").sees(count),
        case("no keepalive", &["--no-keepalive", "--no-sessionid"], "/json"),
        case("resolve", &["--resolve", "localhost:{port}:127.0.0.1"], "/json"),
        case("connect-to", &["--connect-to", "localhost:{port}:127.0.0.1:{port}"], "/json").over(TLS),
        case(
            "40 at once",
            &[
                "--parallel",
                "--parallel-max",
                "40",
                "--write-out",
                "200",
                "--dump-header",
                "/dev/null",
                "{url}/bytes/[3000-3038]",
                "--output",
                "out#1",
            ],
            "/bytes/5",
        )
        .sees(|seen| {
            ensure!(seen.len() == 40, "{} requests", seen.len());
            Ok(())
        }),
        case(
            "40 at once, large",
            &[
                "--parallel",
                "--write-out",
                "200",
                "--dump-header",
                "/dev/null",
                "{url}/bytes/[200000-200038]",
                "--output",
                "out#1",
            ],
            "/bytes/5",
        )
        .over(TLS)
        .sees(count),
    ]
}

fn large(seen: &[Seen]) -> Result<()> {
    is(&seen.last().context("no request")?.digest, &digest::of_pattern(5_000_000))
}

fn is(got: &str, expected: &str) -> Result<()> {
    ensure!(got == expected, "{got:?} is not {expected:?}");
    Ok(())
}

fn contains(got: &str, expected: &str) -> Result<()> {
    ensure!(got.contains(expected), "{got:?} does not contain {expected:?}");
    Ok(())
}

fn has(seen: &Seen, name: &str, expected: &str) -> Result<()> {
    is(field(&seen.fields, name).with_context(|| format!("no {name}"))?, expected)
}
