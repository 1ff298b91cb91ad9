//! Texts in quotes.

use std::fmt::{self, Write};

/// Writes `text` in double quotes.
pub(crate) fn write(to: &mut impl Write, text: &str) -> fmt::Result {
    to.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(to, "\\{character}")?,
            '\n' => to.write_str("\\n")?,
            '\r' => to.write_str("\\r")?,
            '\t' => to.write_str("\\t")?,
            '\u{c}' => to.write_str("\\f")?,
            other => to.write_char(other)?,
        }
    }
    to.write_char('"')
}

/// The character that a backslash and `character` stand for in quotes: white space for `n`, `r`, `t` and `f`, and each
/// other one for itself, as in mitmproxy.
pub(crate) fn escaped(character: char) -> char {
    match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\u{c}',
        other => other,
    }
}

/// Writes a name of the user's, in quotes where it needs them.
pub(crate) fn write_name(to: &mut impl Write, name: &str) -> fmt::Result {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if name == "*" || !name.is_empty() && name.chars().all(is_plain) {
        return to.write_str(name);
    }
    write(to, name)
}
