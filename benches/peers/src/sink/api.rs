//! Answers as a JSON API gives them, each different from the one before.

use std::sync::atomic::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A response with `size` bytes of JSON and ten header fields, whose ids, numbers and times are new each time.
pub(super) fn response(size: usize) -> Vec<u8> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (request, tag) = (random.next(), random.next());
    let (minute, second, left) = (number / 60 % 60, number % 60, 5000 - number % 5000);
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         Date: Mon, 30 Nov 2026 10:{minute:02}:{second:02} GMT\r\n\
         Server: nginx\r\n\
         Content-Type: application/json; charset=utf-8\r\n\
         Content-Length: {size}\r\n\
         Connection: keep-alive\r\n\
         Cache-Control: private, max-age=0\r\n\
         ETag: \"{tag:016x}\"\r\n\
         Vary: Accept-Encoding\r\n\
         X-RateLimit-Remaining: {left:04}\r\n\
         X-Request-Id: {number:016x}{request:016x}\r\n\r\n"
    );
    let mut response = Vec::with_capacity(head.len() + size);
    response.extend_from_slice(head.as_bytes());
    body(&mut response, size, &mut random, number);
    response
}

/// A list of records, padded to `size`.
fn body(response: &mut Vec<u8>, size: usize, random: &mut Random, number: u64) {
    let end = response.len() + size;
    if size < 2 {
        return response.resize(end, b' ');
    }
    response.push(b'[');
    let mut id = number * 100 % 90_000_000 + 10_000_000;
    loop {
        let value = random.next();
        let record = format!(
            "{{\"id\":{id:08},\"name\":\"user-{:06x}\",\"active\":{},\"score\":{},\
             \"updated_at\":\"2026-11-30T{:02}:{:02}:{:02}Z\",\"role\":\"member\",\"tags\":[\"a\",\"b\"]}}",
            value & 0xff_ffff,
            if value >> 24 & 1 == 0 { "true " } else { "false" },
            100 + (value >> 25) % 900,
            (value >> 35) % 24,
            (value >> 40) % 60,
            (value >> 46) % 60,
        );
        // With a comma before it and the list's end behind it.
        if response.len() + record.len() + 2 > end {
            break;
        }
        if response.last() == Some(&b'}') {
            response.push(b',');
        }
        response.extend_from_slice(record.as_bytes());
        id += 1;
    }
    response.resize(end - 1, b' ');
    response.push(b']');
}

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_their_size_and_ten_fields_and_differ() {
        let texts: Vec<String> = (0..50).map(|_| String::from_utf8(response(1024)).unwrap()).collect();
        for text in &texts {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert_eq!((head.lines().count(), body.len()), (11, 1024));
        }
        let mut bodies: Vec<&str> =
            texts.iter().filter_map(|text| text.split_once("\r\n\r\n")).map(|(_, body)| body).collect();
        bodies.sort_unstable();
        bodies.dedup();
        assert_eq!(bodies.len(), texts.len());
        for size in [200, 333, 1 << 10, 10 << 10, 100 << 10] {
            let text = String::from_utf8(response(size)).unwrap();
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            let records: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!((body.len(), records.as_array().unwrap().len()), (size, size / 133), "{body}");
        }
    }
}
