//! The arguments of a curl command, but for the URL and the body: for a shell's words, or for the lines of curl's config file.

use dashcam_exchange::{Exchange, RequestHead, Scheme, StoredAs, Version};

/// Fields that clients write themselves, or that only concern the recorded connection.
pub(crate) const LEFT_OUT: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that curl adds of its own accord, unless told not to.
const ADDED_BY_CURL: [&str; 2] = ["User-Agent", "Accept"];

/// An option of curl, with its value if it takes one.
pub(crate) struct Argument {
    /// As it stands in a command line: `-H`, `--http2`.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: Option<Vec<u8>>,
}

impl Argument {
    fn flag(name: &'static str) -> Self {
        Self { name, value: None }
    }

    fn new(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { name, value: Some(value.into()) }
    }
}

/// The arguments that make of a URL the request that was recorded.
pub(crate) fn arguments(exchange: &Exchange, has_body: bool) -> Vec<Argument> {
    let head = &exchange.request;
    let mut all = Vec::new();
    all.extend(method(head, has_body));
    all.extend(url_options(head, &exchange.url()));
    all.push(Argument::flag(version(exchange)));
    all.extend(fields(exchange, has_body));
    if head.headers.contains("accept-encoding") {
        all.push(Argument::flag("--compressed"));
    }
    all
}

fn method(head: &RequestHead, has_body: bool) -> Option<Argument> {
    match (head.method.as_str(), has_body) {
        ("GET", false) | ("POST", true) => None,
        ("HEAD", false) => Some(Argument::flag("--head")),
        (method, _) => Some(Argument::new("-X", method)),
    }
}

/// The options that keep curl from reading meaning into the URL.
fn url_options(head: &RequestHead, url: &str) -> Vec<Argument> {
    let mut options = Vec::new();
    if url.contains(['[', ']', '{', '}']) {
        options.push(Argument::flag("--globoff"));
    }
    let target = &head.target;
    if target.contains("/.") || target.to_ascii_lowercase().contains("/%2e") {
        options.push(Argument::flag("--path-as-is"));
    }
    if !passes_as_url(target) {
        options.push(Argument::new("--request-target", target.as_str()));
    }
    options
}

/// Returns whether curl sends `target` as it is when it stands in a URL. It leaves out fragments, and its versions differ
/// about empty queries and what should have been percent-encoded.
pub(crate) fn passes_as_url(target: &str) -> bool {
    let is_kept = |byte| {
        matches!(byte, b'!' | b'$'..=b'_' | b'a'..=b'~') && !matches!(byte, b'<' | b'>' | b'\\' | b'^')
    };
    target.starts_with('/') && !target.ends_with('?') && target.bytes().all(is_kept)
}

/// Without TLS nothing negotiates HTTP/2: curl would ask for an upgrade.
fn version(exchange: &Exchange) -> &'static str {
    match (exchange.request.version, exchange.destination.scheme) {
        (Version::Http10, _) => "--http1.0",
        (Version::Http11, _) => "--http1.1",
        (Version::Http2, Scheme::Http) => "--http2-prior-knowledge",
        (Version::Http2, Scheme::Https) => "--http2",
    }
}

/// Fields of the request that a client is to send: neither those that it writes itself nor those that are not true of the
/// stored body any more.
pub(crate) fn kept(exchange: &Exchange) -> impl Iterator<Item = (&[u8], &[u8])> {
    let own_host = exchange.destination.authority();
    // A redacted body is stored without its codings.
    let is_decoded = exchange.request_body.stored_as == StoredAs::Redacted;
    exchange.request.headers.iter().filter(move |(name, value)| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let follows_url = name == "host" && *value == own_host.as_bytes();
        let is_undone = is_decoded && name == "content-encoding";
        !follows_url && !is_undone && !name.starts_with(':') && !LEFT_OUT.contains(&name.as_str())
    })
}

/// The host that a request over HTTP/2 names, if its URL does not.
pub(crate) fn other_authority(exchange: &Exchange) -> Option<&str> {
    let RequestHead { headers, version, authority, .. } = &exchange.request;
    let authority = authority.as_deref().filter(|_| *version == Version::Http2)?;
    (!headers.contains("host") && *authority != exchange.destination.authority()).then_some(authority)
}

fn fields(exchange: &Exchange, has_body: bool) -> Vec<Argument> {
    let RequestHead { headers, version, authority, .. } = &exchange.request;
    let mut options: Vec<_> = kept(exchange).map(|(name, value)| field(name, value)).collect();
    let mut unwanted = ADDED_BY_CURL.to_vec();
    if has_body {
        unwanted.push("Content-Type");
    }
    // curl makes `:authority` of it.
    options.extend(other_authority(exchange).map(|other| field(b"Host", other.as_bytes())));
    if authority.is_none() || *version != Version::Http2 {
        unwanted.push("Host");
    }
    let missing = unwanted.into_iter().filter(|name| !headers.contains(name));
    options.extend(missing.map(|name| Argument::new("-H", format!("{name}:"))));
    if headers.has_token("connection", "te") {
        options.push(Argument::new("-H", "Connection: TE"));
    }
    options
}

/// curl takes `Name:` for "leave it out" and `Name;` for an empty value.
fn field(name: &[u8], value: &[u8]) -> Argument {
    let text = if value.is_empty() { [name, b";"].concat() } else { [name, b": ", value].concat() };
    Argument::new("-H", text)
}
