//! The rules for Rust sources and for the default configuration.

use super::{Finding, rules};

/// All findings in a Rust source: phrases anywhere, and how doc comments begin. The help of the command line is made
/// of doc comments, so their other sentences are checked too.
pub(super) fn source(text: &str) -> Vec<Finding> {
    let mut findings = phrases(text);
    let is_doc = |line: &str| line.starts_with("///") || line.starts_with("//!");
    let mut before = "";
    for (index, line) in text.lines().map(str::trim_start).enumerate() {
        let begins = is_doc(line) && (!is_doc(before) || before.len() == 3);
        let sentence = line.trim_start_matches(['/', '!']).trim_start();
        findings.extend(
            rules::subject(sentence).filter(|_| begins).map(|advice| Finding::new(index + 1, advice)),
        );
        before = line;
    }
    findings.sort_by_key(|found| found.line);
    findings
}

/// All findings in the comments of the default configuration.
pub(super) fn configuration(text: &str) -> Vec<Finding> {
    let comments = |line: &str| line.strip_prefix("# ").unwrap_or_default().to_owned();
    let comments: Vec<String> = text.lines().map(comments).collect();
    let mut findings = phrases(&comments.join("\n"));
    for (index, line) in comments.iter().enumerate() {
        let sentences = rules::sentences(line).into_iter();
        // The middle of a sentence does not begin with a capital letter.
        findings.extend(
            sentences
                .filter_map(|(_, sentence)| rules::subject(sentence))
                .map(|advice| Finding::new(index + 1, advice)),
        );
    }
    findings
}

fn phrases(text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| rules::phrases(line).map(move |advice| Finding::new(index + 1, advice)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<usize> {
        source(text).iter().map(|found| found.line).collect()
    }

    #[test]
    fn a_doc_comment_begins_with_a_noun_or_a_verb() {
        assert!(numbers("/// The name.\n/// What else.\nname: u8,\n// What it is.\n").is_empty());
        assert_eq!(
            numbers("//! Whether.\n\n/// The name.\n///\n/// Who asks.\n    /// What it is.\n"),
            [1, 5]
        );
        assert_eq!(numbers("struct A;\n/// What it is.\nstruct B;\n"), [2]);
    }

    #[test]
    fn phrases_are_found_in_comments_and_texts() {
        assert_eq!(numbers("bail!(\"at the most {most}\");\n// Begun anew.\n"), [1, 2]);
    }

    #[test]
    fn the_configuration_is_read_without_its_keys() {
        let lines = |text| configuration(text).iter().map(|found| found.line).collect::<Vec<_>>();
        assert!(lines("# The key, at most.\n#anew = 1\n").is_empty());
        assert_eq!(lines("# Good. What is left stays.\n# at the most 2\n"), [2, 1]);
    }
}
