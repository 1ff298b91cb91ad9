//! Characters that are not shown as they are: a terminal would obey them, or a reader be deceived by them.

/// Returns whether `character` moves the cursor, changes the order of what stands around it, or is not to be seen:
/// controls (C0, DEL, C1), separators of lines, and the format characters of Unicode, those for text in both directions
/// among them.
#[must_use]
pub fn is_unsafe_to_show(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(
            character,
            // Soft hyphen, joiners, fillers that look like nothing.
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            // Marks, embeddings, overrides and isolates of direction; separators; invisible operators.
            | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // The rest of the format characters, tags among them.
            | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_and_what_is_not() {
        for shown in " aZ~\u{e4}\u{4f8b}\u{5d0}\u{1f600}\u{fe0f}".chars() {
            assert!(!is_unsafe_to_show(shown), "{shown:?}");
        }
        for hidden in "\0\t\n\x1b\x7f\u{80}\u{9b}\u{9f}\u{200b}\u{200e}\u{202a}\u{202e}\u{2028}\u{2066}\u{2069}\u{61c}\u{feff}\u{e0041}".chars() {
            assert!(is_unsafe_to_show(hidden), "{hidden:?}");
        }
    }
}
