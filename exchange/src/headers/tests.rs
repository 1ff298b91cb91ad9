//! Fields are kept as they came, whatever is done to their neighbours.

use super::json::latin1;
use super::*;

fn sample() -> Headers {
    [("Host", "a"), ("X-A", "1"), ("accept", "b"), ("x-a", "2")].into_iter().collect()
}

#[test]
fn order_case_and_duplicates_are_kept() {
    let names: Vec<_> = sample().iter().map(|(name, _)| latin1(name)).collect();
    assert_eq!(names, ["Host", "X-A", "accept", "x-a"]);
    assert_eq!(sample().all("X-a").collect::<Vec<_>>(), [b"1", b"2"]);
}

#[test]
fn set_keeps_the_place_and_the_wire_name() {
    let mut headers = sample();
    headers.set("x-A", "3");
    headers.set("New", "4");
    let expect: Headers = [("Host", "a"), ("X-A", "3"), ("accept", "b"), ("New", "4")].into_iter().collect();
    assert_eq!(headers, expect);
}

#[test]
fn all_of_another_list_come_behind() {
    let mut headers = sample();
    let others: Headers = [("New", "4"), ("x-a", "5")].into_iter().collect();
    headers.append(&others);
    assert!(headers.iter().eq(sample().iter().chain(others.iter())));
    assert_eq!(headers.all("x-a").collect::<Vec<_>>(), [&b"1"[..], b"2", b"5"]);
    assert_eq!(headers.first("new"), Some(&b"4"[..]));
    let wire = |headers: &Headers| headers.wire().flatten().copied().collect::<Vec<u8>>();
    assert_eq!(wire(&headers), [wire(&sample()), wire(&others)].concat());
    headers.append(&[("X", "\n")].into_iter().collect());
    assert!(headers.check().is_err());
}

#[test]
fn white_space_is_kept_for_the_wire_only() {
    let mut headers = sample();
    for rest in ["v", "", "  v \t", "\tv w", "   "] {
        headers.push_line("X", rest);
    }
    let lines: Vec<_> = headers.lines().map(|(_, rest)| latin1(rest)).collect();
    assert_eq!(lines, [" a", " 1", " b", " 2", "v", "", "  v \t", "\tv w", "   "]);
    assert_eq!(headers.all("x").collect::<Vec<_>>(), [&b"v"[..], b"", b"v", b"v w", b""]);
    headers.set("x", "new");
    assert_eq!(headers.lines().last().map(|(_, rest)| latin1(rest)).as_deref(), Some(" new"));
}

#[test]
fn tokens_are_split_over_fields() {
    let headers: Headers =
        [("Connection", "close, X-Foo"), ("connection", " ,upgrade")].into_iter().collect();
    assert!(headers.has_token("Connection", "CLOSE") && headers.has_token("connection", "Upgrade"));
    assert!(!headers.has_token("connection", "x-fo"));
}

#[test]
fn json_loses_no_byte() {
    let mut headers = sample();
    headers.push("bytes", (0..=255).collect::<Vec<u8>>());
    let json = serde_json::to_string(&headers).unwrap();
    assert_eq!(serde_json::from_str::<Headers>(&json).unwrap(), headers);
}

#[test]
fn bytes_are_overwritten_where_they_are() {
    let find = |bytes: &[u8]| bytes.windows(2).position(|two| two == b"xy").map(|at| at..at + 2);
    let mut headers: Headers = [("A", "xy xxy"), ("B", "1")].into_iter().collect();
    assert!(headers.overwrite(find, b'*') && !headers.overwrite(find, b'*'));
    headers.change_values("b", |value| value.fill(b'2'));
    assert_eq!(headers, [("A", "** x**"), ("B", "2")].into_iter().collect());
    headers.push_line("C", "  3 ");
    let changed = headers.with_values(|name, _| (name == b"A").then(|| b"other".to_vec()));
    let lines: Vec<_> = changed.lines().collect();
    assert_eq!(lines, [(&b"A"[..], &b" other"[..]), (b"B", b" 2"), (b"C", b"  3 ")]);
}

#[test]
fn values_are_replaced_where_they_stand() {
    let mut headers = Headers::default();
    headers.push("A", "1");
    headers.push_line("B", "\t2  ");
    headers.push_line("C", "3");
    let before: Vec<Vec<u8>> = headers.wire().map(<[u8]>::to_vec).collect();
    assert!(!headers.replace_values(|_, _| None));
    assert_eq!(headers.wire().map(<[u8]>::to_vec).collect::<Vec<_>>(), before);
    assert!(headers.replace_values(|name, value| (name == b"B").then(|| [b"secret was ", value].concat())));
    let lines: Vec<u8> = headers.wire().flatten().copied().collect();
    assert_eq!(String::from_utf8(lines).unwrap(), "A: 1\r\nB:\tsecret was 2  \r\nC:3\r\n");
    assert_eq!(headers.first("b"), Some(&b"secret was 2"[..]));
    assert!(headers.contains("c") && !headers.may_be_illegal());
    headers.replace_values(|_, _| Some(Vec::new()));
    assert_eq!(headers.first("a"), Some(&b""[..]));
    let lines: Vec<u8> = headers.wire().flatten().copied().collect();
    assert_eq!(String::from_utf8(lines).unwrap(), "A: \r\nB:\t  \r\nC:\r\n");
    headers.replace_values(|_, _| Some(b"two\nlines".to_vec()));
    assert!(headers.may_be_illegal());
}

#[test]
fn values_beside_those_that_are_replaced_stay() {
    let mut headers: Headers = [("A", "1 "), ("B", "2"), ("C", " 3 ")].into_iter().collect();
    headers.replace_values(|name, _| (name == b"B").then(|| b"x".to_vec()));
    assert_eq!(headers, [("A", "1 "), ("B", "x"), ("C", " 3 ")].into_iter().collect());
}

#[test]
fn what_was_replaced_is_gone() {
    let mut headers = Headers::default();
    headers.push("A", "secret");
    headers.push("B", "other");
    headers.remove("b");
    headers.replace_values(|name, _| (name == b"A").then(|| b"x".to_vec()));
    assert_eq!(headers.size(), "A: x\r\n".len());
}
