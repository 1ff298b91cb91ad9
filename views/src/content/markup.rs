//! XML and HTML with a line for each element. Only white space between tags is changed, and added.

use super::budget::{Budget, DEEPEST};
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Language, Shown};

/// Shows XML.
pub(super) const XML: ViewSpec =
    ViewSpec { name: "xml", title: "XML", kind: "text", fits: fits_xml, show: show_xml };
/// Shows HTML.
pub(super) const HTML: ViewSpec =
    ViewSpec { name: "html", title: "HTML", kind: "text", fits: fits_html, show: show_html };

/// Elements of HTML without an end tag.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements of HTML whose content is not laid out: white space in it counts, or it is another language.
const VERBATIM: &[&str] = &["script", "style", "pre", "textarea", "xmp", "plaintext"];
/// Elements of HTML that stand within a line of text.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "button", "cite", "code", "data", "dfn", "em", "i", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var",
];

fn fits_xml(subject: &Subject) -> Option<Fit> {
    let is_text = subject.text.is_some() && subject.trimmed().starts_with('<');
    let is_named = subject.is(&["application/xml", "text/xml", "*+xml"]);
    let looks_so = || subject.is_unnamed() && subject.trimmed().starts_with("<?xml");
    (is_text && (is_named || looks_so())).then_some(if is_named { Fit::Named } else { Fit::Sniffed })
}

fn fits_html(subject: &Subject) -> Option<Fit> {
    let start: String = subject.trimmed().chars().take(15).collect::<String>().to_ascii_lowercase();
    let looks_so = start.starts_with("<!doctype html") || start.starts_with("<html");
    if subject.is(&["text/html", "application/xhtml+xml"]) {
        return subject.trimmed().starts_with('<').then_some(Fit::Named);
    }
    (looks_so && subject.is_unnamed()).then_some(Fit::Sniffed)
}

fn show_xml(subject: &Subject, budget: &Budget) -> Option<Shown> {
    Some(Shown::text(Language::Xml, laid_out(subject.text.as_deref()?, false, budget)))
}

fn show_html(subject: &Subject, budget: &Budget) -> Option<Shown> {
    Some(Shown::text(Language::Html, laid_out(subject.text.as_deref()?, true, budget)))
}

/// A piece of markup.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'t> {
    Open(&'t str),
    Close(&'t str),
    /// A tag without content, a comment, a declaration.
    Alone(&'t str),
    Text(&'t str),
    /// The content of an element that is not laid out.
    Verbatim(&'t str),
}

fn laid_out(text: &str, is_html: bool, budget: &Budget) -> String {
    let mut tokens = tokens(text, is_html).peekable();
    let mut layout = Layout { text: String::with_capacity(text.len() + text.len() / 2), depth: 0 };
    while let Some(token) = tokens.next() {
        let (Token::Open(source)
        | Token::Close(source)
        | Token::Alone(source)
        | Token::Text(source)
        | Token::Verbatim(source)) = token;
        if !budget.take_text(source.len() + layout.depth.min(DEEPEST) * 2) {
            break;
        }
        match token {
            Token::Open(tag) => {
                layout.line(tag);
                // An element that has a short text alone stays on its line.
                let text = tokens.next_if(|next| matches!(next, Token::Text(text) if is_short(text)));
                if let Some(Token::Text(text)) = text {
                    if let Some(Token::Close(close)) = tokens.next_if(|next| matches!(next, Token::Close(_)))
                    {
                        layout.text.push_str(text);
                        layout.text.push_str(close);
                        continue;
                    }
                    layout.depth += 1;
                    layout.line(text.trim());
                    continue;
                }
                if let Some(Token::Close(close)) = tokens.next_if(|next| matches!(next, Token::Close(_))) {
                    layout.text.push_str(close);
                    continue;
                }
                layout.depth += 1;
            }
            Token::Close(tag) => {
                layout.depth = layout.depth.saturating_sub(1);
                layout.line(tag);
            }
            Token::Alone(tag) => layout.line(tag),
            Token::Text(text) => layout.line(text.trim()),
            Token::Verbatim(content) => {
                layout.text.push_str(content);
                layout.depth = layout.depth.saturating_sub(1);
                if let Some(Token::Close(close)) = tokens.next_if(|next| matches!(next, Token::Close(_))) {
                    layout.text.push_str(close);
                }
            }
        }
    }
    layout.text
}

fn is_short(text: &str) -> bool {
    text.len() <= 100 && !text.contains('\n')
}

struct Layout {
    text: String,
    depth: usize,
}

impl Layout {
    fn line(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n("  ", self.depth.min(DEEPEST)));
        self.text.push_str(text);
    }
}

/// The pieces of a text. White space alone, between tags, is left out.
fn tokens(text: &str, is_html: bool) -> impl Iterator<Item = Token<'_>> {
    let (mut rest, mut verbatim) = (text, None::<&str>);
    std::iter::from_fn(move || {
        if let Some(name) = verbatim.take() {
            let end = closing(rest, name);
            if end > 0 {
                let (content, behind) = rest.split_at(end);
                rest = behind;
                return Some(Token::Verbatim(content));
            }
        }
        loop {
            let end = if rest.starts_with('<') { tag_end(rest) } else { text_end(rest, is_html) };
            let (piece, behind) = rest.split_at(end);
            rest = behind;
            if piece.is_empty() {
                return None;
            }
            let is_tag = piece.starts_with('<') && !(is_html && is_inline(piece));
            if !is_tag {
                if piece.trim().is_empty() {
                    continue;
                }
                return Some(Token::Text(piece));
            }
            let name = name(piece);
            if piece.starts_with("</") {
                return Some(Token::Close(piece));
            }
            let is_alone = piece.starts_with("<!") || piece.starts_with("<?") || piece.ends_with("/>");
            if is_alone || is_html && is_one_of(name, VOID) {
                return Some(Token::Alone(piece));
            }
            verbatim = (is_html && is_one_of(name, VERBATIM)).then_some(name);
            return Some(Token::Open(piece));
        }
    })
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// The name of a tag.
fn name(tag: &str) -> &str {
    let tag = tag.trim_start_matches(['<', '/']);
    tag.split(|character: char| character.is_whitespace() || matches!(character, '>' | '/'))
        .next()
        .unwrap_or_default()
}

fn is_inline(tag: &str) -> bool {
    is_one_of(name(tag), INLINE)
}

/// The end of a text; tags within a line of HTML are part of it.
fn text_end(text: &str, is_html: bool) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        at += found;
        let is_text = text[at + 1..]
            .starts_with(|next: char| !next.is_alphabetic() && !matches!(next, '/' | '!' | '?' | '_'));
        if is_text {
            at += 1;
        } else if is_html && is_inline(&text[at..]) {
            at += tag_end(&text[at..]);
        } else {
            return at;
        }
    }
    text.len()
}

/// The end of a tag, a comment or a declaration; a `>` within quotes is none.
fn tag_end(text: &str) -> usize {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if text.starts_with(start) {
            return text.find(end).map_or(text.len(), |at| at + end.len());
        }
    }
    let (mut quote, mut brackets) = (None, 0usize);
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            // The declarations within a document type.
            (None, b'[') if text.starts_with("<!") => brackets += 1,
            (None, b']') => brackets = brackets.saturating_sub(1),
            (None, b'>') if brackets == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the end tag of an element begins.
fn closing(text: &str, name: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        at += found;
        let behind = text.as_bytes().get(at + 2..at + 2 + name.len()).unwrap_or_default();
        if behind.eq_ignore_ascii_case(name.as_bytes()) {
            return at;
        }
        at += 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_html: bool, expect: &str) {
        let found = laid_out(text, is_html, &Budget::begin());
        assert_eq!(found, expect, "{text}");
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(bare(&found), bare(text), "nothing but white space is changed");
    }

    #[test]
    fn xml() {
        check(
            "<?xml version=\"1.0\"?><a b=\"x>y\"><c>d</c><e/><!-- f > g --><h></h><i><![CDATA[<z>]]></i></a>",
            false,
            "<?xml version=\"1.0\"?>\n<a b=\"x>y\">\n  <c>d</c>\n  <e/>\n  <!-- f > g -->\n  <h></h>\n  <i>\n    \
             <![CDATA[<z>]]>\n  </i>\n</a>",
        );
        check("<a>x<b>y</b>z</a>", false, "<a>\n  x\n  <b>y</b>\n  z\n</a>");
        check(
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            false,
            "<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>",
        );
        check("<a><b>", false, "<a>\n  <b>");
        check("</a></a><", false, "</a>\n</a>\n<");
    }

    #[test]
    fn html() {
        check(
            "<!doctype html><html><head><meta charset=x><script>if(a<b){'</p>'}</script></head>\
             <body><p>a <b>c</b> 1 < 2<br>d<pre>\n  e\n</pre></body></html>",
            true,
            "<!doctype html>\n<html>\n  <head>\n    <meta charset=x>\n    <script>if(a<b){'</p>'}</script>\n  </head>\n  \
             <body>\n    <p>\n      a <b>c</b> 1 < 2\n      <br>\n      d\n      <pre>\n  e\n</pre>\n    </body>\n  </html>",
        );
    }
}
