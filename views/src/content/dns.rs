//! DNS messages (RFC 1035), as DNS over HTTPS carries them (RFC 8484).

mod record;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::budget::Budget;
use super::cursor::Cursor;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Node, Shown};

/// Shows a message's header, questions and records; of a GET that of its query.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "dns", title: "DNS", kind: "tree", fits, show };

const HEADER: usize = 12;
/// The most labels of a name: it has at most 255 bytes.
const MOST_LABELS: usize = 128;

fn fits(subject: &Subject) -> Option<Fit> {
    if subject.is(&["application/dns-message", "application/dns-udpwireformat"]) {
        return (!subject.bytes.is_empty()).then_some(Fit::Named);
    }
    in_query(subject).is_some_and(|message| message.len() >= HEADER).then_some(Fit::Certain)
}

/// The message that stands in the query of a GET.
fn in_query(subject: &Subject) -> Option<Vec<u8>> {
    if subject.is_response || !subject.bytes.is_empty() {
        return None;
    }
    let encoded = subject.query("dns")?;
    URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let queried = in_query(subject);
    let message = queried.as_deref().unwrap_or(&subject.bytes);
    let mut cursor = Cursor(message);
    let (id, flags) = (cursor.u16()?, cursor.u16()?);
    let counts = [cursor.u16()?, cursor.u16()?, cursor.u16()?, cursor.u16()?];
    let mut nodes = vec![header(id, flags)];
    let titles = ["question", "answer", "authority", "additional"];
    'sections: for (section, (title, count)) in titles.into_iter().zip(counts).enumerate() {
        let mut records = Vec::new();
        let mut is_whole = true;
        for _ in 0..count {
            let node = match section {
                0 => question(message, &mut cursor),
                _ => record::record(message, &mut cursor),
            };
            is_whole = node.as_ref().is_some_and(|node| budget.take(size(node)));
            let Some(node) = node.filter(|_| is_whole) else { break };
            records.push(node);
        }
        if count > 0 {
            nodes.push(Node::branch(title, &count.to_string(), records));
        }
        if !is_whole {
            if !budget.is_spent() {
                budget.note(format!("A record of its section “{title}” is cut, or no record."));
            }
            break 'sections;
        }
    }
    Some(Shown::tree(nodes))
}

/// The bytes that a node without others is counted as.
fn size(node: &Node) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    64 + length(&node.name) + length(&node.kind) + length(&node.value)
}

fn header(id: u16, flags: u16) -> Node {
    let named =
        [(0x0400, "aa"), (0x0200, "tc"), (0x0100, "rd"), (0x0080, "ra"), (0x0020, "ad"), (0x0010, "cd")];
    let set: Vec<_> = named.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    let opcode = match flags >> 11 & 15 {
        0 => "QUERY".to_owned(),
        4 => "NOTIFY".to_owned(),
        5 => "UPDATE".to_owned(),
        other => other.to_string(),
    };
    let code = match flags & 15 {
        0 => "NOERROR".to_owned(),
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        3 => "NXDOMAIN".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        other => other.to_string(),
    };
    let mut nodes = vec![
        Node::leaf("id", "number", id.to_string()),
        Node::leaf("opcode", "code", opcode),
        Node::leaf("flags", "flags", set.join(" ")),
    ];
    let is_response = flags & 0x8000 != 0;
    if is_response {
        nodes.push(Node::leaf("rcode", "code", code));
    }
    Node::branch("header", if is_response { "response" } else { "query" }, nodes)
}

fn question<'m>(message: &'m [u8], cursor: &mut Cursor<'m>) -> Option<Node> {
    let name = name(message, cursor)?;
    let (kind, class) = (cursor.u16()?, cursor.u16()?);
    Some(Node::leaf(name, &record::type_name(kind), class_name(class)))
}

fn class_name(class: u16) -> String {
    match class {
        1 => "IN".to_owned(),
        3 => "CH".to_owned(),
        254 => "NONE".to_owned(),
        255 => "ANY".to_owned(),
        other => format!("CLASS{other}"),
    }
}

/// A name, whose last labels may stand further ahead in the message: a pointer leads to an earlier byte, so that it ends.
fn name<'m>(message: &'m [u8], cursor: &mut Cursor<'m>) -> Option<String> {
    let (mut name, mut labels) = (String::new(), 0);
    let mut at = message.len().checked_sub(cursor.0.len())?;
    let mut behind = None;
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => {
                at += 1;
                break;
            }
            1..=63 => {
                labels += 1;
                if labels > MOST_LABELS {
                    return None;
                }
                push_label(&mut name, message.get(at + 1..at + 1 + length)?);
                at += 1 + length;
            }
            0xc0.. => {
                let to = (length & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
                if to >= at {
                    return None;
                }
                behind.get_or_insert(at + 2);
                at = to;
            }
            _ => return None,
        }
    }
    cursor.0 = message.get(behind.unwrap_or(at)..)?;
    Some(if name.is_empty() { ".".to_owned() } else { name })
}

/// Writes a label as zone files do: a dot in it, and what is no character, is escaped.
fn push_label(name: &mut String, label: &[u8]) {
    for byte in label {
        match byte {
            b'.' | b'\\' | b'"' => name.extend(['\\', char::from(*byte)]),
            0x21..=0x7e => name.push(char::from(*byte)),
            _ => name.push_str(&format!("\\{byte:03}")),
        }
    }
    name.push('.');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::shown::Tree;

    fn tree(subject: &Subject) -> Vec<Node> {
        match show(subject, &Budget::begin()) {
            Some(Shown::Tree(Tree { nodes })) => nodes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer() {
        let bytes = [
            &b"\0\x01\x81\x80\0\x01\0\x02\0\0\0\0"[..],
            b"\x03www\x07example\x03com\0\0\x01\0\x01",
            b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01a\xc0\x10",
            b"\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\x5d\xb8\xd8\x22",
        ];
        let subject = Subject { bytes: bytes.concat(), ..Subject::default() };
        let nodes = tree(&subject);
        assert_eq!(nodes[0].nodes[2], Node::leaf("flags", "flags", "rd ra"));
        assert_eq!(nodes[0].nodes[3], Node::leaf("rcode", "code", "NOERROR"));
        assert_eq!(nodes[1].nodes, [Node::leaf("www.example.com.", "A", "IN")]);
        let expect = [
            Node::leaf("www.example.com.", "CNAME", "a.example.com.  (60 s)"),
            Node::leaf("a.example.com.", "A", "93.184.216.34  (60 s)"),
        ];
        assert_eq!(nodes[2].nodes, expect);
    }

    /// The example of RFC 8484 §4.1.1.
    #[test]
    fn the_query_of_a_get() {
        let target = "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB".into();
        let subject = Subject { target, ..Subject::default() };
        assert_eq!(fits(&subject), Some(Fit::Certain));
        assert_eq!(tree(&subject)[1].nodes, [Node::leaf("www.example.com.", "A", "IN")]);
        assert_eq!(fits(&Subject { target: "/?dns=AAAB".into(), ..Subject::default() }), None);
    }

    #[test]
    fn pointers_that_lead_in_circles_are_no_names() {
        let name = |bytes: &[u8]| name(bytes, &mut Cursor(bytes));
        assert_eq!(name(b"\xc0\0"), None);
        assert_eq!(name(b"\x01a\xc0\0"), None);
        assert_eq!(name(b"\x03a.\x01\0").as_deref(), Some("a\\.\\001."));
        assert_eq!(name(b"\0").as_deref(), Some("."));
    }
}
