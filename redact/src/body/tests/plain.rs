//! Passing members without a note finds nothing less than the steps of the scanner, and leaves them where they would be.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::definitions::Rule;

/// Names of members, and elements of lists: secrets' names, names that look like such, pairs, identifiers.
const NAMES: [&str; 28] = [
    // Pairs.
    "name\":\"password\",\"value",
    "value\":\"a7k2m9Qx81\",\"name\":\"token\",\"x",
    "header\": \"authorization\", \"value",
    "name\":\"size\",\"value",
    "id",
    "name",
    "key",
    "value",
    "values",
    "header",
    "password",
    "token",
    "token_count",
    "author",
    "code",
    "session",
    "timestamp",
    "user_id",
    "headers",
    "public_key",
    "client_secret",
    "",
    "pin",
    "p\\u0061ssword",
    "X-Api-Key",
    "type",
    "expires_in",
    "a rather long name that is longer than what is remembered",
];
/// Values.
const VALUES: [&str; 34] = [
    "1",
    "-0.5e3",
    "482913",
    "4111111111111111",
    "1714560000000",
    "true",
    "false",
    "null",
    "nul",
    "12x",
    "\"\"",
    "\"short\"",
    "\"hunter2\"",
    "\"X-Api-Key\"",
    "\"authorization\"",
    "\"password\"",
    "\"Jo Smith\"",
    "\"a7k2m9Qx81LmZpT4vN6w\"",
    "\"550e8400-e29b-41d4-a716-446655440000\"",
    "\"4111 1111 1111 1111\"",
    "\"see password=hunter2! there\"",
    "\"line\\npwd: hunter2!x\"",
    "\"{\\\"token\\\":\\\"a1b2c3d4e5\\\"}\"",
    "\"[1,{a:2}]\"",
    "\"<a token='a1b2c3d4e5'>x</a>\"",
    "\"cGFzc3dvcmQ9aHVudGVyMiEmeD15\"",
    "\"cGFzc3dvcmQgaXMgbm90IGhlcmUgYXQgYWxs\"",
    "\"9e107d9d372bb6826bd81d3542a419d6\"",
    "\"https://u:s3cr3tpw@h.example/\"",
    "\"q%22token%22%3A%22a1b2c3d4e5%22\"",
    "\"p\\u0061ss\\u003dhunter2!x\"",
    "\"ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R\"",
    "\"it's \\\"quoted\\\", said she\"",
    "\"open",
];

/// Names and values that say nothing: most are of these where all of a body is to be passed.
const SILENT_NAMES: [&str; 8] =
    ["id", "author", "type", "name", "created_at", "a_name_of_more_than_sixteen", "", "items"];
const SILENT_VALUES: [&str; 10] = [
    "1",
    "-12.5e3",
    "1714560000000",
    "true",
    "null",
    "\"\"",
    "\"Jo Smith\"",
    "\"2024-05-01T10:20:30.123Z\"",
    "\"https://shop.example/things/1042?page=2\"",
    "\"it's \\\"quoted\\\", said she\"",
];

/// A value of JSON, or what is almost one; of `silent` parts of 20, nothing is said.
fn value(silent: u32) -> impl Strategy<Value = String> {
    let mixed = move |silent_ones: &'static [&'static str], all: &'static [&'static str]| prop_oneof![silent => select(silent_ones), 20 - silent => select(all)];
    let scalar = mixed(&SILENT_VALUES, &VALUES).prop_map(str::to_owned);
    scalar.prop_recursive(4, 40, 6, move |inner| {
        let colon = mixed(&[":", ": "], &[":", ":", ":", ":", ": ", ": ", " :", ""]);
        let member = (mixed(&SILENT_NAMES, &NAMES), colon, inner.clone());
        let member = member.prop_map(|(name, colon, value)| format!("\"{name}\"{colon}{value}"));
        let comma = mixed(&[",", ", "], &[",", ",", ",", ", ", ",\n  ", ",\n  ", ",,", " "]);
        let members = (prop::collection::vec(member, 0..6), comma.clone());
        let elements = (prop::collection::vec(inner, 0..6), comma);
        prop_oneof![
            3 => members.prop_map(|(members, comma)| format!("{{{}}}", members.join(comma))),
            2 => elements.prop_map(|(elements, comma)| format!("[{}]", elements.join(comma))),
        ]
    })
}

/// A body as it is stored under rules, which find nothing themselves.
fn stored_under(added: Vec<Rule>, pieces: &[&[u8]]) -> String {
    let sets = Sets::compile(&Definitions { added, ..Definitions::default() }).unwrap();
    let (set, keys, mut memory) = (sets.set(None).unwrap(), Keys::new([1; 32]), Memory::default());
    let mut out = Vec::new();
    // The second time, all names are remembered.
    for _ in 0..2 {
        let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
        let mut body = Body::new(set, Direction::Request, &headers("application/json"));
        for piece in pieces {
            out.extend(body.push(piece, &mut redactor));
        }
        out.extend(body.finish(false, &mut redactor));
    }
    out.escape_ascii().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn as_the_steps_find(
        value in prop_oneof![value(1), value(19)],
        around in select(&[("[", "]"), ("", ""), ("", "\n"), (")]}',\n", " "), ("{\"a\":1}\n", "\n[]")][..]),
        cut in 0_usize..10_000,
    ) {
        let body = format!("{}{value}{}", around.0, around.1);
        let bytes = body.as_bytes();
        let (first, second) = bytes.split_at(cut % (bytes.len() + 1));
        // A path leads further from every object, and no text is passed over.
        let path = Rule { json: Some("$..nowhere.never".to_owned()), ..Rule::default() };
        let expression = Rule { regex: Some("never, nowhere".to_owned()), ..Rule::default() };
        for pieces in [&[bytes][..], &[first, second]] {
            let steps = stored_under(vec![path.clone(), expression.clone()], pieces);
            prop_assert_eq!(stored_under(Vec::new(), pieces), steps, "{}", body);
        }
    }
}
