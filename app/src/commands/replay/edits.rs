//! Fields that are given on the command line, with values from the environment.

use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};

use crate::cli::ReplayArgs;

/// The edits of every request that is sent again; `None` if there are none.
///
/// # Errors
/// When a field can't be read, or names a variable that is not set.
pub(super) fn edits(args: &ReplayArgs) -> Result<Option<Value>> {
    let fields = args.with_header.iter().map(|text| field(text, |name| std::env::var(name).ok()));
    let fields: Vec<(String, String)> = fields.collect::<Result<_>>()?;
    let mut edits = json!({});
    if !fields.is_empty() {
        edits["set_headers"] = json!(fields);
    }
    if args.redacted {
        edits["unseal"] = json!(false);
    }
    Ok(edits.as_object().is_some_and(|edits| !edits.is_empty()).then_some(edits))
}

/// `NAME: VALUE`, with variables in the value.
fn field(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<(String, String)> {
    let (name, value) = text.split_once(':').ok_or_else(|| {
        anyhow!("--with-header is NAME: VALUE, such as 'Authorization: Bearer $TOKEN' in single quotes")
    })?;
    Ok((name.trim().to_owned(), expanded(value.trim(), variable)?))
}

/// `text` with the values of variables in the places of `$NAME` and `${NAME}`; `$$` is a dollar. Errors name variables, and
/// nothing of the text, which may be a secret.
fn expanded(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        let (name, after) = match behind.strip_prefix('{') {
            Some(inside) => {
                inside.split_once('}').ok_or_else(|| anyhow!("--with-header: ${{ has no }} behind it"))?
            }
            None => {
                let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
                behind.split_at(behind.find(|character| !is_of_name(character)).unwrap_or(behind.len()))
            }
        };
        if let (true, Some(after)) = (name.is_empty(), behind.strip_prefix('$')) {
            out.push('$');
            rest = after;
            continue;
        }
        if name.is_empty() {
            bail!("--with-header: a $ stands before the name of a variable; write $$ for a dollar");
        }
        let value = variable(name).ok_or_else(|| {
            anyhow!("--with-header: the variable {name} is not set: export it, or write $$ for a dollar")
        })?;
        out.push_str(value.trim_end_matches('\n'));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String)> {
        field(text, |name| (name == "TOKEN").then(|| "abc\n".to_owned()))
    }

    #[test]
    fn values_come_from_the_environment() {
        for (text, expect) in [
            ("Authorization: Bearer $TOKEN", "Bearer abc"),
            ("X: ${TOKEN}d $TOKEN.", "abcd abc."),
            ("X:literal: 1", "literal: 1"),
            ("X: a$$b $$TOKEN", "a$b $TOKEN"),
            ("X:", ""),
        ] {
            assert_eq!(read(text).unwrap().1, expect, "{text}");
        }
        assert_eq!(read(" Authorization : a").unwrap().0, "Authorization");
    }

    #[test]
    fn what_is_missing_is_named_and_values_are_not() {
        for (text, expect) in [
            ("Authorization", "NAME: VALUE"),
            ("X: hunter2 $NONE", "variable NONE is not set"),
            ("X: hunter2 ${TOKEN", "no }"),
            ("X: hunter2 $", "$$ for a dollar"),
            ("X: hunter2 ${}", "$$ for a dollar"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expect) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
