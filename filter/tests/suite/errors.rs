//! Errors: the column, what is wrong, what was expected, and the nearest name.

use crate::world::read;

#[test]
fn an_error_points_at_its_place() {
    for (text, column, message, expected, suggestion) in [
        ("staus:5xx", 1, "there is no field \u{201c}staus\u{201d}", "a field such as host", Some("status")),
        ("host:a staus:500", 8, "no field", "a field", Some("status")),
        ("gr\u{fc}n statuss:1", 6, "no field", "", Some("status")),
        ("foo:bar", 1, "there is no field \u{201c}foo\u{201d}", "in quotes", None),
        ("heder.accept:x", 1, "no field", "", Some("header.accept")),
        ("header.:x", 1, "a name is missing", "header.NAME:value", None),
        ("json:x", 1, "a name is missing", "json.NAME:value", None),
        ("status:abc", 8, "\u{201c}abc\u{201d} is no status", "404, 5xx, >=400", None),
        ("status:200,abc", 12, "is no status", "404", None),
        ("status:", 8, "a value is missing behind \u{201c}status:\u{201d}", "", None),
        ("status: 500", 8, "a value is missing", "", None),
        ("host:a,", 8, "a value is missing behind this comma", "", None),
        ("host:\"a\"b", 9, "the value ends before this", "a space", None),
        ("dur:5", 5, "is no duration", "ms, s, m, h", None),
        ("size:1xb", 6, "is no size", "KiB", None),
        ("id:5..3", 4, "nothing is in this range", "smaller end first", None),
        ("at:noon", 4, "is no time", "2026-11-28T10:00", None),
        ("level:ful", 7, "level is never \u{201c}ful\u{201d}", "off, metrics, metadata, full", Some("full")),
        ("state:abort", 7, "state is never", "aborted", Some("aborted")),
        ("is:pined", 4, "there is no mark \u{201c}pined\u{201d}", "pinned", Some("pinned")),
        ("fail:upstream/tsl", 6, "fail is never", "upstream/tls", None),
        ("client:10.0.0.0/33", 8, "is no network", "10.0.0.0/8", None),
        ("status:/5../", 8, "takes no regular expression", "a number", None),
        ("~foo", 1, "there is no operator \u{201c}~foo\u{201d}", "such as ~u", None),
        ("~web", 1, "there is no operator", "", None),
        ("~websockets", 1, "there is no operator", "", Some("websocket")),
        ("~u", 3, "a regular expression is missing", "", None),
        ("~u (a)", 4, "a regular expression is missing", "", None),
        ("~u \"(\"", 4, "this is no regular expression: unclosed group", "", None),
        ("~c abc", 4, "is no status", "", None),
        ("body:/(?=a)/", 6, "it can't look ahead", "", None),
        ("body:/(a{5000}){5000}/", 6, "it is too large", "", None),
        ("a |", 4, "a condition is missing here", "a word", None),
        ("a & | b", 5, "a condition is missing here", "", None),
        ("a or or b", 6, "a condition is missing here", "", None),
        ("a and", 6, "a condition is missing here", "", None),
        ("OR a", 1, "a condition is missing here", "", None),
        ("| a", 1, "a condition is missing here", "", None),
        ("!", 2, "a condition is missing here", "", None),
        ("not", 4, "a condition is missing here", "", None),
        ("()", 2, "a condition is missing here", "", None),
        ("(a", 1, "this parenthesis is not closed", "", None),
        ("a)", 2, "this parenthesis closes none", "", None),
        ("a \"b", 3, "this quote is not closed", "", None),
        ("preset:none", 8, "there is no preset \u{201c}none\u{201d}", "errors", Some("one")),
        ("preset:erors", 8, "there is no preset", "errors", Some("errors")),
        ("x preset:one", 10, "stands for itself: one > two > one", "", None),
        ("preset:wrong", 8, "in the preset \u{201c}wrong\u{201d}: there is no field", "", Some("status")),
    ] {
        let error = read(text).err().unwrap_or_else(|| panic!("{text} is read"));
        let shown = error.render();
        assert_eq!(error.column, column, "{shown}");
        assert!(error.message.contains(message), "{shown}");
        assert!(error.expected.contains(expected), "{shown}");
        assert_eq!(error.suggestion.as_deref(), suggestion, "{shown}");
    }
}

#[test]
fn an_error_is_rendered_with_a_mark_under_its_place() {
    let error = read("host:a staus:500").unwrap_err();
    assert_eq!(
        error.render(),
        "there is no field \u{201c}staus\u{201d}; expected a field such as host or status; text that has a colon \
         stands in quotes; did you mean \u{201c}status\u{201d}?\n  host:a staus:500\n         ^"
    );
    assert!(error.to_string().starts_with("in the filter, column 8: there is no field"), "{error}");
    let long = format!("{}staus:5 {}", "\u{fc} ".repeat(200), "a ".repeat(200));
    let error = read(&long).unwrap_err();
    let lines = error.render();
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(error.column, 401);
    assert_eq!(lines[1].chars().nth(lines[2].chars().count() - 1), Some('s'), "{lines:?}");
    assert!(lines[1].chars().count() < 90, "{lines:?}");
}

#[test]
fn what_is_too_much_is_refused() {
    let nested = |open: &str, close: &str, depth| open.repeat(depth) + "a" + &close.repeat(depth);
    for (text, message) in [
        (nested("(", ")", 5000), "nested more than"),
        (nested("!", "", 5000), "nested more than"),
        (nested("(!", ")", 5000), "nested more than"),
        ("a ".repeat(1001), "more than 1000 conditions"),
        ("a ".repeat(20_000), "too long"),
        ("~h a ".repeat(51), "more than 50 regular expressions"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.message.contains(message), "{}", error.message);
    }
    assert!(read(&nested("(", ")", 60)).is_ok());
    assert!(read(&"a ".repeat(1000)).is_ok());
}
