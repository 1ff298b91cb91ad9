//! The contents that a view shows, as text for a terminal.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::hex;
use crate::dto::conversation::{Conversation, TurnPart};
use crate::dto::shown::{Hex, Node, Section, Shown, Table};

/// The widest that a column is filled up to.
const WIDEST: usize = 40;

/// The same as text. Every line has its end.
#[must_use]
pub fn plain(shown: &Shown) -> String {
    match shown {
        Shown::Text(text) if text.text.is_empty() || text.text.ends_with('\n') => text.text.clone(),
        Shown::Text(text) => text.text.clone() + "\n",
        Shown::Table(table) => rows(table),
        Shown::Tree(tree) => {
            let mut text = String::new();
            nodes(&tree.nodes, 0, &mut text);
            text
        }
        Shown::Sections(sections) => {
            let part = |section: &Section| format!("── {} ──\n{}", section.title, plain(&section.shown));
            sections.sections.iter().map(part).collect::<Vec<_>>().join("\n")
        }
        Shown::Conversation(conversation) => said(conversation),
        Shown::Hex(Hex { offset, data, .. }) => {
            hex::dump(&STANDARD.decode(data).unwrap_or_default(), *offset)
        }
    }
}

/// The most lines of a value that are indented like it.
const MOST_INDENTED: usize = 10_000;

fn rows(table: &Table) -> String {
    let width = |column: usize| {
        let cells = std::iter::once(&table.columns).chain(&table.rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let mut text = String::new();
    for row in std::iter::once(&table.columns).chain(&table.rows) {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let cell = cell.replace(['\n', '\r'], " ");
            format!("{cell:width$}")
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    if table.more {
        text.push_str("…\n");
    }
    text
}

fn nodes(of: &[Node], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for node in of {
        text.push_str(&indent);
        let words = [node.name.clone(), node.kind.as_ref().map(|kind| format!("({kind})"))];
        let named = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        text.push_str(&named);
        if let Some(value) = &node.value {
            text.push_str(if named.is_empty() { "" } else { ": " });
            match value.lines().nth(MOST_INDENTED) {
                None => text.push_str(&value.replace('\n', &format!("\n{indent}  "))),
                Some(_) => text.push_str(value),
            }
        }
        text.push('\n');
        nodes(&node.nodes, depth + 1, text);
    }
}

fn said(conversation: &Conversation) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:12}{value}");
        }
    };
    line("api", Some(conversation.api.clone()));
    line("model", conversation.model.clone());
    for (name, value) in &conversation.settings {
        line(name, Some(format!(" {value}")).filter(|_| name.len() >= 12).or(Some(value.clone())));
    }
    line("stopped", conversation.stop_reason.clone());
    line(
        "tokens",
        conversation.tokens.map(|tokens| {
            let counts = [
                ("in", tokens.input),
                ("cached", tokens.cached),
                ("out", tokens.output),
                ("reasoning", tokens.reasoning),
            ];
            let counted = counts.iter().filter_map(|(name, count)| Some(format!("{} {name}", (*count)?)));
            counted.collect::<Vec<_>>().join(", ")
        }),
    );
    line("error", conversation.error.clone());
    for tool in &conversation.tools {
        let described = tool.description.as_deref().map(|text| format!(": {}", text.replace('\n', " ")));
        line("tool", Some(tool.name.clone() + &described.unwrap_or_default()));
    }
    for turn in &conversation.turns {
        let name = turn.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let _ = writeln!(text, "\n{}{name}", turn.role);
        for part in &turn.parts {
            let _ = writeln!(text, "  {}", part_of(part).trim_end().replace('\n', "\n  "));
        }
    }
    text
}

fn part_of(part: &TurnPart) -> String {
    let word = |word: &Option<String>| word.as_ref().map(|word| format!(" {word}")).unwrap_or_default();
    match part {
        TurnPart::Text { text } => text.clone(),
        TurnPart::Thinking { text } => format!("[thinking] {text}"),
        TurnPart::Media { media_type, size, source } => {
            let size = size.map(|size| format!(" {size} bytes")).unwrap_or_default();
            format!("[media{}{size}{}]", word(media_type), word(source))
        }
        TurnPart::ToolCall { id, name, arguments } => format!("[call{}] {name} {arguments}", word(id)),
        TurnPart::ToolResult { id, name, text } => format!("[result{}{}] {text}", word(id), word(name)),
        TurnPart::Other { of, text } => format!("[{of}] {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::conversation::{TokenCounts, Turn};
    use crate::dto::shown::{Language, Sections};

    #[test]
    fn trees_and_tables_are_aligned() {
        let leaf = Node::leaf("2", "string", "a\nb");
        let tree = Shown::tree(vec![Node::branch("1", "message", vec![leaf])]);
        assert_eq!(plain(&tree), "1 (message)\n  2 (string): a\n    b\n");
        let cells = |row: &[&str]| row.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        let rows = vec![cells(&["a", "1"]), cells(&["long", "2\n3"])];
        let table = Shown::Table(Table { columns: cells(&["name", "value"]), rows, more: true });
        assert_eq!(plain(&table), "name  value\na     1\nlong  2 3\n…\n");
    }

    #[test]
    fn conversations_sections_and_bytes() {
        let parts = vec![
            TurnPart::Thinking { text: "Hm".into() },
            TurnPart::Media { media_type: Some("image/png".into()), size: Some(3), source: None },
            TurnPart::ToolCall { id: Some("c".into()), name: "f".into(), arguments: "{}".into() },
        ];
        let conversation = Conversation {
            api: "openai-chat".into(),
            model: Some("gpt".into()),
            turns: vec![Turn { role: "assistant".into(), name: None, parts }],
            tokens: Some(TokenCounts { input: Some(2), output: Some(1), ..TokenCounts::default() }),
            ..Conversation::default()
        };
        let expect = "api         openai-chat\nmodel       gpt\ntokens      2 in, 1 out\n\n\
                      assistant\n  [thinking] Hm\n  [media image/png 3 bytes]\n  [call c] f {}\n";
        assert_eq!(plain(&Shown::Conversation(conversation)), expect);
        let text = Shown::text(Language::Json, "{}".into());
        let sections = Sections { sections: vec![Section { title: "A".into(), shown: text }] };
        assert_eq!(plain(&Shown::Sections(sections)), "── A ──\n{}\n");
        assert!(plain(&hex::bytes(b"abc", 16, (19, false))).starts_with("00000010  61 62 63 "));
    }
}
