//! The rules for Rust sources and for the default configuration.

use super::{Finding, rules};

/// All findings in a Rust source: phrases anywhere, and how doc comments begin.
pub(super) fn source(text: &str) -> Vec<Finding> {
    let mut findings = phrases(text);
    let mut before = "";
    for (index, line) in text.lines().map(str::trim_start).enumerate() {
        let begins = is_doc(line) && (!is_doc(before) || before.len() == 3);
        let advice = rules::subject(bare(line)).filter(|_| begins);
        findings.extend(advice.map(|advice| Finding::new(index + 1, advice)));
        before = line;
    }
    findings.sort_by_key(|found| found.line);
    findings
}

/// All findings in a source whose doc comments are the command line's help: each sentence counts.
pub(super) fn help(text: &str) -> Vec<Finding> {
    let docs = |line: &str| if is_doc(line) { bare(line).to_owned() } else { String::new() };
    let docs: Vec<String> = text.lines().map(|line| docs(line.trim_start())).collect();
    phrases(text).into_iter().chain(subjects(&docs)).collect()
}

/// All findings in the comments of the default configuration.
pub(super) fn configuration(text: &str) -> Vec<Finding> {
    let comments = |line: &str| line.strip_prefix("# ").unwrap_or_default().to_owned();
    let comments: Vec<String> = text.lines().map(comments).collect();
    phrases(&comments.join("\n")).into_iter().chain(subjects(&comments)).collect()
}

fn is_doc(line: &str) -> bool {
    line.starts_with("///") || line.starts_with("//!")
}

/// The text of a comment.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['/', '!']).trim_start()
}

/// Findings about sentences. One that goes on in the next line does not go on with a capital letter.
fn subjects(lines: &[String]) -> Vec<Finding> {
    let sentences = lines.iter().enumerate().flat_map(|(index, line)| {
        rules::sentences(line).into_iter().map(move |(_, sentence)| (index + 1, sentence))
    });
    sentences.filter_map(|(number, sentence)| Some(Finding::new(number, rules::subject(sentence)?))).collect()
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
    fn each_sentence_of_the_help_counts() {
        let numbers = |text| help(text).iter().map(|found| found.line).collect::<Vec<_>>();
        assert!(numbers("/// The port. Can be repeated.\nport: u16,\n// What it is.\n").is_empty());
        assert_eq!(
            numbers("/// The port. Whoever\n/// knows it.\n/// At the most one.\nport: u16,\n"),
            [3, 1]
        );
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
