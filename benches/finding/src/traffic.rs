//! Exchanges as an estate of JSON services has them: hosts and paths by Zipf's law, ten header fields each way, two in a
//! hundred that fail, sixty days.

use dashcam_exchange::{
    self as exchange, BodyRecord, Connection, ConnectionId, Destination, Detected, Exchange, Failure,
    Headers, RequestHead, ResponseHead, Scheme, Side, Stage, State, Timestamp, Timings, TlsFacts, Upstream,
    Verdict, Version,
};

use crate::body;
use crate::random::{Random, Zipf};

const SEED: u64 = 0xdac4;
/// Unix microseconds at which the first exchange began: 2026-09-30.
pub(crate) const BEGIN: i64 = 1_790_726_400_000_000;
pub(crate) const DAYS: i64 = 60;
const DAY: i64 = 86_400_000_000;
/// Exchanges of a client connection.
const EACH: u64 = 16;

pub(crate) const HOSTS: usize = 400;
pub(crate) const TENANTS: usize = 2000;
/// Paths as services have them; `{}` stands for a number.
const PATHS: [&str; 24] = [
    "/v1/orders/{}",
    "/v1/orders/{}/lines",
    "/v1/orders?page={}",
    "/v1/users/{}",
    "/v1/users/{}/sessions",
    "/v1/carts/{}",
    "/v2/search?q={}&limit=50",
    "/v2/items/{}",
    "/v2/items/{}/reviews?page=1",
    "/v1/stock/{}",
    "/v1/prices?sku=A-{}",
    "/healthz",
    "/v1/payments/{}/capture",
    "/v1/payments/{}",
    "/graphql",
    "/v1/events",
    "/v3/reports/{}/rows?format=json",
    "/oauth/token",
    "/v1/tenants/{}/settings",
    "/v1/flags",
    "/internal/metrics?shard={}",
    "/v1/files/{}/meta",
    "/v1/shipments/{}/track",
    "/v1/returns/{}",
];
const STATUSES: [u16; 12] = [200, 404, 201, 304, 500, 400, 401, 204, 302, 429, 503, 403];

/// Makes exchanges, each from its number alone.
#[derive(Debug)]
pub(crate) struct Traffic {
    hosts: Zipf,
    paths: Zipf,
    statuses: Zipf,
    tenants: Zipf,
    /// Microseconds between two.
    step: i64,
    /// The most bytes of a body.
    largest: f64,
}

impl Traffic {
    /// Of `number` exchanges in sixty days, with bodies of at most `largest` bytes.
    pub(crate) fn new(number: u64, largest: f64) -> Self {
        Self {
            hosts: Zipf::new(HOSTS),
            paths: Zipf::new(PATHS.len()),
            statuses: Zipf::new(STATUSES.len() + 20),
            tenants: Zipf::new(TENANTS),
            step: DAYS * DAY / i64::try_from(number.max(1)).unwrap_or(i64::MAX),
            largest,
        }
    }

    /// The host of a rank.
    pub(crate) fn host(rank: usize) -> String {
        let area = ["shop", "pay", "auth", "media", "search", "ship", "intern", "edge"][rank % 8];
        format!("{area}-{rank}.example.{}", ["com", "net", "io"][rank % 3])
    }

    pub(crate) fn random_host(&self, random: &mut Random) -> String {
        Self::host(self.hosts.rank(random))
    }

    pub(crate) fn random_status(random: &mut Random) -> u16 {
        STATUSES[random.below(STATUSES.len() as u64) as usize]
    }

    pub(crate) fn random_tenant(&self, random: &mut Random) -> String {
        format!("t-{}", self.tenants.rank(random))
    }

    /// The connection that exchange `id` came over, if it is the first on it.
    pub(crate) fn connection(&self, id: u64) -> Option<Connection> {
        if id % EACH != 1 {
            return None;
        }
        let host = self.host_of(id);
        Some(Connection {
            id: connection_of(id),
            opened_at: self.began(id),
            closed_at: None,
            client: format!("10.0.{}.{}:{}", id / EACH % 4, id / EACH % 200 + 1, 20_000 + id / EACH % 40_000),
            program: None,
            mode: "forward".to_owned(),
            listener: None,
            destination: Some(format!("{host}:443")),
            detected: Some(Detected::Tls),
            verdict: Some(Verdict::Decrypt),
            tunnel_reason: None,
            runtime: None,
            tls: Some(TlsFacts {
                version: "TLSv1.3".to_owned(),
                cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
                sni: Some(host),
                alpn: Some("http/1.1".to_owned()),
                certificates: Vec::new(),
            }),
            failure: None,
            bytes_in: 0,
            bytes_out: 0,
        })
    }

    /// One exchange, ended.
    pub(crate) fn exchange(&self, id: u64) -> Exchange {
        let mut random = Random::of(SEED, id);
        let method = method(&mut random);
        let host = self.host_of(id);
        let target = self.target(&mut random);
        let failed = random.permille(20);
        let status = match self.statuses.rank(&mut random) {
            rank if rank < STATUSES.len() => STATUSES[rank],
            _ => 200,
        };
        let sent = match method {
            "POST" | "PUT" | "PATCH" => {
                body::request(id, random.spread(body::LEAST, 2000.0) as usize, &mut random)
            }
            _ => Vec::new(),
        };
        let size = random.spread(body::LEAST, self.largest) as usize;
        let has_body = !failed && !matches!(status, 204 | 304);
        let answer = if has_body { body::response(id, size, &mut random) } else { Vec::new() };
        let took = random.spread(800.0, 4_000_000.0) as i64;
        let request = RequestHead {
            method: method.to_owned(),
            target,
            authority: None,
            version: Version::Http11,
            headers: self.request_headers((&host, sent.len()), id, &mut random),
        };
        let response = (!failed).then(|| ResponseHead {
            version: Version::Http11,
            status,
            reason: String::new(),
            headers: response_headers((status, answer.len()), id, &mut random),
        });
        let failure = failed.then(|| failure(&mut random));
        Exchange {
            connection: Some(connection_of(id)),
            started_at: self.began(id),
            state: if failed { State::Failed } else { State::Complete },
            destination: Destination { scheme: Scheme::Https, host, port: 443 },
            request,
            request_body: record(sent),
            response,
            response_body: record(answer),
            timings: Timings {
                request_end_us: Some(200),
                response_start_us: (!failed).then_some(took / 2),
                end_us: Some(took),
                ..Timings::default()
            },
            upstream: (!failed).then(|| Upstream {
                address: "192.0.2.7:443".to_owned(),
                reused: true,
                tls_version: Some("TLSv1.3".to_owned()),
                connection: None,
            }),
            failure,
            ..exchange::sample::exchange(i64::try_from(id).unwrap_or(i64::MAX))
        }
    }

    /// When exchange `id` began.
    pub(crate) fn began(&self, id: u64) -> Timestamp {
        Timestamp(BEGIN + i64::try_from(id).unwrap_or(0) * self.step)
    }

    /// All exchanges of a connection go to one host.
    fn host_of(&self, id: u64) -> String {
        self.random_host(&mut Random::of(SEED + 1, connection_of(id).0.unsigned_abs()))
    }

    fn target(&self, random: &mut Random) -> String {
        let path = PATHS[self.paths.rank(random)];
        path.replace("{}", &random.below(100_000).to_string())
    }

    fn request_headers(&self, (host, size): (&str, usize), id: u64, random: &mut Random) -> Headers {
        [
            ("Host", host.to_owned()),
            ("User-Agent", format!("orders-client/4.{}.{}", id % 7, id % 13)),
            ("Accept", "application/json".to_owned()),
            ("Accept-Encoding", "gzip, br".to_owned()),
            ("Content-Length", size.to_string()),
            (
                "Authorization",
                format!("Bearer {:016x}{:016x}{:016x}", random.next(), random.next(), random.next()),
            ),
            ("X-Request-Id", request_id(id)),
            ("X-Tenant", self.random_tenant(random)),
            (
                "Traceparent",
                format!("00-{:016x}{:016x}-{:016x}-01", random.next(), random.next(), random.next()),
            ),
            ("Connection", "keep-alive".to_owned()),
        ]
        .into_iter()
        .collect()
    }
}

/// The `X-Request-Id` of exchange `id`, which no other has.
pub(crate) fn request_id(id: u64) -> String {
    format!("{:016x}", Random::of(SEED + 2, id).next())
}

fn connection_of(id: u64) -> ConnectionId {
    ConnectionId(i64::try_from((id.max(1) - 1) / EACH + 1).unwrap_or(i64::MAX))
}

fn method(random: &mut Random) -> &'static str {
    match random.below(100) {
        0..75 => "GET",
        75..90 => "POST",
        90..95 => "PUT",
        95..98 => "DELETE",
        _ => "PATCH",
    }
}

fn failure(random: &mut Random) -> Failure {
    let (side, stage, message) = match random.below(4) {
        0 => (Side::Upstream, Stage::Dns, "the name could not be resolved"),
        1 => (Side::Upstream, Stage::Connect, "connection refused"),
        2 => (Side::Upstream, Stage::TlsHandshake, "the certificate has expired"),
        _ => (Side::Client, Stage::RequestBody, "the client went away"),
    };
    Failure { side, stage, message: message.to_owned() }
}

fn response_headers((status, size): (u16, usize), id: u64, random: &mut Random) -> Headers {
    let kind = if status >= 400 { "application/problem+json" } else { "application/json; charset=utf-8" };
    [
        ("Date", "Tue, 03 Nov 2026 10:00:00 GMT".to_owned()),
        ("Content-Type", kind.to_owned()),
        ("Content-Length", size.to_string()),
        ("Server", random.one_of(&["nginx", "envoy", "gunicorn"]).to_owned()),
        ("ETag", format!("\"{:016x}\"", random.next())),
        ("Cache-Control", "private, max-age=0, must-revalidate".to_owned()),
        ("Vary", "Accept-Encoding, Authorization".to_owned()),
        ("X-Request-Id", request_id(id)),
        ("X-RateLimit-Remaining", random.below(5000).to_string()),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains".to_owned()),
    ]
    .into_iter()
    .collect()
}

fn record(bytes: Vec<u8>) -> BodyRecord {
    let size = bytes.len() as u64;
    BodyRecord { size, stored: size, complete: true, rest: bytes, ..BodyRecord::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_as_it_should_be_and_the_same_each_time() {
        let traffic = Traffic::new(10_000, body::MOST);
        let all: Vec<Exchange> = (1..=10_000).map(|id| traffic.exchange(id)).collect();
        assert_eq!(all[41], traffic.exchange(42));
        let failed = all.iter().filter(|exchange| exchange.state == State::Failed).count();
        assert!((150..250).contains(&failed), "{failed}");
        assert!(all.iter().all(|exchange| exchange.request.headers.len() == 10));
        let days = (all[9999].started_at.0 - all[0].started_at.0) / DAY;
        assert!((DAYS - 1..=DAYS).contains(&days), "{days}");
        let first = Traffic::host(0);
        let most = all.iter().filter(|exchange| exchange.destination.host == first).count();
        assert!((1000..2200).contains(&most), "{most}");
    }
}
