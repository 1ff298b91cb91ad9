//! The rules: words to avoid, with what to write instead, and how a sentence must not begin.

/// A phrase that is not to be used.
struct Phrase {
    /// In lower case.
    text: &'static str,
    instead: &'static str,
}

const PHRASES: [Phrase; 14] = [
    Phrase { text: "at the most", instead: "“at most”" },
    Phrase { text: "at the least", instead: "“at least”" },
    Phrase { text: "anew", instead: "“again” or “new”" },
    Phrase { text: "may be given again", instead: "“can be repeated”" },
    Phrase { text: "knows none", instead: "what happens: “`none` disables it”" },
    Phrase { text: "knows no bound", instead: "what happens: “`none` disables the bound”" },
    Phrase { text: "is wanted:", instead: "“expected …”" },
    Phrase { text: "simply", instead: "the sentence without it" },
    Phrase { text: "obviously", instead: "the sentence without it" },
    Phrase { text: "upstream proxy", instead: "“parent proxy”" },
    Phrase { text: "passthrough", instead: "“tunnel”" },
    Phrase { text: "exchange's number", instead: "“the exchange's id”" },
    Phrase { text: "e.g.", instead: "“for example” or “such as”" },
    Phrase { text: "i.e.", instead: "“that is”" },
];

/// Words that make a sentence's subject a clause.
const RELATIVES: [&str; 6] = ["What", "Who", "Whoever", "Whatever", "Whether", "Whom"];

/// Advice about each phrase in a line.
pub(super) fn phrases(line: &str) -> impl Iterator<Item = String> {
    let line = line.to_lowercase();
    PHRASES.iter().filter(move |phrase| has_phrase(&line, phrase.text)).map(advice)
}

fn advice(phrase: &Phrase) -> String {
    format!("“{}”: write {}", phrase.text, phrase.instead)
}

/// True if `phrase` is in `line` with no letter, digit or `_` at either side.
fn has_phrase(line: &str, phrase: &str) -> bool {
    let is_word = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    line.match_indices(phrase).any(|(start, _)| {
        let end = start + phrase.len();
        let is_inside = is_word(line[..start].chars().next_back());
        let goes_on = phrase.ends_with(char::is_alphanumeric) && is_word(line[end..].chars().next());
        !is_inside && !goes_on
    })
}

/// Advice about a sentence whose subject is a clause. A question may begin with such a word.
pub(super) fn subject(sentence: &str) -> Option<String> {
    let first = sentence.split(|char: char| !char.is_alphanumeric()).next()?;
    let is_question = sentence.trim_end().ends_with('?');
    (RELATIVES.contains(&first) && !is_question)
        .then(|| format!("a sentence begins with “{first}”: begin with a noun or a verb, and name who acts"))
}

/// The sentences of a paragraph, each with the place of its first byte.
pub(super) fn sentences(paragraph: &str) -> Vec<(usize, &str)> {
    let ends = paragraph.match_indices(['.', '?', '!', ':']).map(|(place, mark)| place + mark.len());
    let ends = ends.filter(|end| paragraph[*end..].starts_with(' ')).map(|end| end + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
    let next = starts.iter().skip(1).copied().chain([paragraph.len()]);
    starts.iter().copied().zip(next).map(|(start, end)| (start, &paragraph[start..end])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words() {
        let count = |line: &str| phrases(line).count();
        for good in ["at most two", "a new one", "begun_anew()", "anewton", "told apart", "ie. something"] {
            assert_eq!(count(good), 0, "{good}");
        }
        for bad in ["At the most two.", "begun anew.", "\"at the least\"", "May be given again", "e.g. this"]
        {
            assert_eq!(count(bad), 1, "{bad}");
        }
    }

    #[test]
    fn a_sentence_names_its_subject() {
        for good in ["The disk is full.", "What is a gap?", "Whatsoever", "When it ends, it is stored.", ""] {
            assert_eq!(subject(good), None, "{good}");
        }
        for bad in ["What passes is counted.", "Whoever has it can read.", "Whether it ended.", "Who asks"] {
            assert!(subject(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_paragraph_is_cut_into_sentences() {
        let cut = |text| sentences(text).iter().map(|(start, _)| *start).collect::<Vec<_>>();
        assert_eq!(cut("One. Two? Three"), [0, 5, 10]);
        assert_eq!(cut(""), [0]);
    }
}
