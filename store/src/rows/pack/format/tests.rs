//! Packs as bytes: what goes in comes out, and what is damaged is said to be.

use super::*;

fn content(bodies: &[(i64, &[u8])]) -> Vec<u8> {
    let mut content = Vec::new();
    bodies.iter().for_each(|(key, body)| add(&mut content, *key, body));
    content
}

fn stored(compression: &str, size: i64, data: Vec<u8>) -> Stored {
    Stored { compression: compression.to_owned(), size, data }
}

#[test]
fn each_body_is_found_by_its_key() {
    let content = content(&[(1 << BITS, b"one"), (1 << BITS | 1, b""), (i64::MAX, b"last")]);
    let found: Result<Vec<_>, _> = bodies(&content).collect();
    assert_eq!(found.unwrap(), [(1 << BITS, &b"one"[..]), (1 << BITS | 1, b""), (i64::MAX, b"last")]);
    let size = content.len() as i64;
    for (compression, data) in
        [("none", content.clone()), ("zstd", zstd::bulk::compress(&content, 1).unwrap())]
    {
        let body = |key| stored(compression, size, data.clone()).body(key).unwrap();
        assert_eq!((body(i64::MAX), body(1 << BITS)), (b"last".to_vec(), b"one".to_vec()));
        assert_eq!((body(1 << BITS | 1), body(7)), (Vec::new(), Vec::new()));
    }
}

#[test]
fn a_damaged_pack_is_said_to_be_one() {
    let content = content(&[(1, b"some"), (2, b"more")]);
    let size = content.len() as i64;
    let compressed = zstd::bulk::compress(&content, 1).unwrap();
    for (compression, size, data) in [
        ("none", size, content[..content.len() - 1].to_vec()),
        ("none", size - 1, content[..content.len() - 1].to_vec()),
        ("none", 3, content[..3].to_vec()),
        ("zstd", size, compressed[..compressed.len() - 1].to_vec()),
        ("zstd", size, b"not zstd at all".to_vec()),
        ("zstd", size + 1, compressed.clone()),
        ("zstd", size - 1, compressed.clone()),
        ("zstd", -1, compressed.clone()),
        ("zstd", i64::MAX, compressed.clone()),
        ("lzma", size, compressed.clone()),
    ] {
        let damaged = stored(compression, size, data).body(2);
        assert!(matches!(damaged, Err(StoreError::Damaged(_))), "{compression} {size}: {damaged:?}");
    }
}

#[test]
fn what_is_deleted_is_taken_out() {
    let content =
        content(&[(1 << BITS, b"a"), (2 << BITS, b"b"), (2 << BITS | 1 << 21, b"c"), (5 << BITS, b"d")]);
    let (left, last) = without(&content, |exchange| (2..=4).contains(&exchange)).unwrap().unwrap();
    assert_eq!(bodies(&left).map(|body| body.unwrap().1).collect::<Vec<_>>(), [b"a", b"d"]);
    assert_eq!(last, 5);
    let (_, last) = without(&content, |exchange| (5..=9).contains(&exchange)).unwrap().unwrap();
    assert_eq!(last, 2);
    assert!(without(&content, |exchange| (1..=5).contains(&exchange)).unwrap().is_none());
}
