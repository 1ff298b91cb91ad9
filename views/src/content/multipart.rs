//! Bodies of several parts (RFC 2046, RFC 7578).

use encoding_rs::{Encoding, UTF_8};

use super::budget::Budget;
use super::json;
use super::subject::{Subject, parameter};
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Section, Sections, Shown, Table};

/// Shows a table of the parts, and below it those that are text.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "multipart", title: "Parts", kind: "sections", fits, show };

/// The most bytes of a part's text that are shown.
const MOST_TEXT: usize = 64 << 10;
/// The most bytes of white space behind a boundary that are looked at.
const LONGEST_LINE: usize = 80;
/// The most parts whose text is shown.
const MOST_SECTIONS: usize = 200;

fn fits(subject: &Subject) -> Option<Fit> {
    (subject.is(&["multipart/*"]) && !subject.bytes.is_empty()).then_some(Fit::Named)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let boundary = subject.parameter("boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary.or_else(|| first_boundary(&subject.bytes))?;
    let (mut rows, mut texts, mut more) = (Vec::new(), Vec::new(), false);
    for part in parts(&subject.bytes, boundary.as_bytes()) {
        if !budget.take(part.head.len() + 64) {
            more = true;
            break;
        }
        let number = rows.len() + 1;
        texts.extend((texts.len() < MOST_SECTIONS).then(|| part.section(number, budget)).flatten());
        rows.push(part.row());
    }
    if rows.is_empty() {
        return None;
    }
    let columns = ["name", "filename", "type", "charset", "size"].map(str::to_owned).to_vec();
    let table = Shown::Table(Table { columns, rows, more });
    let mut sections = vec![Section { title: "Parts".to_owned(), shown: table }];
    sections.extend(texts);
    Some(Shown::Sections(Sections { sections }))
}

/// A part of the body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'b> {
    /// Its fields, a line for each.
    head: &'b [u8],
    /// Its content.
    pub(super) content: &'b [u8],
    /// False if the body ends before the part does.
    pub(super) is_whole: bool,
}

/// The boundary of a body whose head does not name it: its first line.
pub(super) fn first_boundary(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
    let boundary = std::str::from_utf8(line.strip_prefix(b"--")?).ok()?;
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

/// The parts between lines that begin with two hyphens and the boundary.
fn parts<'b>(bytes: &'b [u8], boundary: &[u8]) -> impl Iterator<Item = Part<'b>> {
    let mark = [b"--", boundary].concat();
    let mut rest = delimiter(bytes, &mark).map(|(_, behind)| &bytes[behind..]);
    std::iter::from_fn(move || {
        let bytes = rest.filter(|bytes| !bytes.starts_with(b"--"))?;
        // The line of the boundary may have white space behind it.
        let start = memchr::memchr(b'\n', bytes)? + 1;
        let bytes = &bytes[start..];
        let found = delimiter(bytes, &mark);
        rest = found.map(|(_, behind)| &bytes[behind..]);
        let part = &bytes[..found.map_or(bytes.len(), |(end, _)| end)];
        Some(Part::new(part, found.is_some()))
    })
}

/// The end of what stands before the next boundary, whose line's end belongs to it, and what is behind the boundary.
pub(super) fn delimiter(bytes: &[u8], mark: &[u8]) -> Option<(usize, usize)> {
    for at in memchr::memmem::find_iter(bytes, mark) {
        let behind = &bytes[at + mark.len()..];
        let behind = &behind[..behind.len().min(LONGEST_LINE)];
        let line = &behind[..memchr::memchr(b'\n', behind).unwrap_or(behind.len())];
        if !line.starts_with(b"--") && !line.trim_ascii().is_empty() {
            continue;
        }
        if at == 0 {
            return Some((0, mark.len()));
        }
        if bytes[at - 1] == b'\n' {
            let end = if at > 1 && bytes[at - 2] == b'\r' { at - 2 } else { at - 1 };
            return Some((end, at + mark.len()));
        }
    }
    None
}

fn split_head(part: &[u8]) -> (&[u8], &[u8]) {
    if let Some(content) = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")) {
        return (b"", content);
    }
    let ends = [&b"\r\n\r\n"[..], b"\n\n"].map(|end| Some((memchr::memmem::find(part, end)?, end.len())));
    match ends.into_iter().flatten().min() {
        Some((end, length)) => (&part[..end], &part[end + length..]),
        None => (part, b""),
    }
}

impl<'b> Part<'b> {
    /// The part between two boundaries.
    pub(super) fn new(part: &'b [u8], is_whole: bool) -> Self {
        let (head, content) = split_head(part);
        Self { head, content, is_whole }
    }

    /// A field's value.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(self.head);
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        fields
            .find(|(found, _)| found.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    }

    fn disposition(&self, name: &str) -> Option<String> {
        parameter(&self.field("content-disposition")?, name)
    }

    /// Its media type, in lower case and without parameters.
    pub(super) fn media_type(&self) -> Option<String> {
        let named = self.field("content-type")?;
        Some(named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    fn charset(&self) -> Option<String> {
        parameter(&self.field("content-type")?, "charset")
    }

    fn row(&self) -> Vec<String> {
        let size = self.content.len().to_string();
        let filename = self.disposition("filename").or_else(|| self.disposition("filename*"));
        vec![
            self.disposition("name").or_else(|| self.field("content-id")).unwrap_or_default(),
            filename.unwrap_or_default(),
            self.media_type().unwrap_or_default(),
            self.charset().unwrap_or_default(),
            if self.is_whole { size } else { size + "+" },
        ]
    }

    /// Its text, if it is text.
    fn section(&self, number: usize, budget: &Budget) -> Option<Section> {
        let content = &self.content[..self.content.len().min(MOST_TEXT)];
        let is_cut = content.len() < self.content.len() || !self.is_whole;
        let encoding = self.charset().and_then(|charset| Encoding::for_label(charset.as_bytes()));
        let text = match encoding.filter(|encoding| *encoding != UTF_8) {
            Some(encoding) => encoding.decode(content).0.into_owned(),
            None => super::message::message_text(content, is_cut)?.to_owned(),
        };
        if text.is_empty() || text.contains('\0') || !budget.take_text(text.len()) {
            return None;
        }
        if content.len() < self.content.len() {
            budget.note("Of each part 64 KiB are shown.");
        }
        let name = self.disposition("name").or_else(|| self.field("content-id"));
        let title = name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("Part {number}"));
        let is_document =
            self.media_type().is_some_and(|named| named.ends_with("json")) && json::is_json(&text, is_cut);
        let shown = match is_document {
            true => json::pretty(&text, budget),
            false => Shown::text(Language::Plain, text),
        };
        Some(Section { title, shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"preamble\r\n--b \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--by\r\n\
        --b\r\ncontent-disposition: form-data; name=f; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\0\xff\r\n\
        --b\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{\"a\":1}\r\n--b--\r\nepilogue";

    fn sections(content_type: &str, bytes: &[u8]) -> Vec<Section> {
        let headers = [("content-type", content_type)].into_iter().collect();
        let subject = Subject {
            media_type: "multipart/form-data".into(),
            headers,
            bytes: bytes.to_vec(),
            ..Subject::default()
        };
        assert_eq!(fits(&subject), Some(Fit::Named));
        match show(&subject, &Budget::begin()) {
            Some(Shown::Sections(Sections { sections })) => sections,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn parts_have_rows_and_texts() {
        let found = sections("multipart/form-data; boundary=b", BODY);
        let Shown::Table(table) = &found[0].shown else { panic!("{found:?}") };
        let expect = [
            ["a", "", "", "", "1"],
            ["f", "p.png", "image/png", "", "2"],
            ["", "", "application/json", "utf-8", "7"],
        ];
        assert_eq!(table.rows.iter().map(Vec::as_slice).collect::<Vec<_>>()[1..], expect[1..]);
        assert_eq!(table.rows[0][4], "7", "a line that only begins like a boundary is content");
        assert_eq!(
            (found[1].title.as_str(), &found[1].shown),
            ("a", &Shown::text(Language::Plain, "x\r\n--by".into()))
        );
        assert_eq!(found[2].shown, Shown::text(Language::Json, "{\n  \"a\": 1\n}".into()));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_part_may_be_cut_and_a_boundary_not_named() {
        let found = sections("multipart/mixed", b"--x\n\nhello");
        let Shown::Table(table) = &found[0].shown else { panic!("{found:?}") };
        assert_eq!(table.rows, [["", "", "", "", "5+"]]);
        assert_eq!(found[1].title, "Part 1");
    }
}
