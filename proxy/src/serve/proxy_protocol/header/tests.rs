//! Tables of headers, whole and cut at every byte.

use super::*;

/// Checks what `header` says, whatever stands behind it, and that each part of it is not enough.
fn check(header: &[u8], client: Option<&str>) {
    let client = client.map(|text| text.parse().unwrap());
    let expect = Ok(Some(Header { length: header.len(), client }));
    for behind in [b"".as_slice(), b"GET / HTTP/1.1\r\n\r\n", b"PROXY UNKNOWN\r\n", SIGNATURE] {
        assert_eq!(parse(&[header, behind].concat()), expect, "{}", header.escape_ascii());
    }
    for end in 0..header.len() {
        assert_eq!(parse(&header[..end]), Ok(None), "{} of {}", end, header.escape_ascii());
    }
}

fn check_malformed(bytes: &[u8], expect: Malformed) {
    assert_eq!(parse(bytes), Err(expect), "{}", bytes.escape_ascii());
}

/// A header of version 2 with `rest` behind its length.
fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE.as_slice(), &[command, family], &length, rest].concat()
}

const IPV4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x34, 1, 0xbb];

#[test]
fn version_1() {
    for (line, client) in [
        ("PROXY TCP4 192.0.2.1 198.51.100.1 4660 443\r\n", Some("192.0.2.1:4660")),
        ("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", Some("0.0.0.0:0")),
        ("PROXY TCP6 2001:db8::1 ::1 65535 1\r\n", Some("[2001:db8::1]:65535")),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:10.0.0.1 1 2\r\n", Some("192.0.2.1:1")),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            Some("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
        ),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
        ("PROXY UNKNOWN \x01 anything\r\n", None),
    ] {
        check(line.as_bytes(), client);
    }
}

#[test]
fn version_2() {
    let ipv6 = [&[0x20, 1, 0x0d, 0xb8], [0; 11].as_slice(), &[1], &[0; 16], &[0x12, 0x34, 1, 0xbb]].concat();
    let tlvs = [&[0xea, 0, 3], b"aws".as_slice(), &[4, 0, 1, 0]].concat();
    check(&binary(PROXY, TCP_OVER_IPV4, IPV4), Some("192.0.2.1:4660"));
    check(&binary(PROXY, TCP_OVER_IPV4, &[IPV4, &tlvs].concat()), Some("192.0.2.1:4660"));
    check(&binary(PROXY, TCP_OVER_IPV6, &ipv6), Some("[2001:db8::1]:4660"));
    check(&binary(PROXY, TCP_OVER_IPV6, &[ipv6.as_slice(), &tlvs].concat()), Some("[2001:db8::1]:4660"));
    check(&binary(LOCAL, 0, &[]), None);
    check(&binary(LOCAL, TCP_OVER_IPV4, IPV4), None);
    check(&binary(LOCAL, TCP_OVER_IPV4, &[1]), None);
    // Unspecified, UDP over IPv4, a Unix socket.
    for family in [0x00, 0x12, 0x31] {
        check(&binary(PROXY, family, &[7; 216]), None);
    }
    check(&binary(PROXY, TCP_OVER_IPV4, &[IPV4, &[0; 65_523]].concat()), Some("192.0.2.1:4660"));
}

#[test]
fn what_is_no_header() {
    for bytes in [b"GET / HTTP/1.1\r\n".as_slice(), b"\x16\x03\x01", b"PRI *", b"proxy ", b"PROXY\r\n", b"\0"]
    {
        check_malformed(bytes, Malformed::Other);
    }
    for line in [
        "PROXY \r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
        "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n",
    ] {
        check_malformed(line.as_bytes(), Malformed::Line);
    }
    check_malformed(b"PROXY \xff\r\n", Malformed::Line);
    check_malformed(&[b"PROXY UNKNOWN ".as_slice(), &[b'a'; 93]].concat(), Malformed::LongLine);
    check_malformed(&[b"PROXY UNKNOWN ".as_slice(), &[b'a'; 92], b"\r\n"].concat(), Malformed::LongLine);
    for command in [0x00, 0x11, 0x22, 0x31] {
        check_malformed(&binary(command, TCP_OVER_IPV4, IPV4), Malformed::Command(command));
    }
    check_malformed(&binary(PROXY, TCP_OVER_IPV4, &IPV4[..11]), Malformed::Short);
    check_malformed(&binary(PROXY, TCP_OVER_IPV6, IPV4), Malformed::Short);
    check_malformed(&SIGNATURE[..11].iter().copied().chain([b'x']).collect::<Vec<_>>(), Malformed::Other);
}
