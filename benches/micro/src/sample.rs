//! The request and the response that all cases are about: ten fields each, and 1 KiB of JSON.

use dashcam_exchange::{Destination, Headers, RequestHead, ResponseHead, Scheme, Version};

pub(crate) const REQUEST: &str = "GET /api/v1/items/42?expand=owner HTTP/1.1\r\n\
    Host: api.example.com\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: application/json\r\n\
    Accept-Language: en-GB,en;q=0.7\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Authorization: Bearer 3f1c8e0d9a7b4c2f8e6d5a4b3c2d1e0f\r\n\
    Referer: https://www.example.com/items\r\n\
    Cookie: session=5b0f2c64e1a94d0f; theme=dark\r\n\
    X-Request-Id: 0190f0a2-7c1e-7b42-9d55-3f2a6c8b1e07\r\n\
    Connection: keep-alive\r\n\r\n";

pub(crate) const RESPONSE: &str = "HTTP/1.1 200 OK\r\n\
    Date: Fri, 27 Nov 2026 12:00:00 GMT\r\n\
    Server: nginx\r\n\
    Content-Type: application/json; charset=utf-8\r\n\
    Content-Length: 1024\r\n\
    Connection: keep-alive\r\n\
    Cache-Control: private, max-age=0, must-revalidate\r\n\
    ETag: \"5d8c72a5edda8d6a\"\r\n\
    Vary: Accept, Accept-Encoding, Authorization\r\n\
    Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n\
    X-Request-Id: 0190f0a2-7c1e-7b42-9d55-3f2a6c8b1e07\r\n\r\n";

/// JSON of 1 KiB: numbers in an array.
pub(crate) const BODY: [u8; 1024] = {
    let mut body = [b','; 1024];
    let mut at = 1;
    while at < 1023 {
        body[at] = b'1';
        at += 2;
    }
    (body[0], body[1022], body[1023]) = (b'[', b'1', b']');
    body
};

/// A piece of a large body.
pub(crate) const PIECE: &[u8] = &[b'x'; 16 << 10];

pub(crate) fn destination() -> Destination {
    Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 }
}

pub(crate) fn request() -> RequestHead {
    RequestHead {
        method: "GET".to_owned(),
        target: "/api/v1/items/42?expand=owner".to_owned(),
        authority: None,
        version: Version::Http11,
        headers: headers(REQUEST),
    }
}

pub(crate) fn response() -> ResponseHead {
    let (version, status) = (Version::Http11, 200);
    ResponseHead { version, status, reason: "OK".to_owned(), headers: headers(RESPONSE) }
}

/// The fields of a head.
fn headers(head: &str) -> Headers {
    let mut headers = Headers::default();
    for (name, rest) in head.lines().skip(1).filter_map(|line| line.split_once(':')) {
        headers.push_line(name, rest);
    }
    headers
}
