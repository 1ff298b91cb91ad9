//! The rules for Markdown pages.

use super::{Finding, rules};

/// Characters of a line.
const LONGEST: usize = 100;

/// All findings in a page.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let mut findings = lines(text);
    let mut paragraph: Vec<(usize, &str)> = Vec::new();
    for (number, line, is_code) in numbered(text) {
        let bare = line.trim_start();
        let prose = if is_code || bare.starts_with('#') || bare.starts_with("<!--") { "" } else { bare };
        findings.extend(rules::phrases(prose).map(|advice| Finding::new(number, advice)));
        let begins_item = bare.starts_with("- ") || bare.starts_with("* ") || bare.starts_with('|');
        if prose.is_empty() || begins_item {
            findings.extend(subjects(&paragraph));
            paragraph.clear();
        }
        if !prose.is_empty() && !prose.starts_with('|') {
            paragraph.push((number, prose.trim_start_matches(['-', '*', '>', ' '])));
        }
    }
    findings.extend(subjects(&paragraph));
    findings.sort_by_key(|found| found.line);
    findings
}

/// The findings that concern the shape of lines alone.
pub(super) fn lines(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before = "";
    for (number, line, is_code) in numbered(text) {
        let length = line.chars().count();
        let is_free = is_code || line.starts_with('|') || has_long_word(line);
        if length > LONGEST && !is_free {
            findings.push(Finding::new(number, format!("{length} characters: break the line at {LONGEST}")));
        }
        if !is_code && line.starts_with('#') && !before.trim().is_empty() {
            findings.push(Finding::new(number, "a heading behind text: put an empty line before it"));
        }
        before = line;
    }
    findings
}

/// Lines by number, and whether they are code (or the fence around it).
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut in_code = false;
    text.lines().enumerate().map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        (index + 1, line, in_code || is_fence)
    })
}

/// Returns whether a link or other word makes a line long that cannot be broken.
fn has_long_word(line: &str) -> bool {
    line.split(' ').any(|word| word.chars().count() > LONGEST / 2) || line.trim_start().starts_with("![")
}

/// Findings about the sentences of a paragraph that is given line by line.
fn subjects(paragraph: &[(usize, &str)]) -> Vec<Finding> {
    let mut joined = String::new();
    let mut starts = Vec::new();
    for (number, line) in paragraph {
        starts.push((joined.len(), *number));
        joined += line;
        joined.push(' ');
    }
    let found = rules::sentences(&joined).into_iter().filter_map(|(place, sentence)| {
        let advice = rules::subject(sentence)?;
        let number = starts.iter().rev().find(|(start, _)| *start <= place)?.1;
        Some(Finding::new(number, advice))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<usize> {
        check(text).iter().map(|found| found.line).collect()
    }

    #[test]
    fn a_good_page_has_no_findings() {
        let long = "x ".repeat(60);
        let link =
            format!("See [the page](https://example.com/{}) and more of it than fits.", "a".repeat(80));
        for good in [
            "# What it costs\n\nIt costs little. Why? Because.\n".to_owned(),
            format!("| {long} |\n"),
            format!("```sh\n# What a comment, at the most\n{long}\n```\n"),
            format!("{link}\n"),
        ] {
            assert!(numbers(&good).is_empty(), "{good}");
        }
    }

    #[test]
    fn each_rule_names_its_line() {
        for (bad, expect) in [
            ("One line.\nWhoever reads it knows.\n", vec![2]),
            ("It ends. What\nis left stays.\n", vec![1]),
            ("- Fine.\n- What is left stays.\n", vec![2]),
            ("Text.\n# Heading\n", vec![2]),
            ("| a | at the most 2 |\n", vec![1]),
        ] {
            assert_eq!(numbers(bad), expect, "{bad}");
        }
        assert_eq!(numbers(&"word ".repeat(21)), [1]);
    }
}
