//! The notation of paths: RFC 9535's, without filters, slices and unions.

/// The steps from a document's root to a value.
pub(crate) type Path = Vec<Step>;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// True behind `..`: any number of steps may come before it.
    pub(crate) anywhere: bool,
    /// Where it leads.
    pub(crate) to: To,
}

/// The values that one step leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum To {
    /// The member of this name.
    Member(String),
    /// The element of this number.
    Element(usize),
    /// All members or elements.
    Any,
}

/// Reads a path; an error says what to write instead.
pub(crate) fn parse(text: &str) -> Result<Path, String> {
    let Some(mut rest) = text.strip_prefix('$') else {
        return Err(format!("`{text}` is no path: write `$..{}`", text.trim_start_matches('.')));
    };
    let mut path = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = step(rest).ok_or_else(|| {
            format!(
                "`{text}` can't be read from `{rest}` on: write `.name`, `..name`, `[*]`, `[0]` or `['name']`"
            )
        })?;
        path.push(step);
        rest = behind;
    }
    if path.is_empty() {
        return Err("`$` is the whole document: write a path to a value, as `$.user.password`".to_owned());
    }
    Ok(path)
}

fn step(text: &str) -> Option<(Step, &str)> {
    let (anywhere, rest) = match text.strip_prefix("..") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (to, rest) = if let Some(inside) = rest.strip_prefix('[') {
        bracketed(inside)?
    } else {
        named(if anywhere { rest } else { rest.strip_prefix('.')? })?
    };
    Some((Step { anywhere, to }, rest))
}

/// A name up to the next step.
fn named(text: &str) -> Option<(To, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let to = match name {
        "" => return None,
        "*" => To::Any,
        _ if name.contains(['\'', '"', ']', '(', ')', '?', ' ']) => return None,
        _ => To::Member(name.to_owned()),
    };
    Some((to, rest))
}

/// All that may stand behind `[`.
fn bracketed(text: &str) -> Option<(To, &str)> {
    if let Some(quote) = text.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let (name, rest) = text[1..].split_once(quote)?;
        return Some((To::Member(name.to_owned()), rest.strip_prefix(']')?));
    }
    let (inside, rest) = text.split_once(']')?;
    let to = if inside == "*" { To::Any } else { To::Element(inside.parse().ok()?) };
    Some((to, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_paths_say_what_to_write() {
        let check = |text: &str, expect: &str| {
            let fault = parse(text).unwrap_err();
            assert!(fault.contains(expect), "{text}: {fault}");
        };
        check("password", "write `$..password`");
        check("$", "a path to a value");
        check("$.", "from `.` on");
        check("$.a[?(@.b)]", "from `[?(@.b)]` on");
        check("$.a[1:2]", "from `[1:2]` on");
        check("$.a[-1]", "from `[-1]` on");
        check("$a", "from `a` on");
        check("$.a['b]", "from `['b]` on");
        check("$...a", "from `...a` on");
    }

    #[test]
    fn steps_are_read() {
        let member = |anywhere, name: &str| Step { anywhere, to: To::Member(name.to_owned()) };
        assert_eq!(parse("$..card").unwrap(), [member(true, "card")]);
        assert_eq!(parse("$..['a.b']").unwrap(), [member(true, "a.b")]);
        assert_eq!(
            parse("$.items[*][0].*").unwrap(),
            [
                member(false, "items"),
                Step { anywhere: false, to: To::Any },
                Step { anywhere: false, to: To::Element(0) },
                Step { anywhere: false, to: To::Any },
            ]
        );
    }
}
