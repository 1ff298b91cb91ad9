//! Bytes as scripts write them, and what is expected where not every byte is known.

use anyhow::{Context as _, Result, bail, ensure};

/// The names that a script's bytes may refer to.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The origin's authority: `{host}`.
    pub(crate) host: String,
}

/// Expected bytes: known ones, or some of a line that nobody can know (`None`).
pub(crate) type Expected = Vec<Option<u8>>;

/// How received bytes compare with expected ones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// All of them are there, up to this many received.
    Whole(usize),
    /// So far they agree.
    SoFar,
    /// They differ from this received byte on.
    Differ(usize),
}

/// Reads `text` with its escapes: `\r \n \t \0 \\ \xHH`, `{host}`, `{N*text}` for repetition, `{any}` for one
/// or more bytes of a line, `{{` for a brace.
pub(crate) fn read(text: &str, names: &Names) -> Result<Expected> {
    let mut out = Expected::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' => rest = escape(rest, &mut out).with_context(|| format!("in {text}"))?,
            '{' if rest.starts_with('{') => {
                rest = &rest[1..];
                out.push(Some(b'{'));
            }
            '{' => {
                let (inside, behind) = rest.split_once('}').with_context(|| format!("no }} in {text}"))?;
                rest = behind;
                braces(inside, names, &mut out)?;
            }
            other => out.extend(other.to_string().bytes().map(Some)),
        }
    }
    Ok(out)
}

/// Like [`read`], for bytes that are sent.
pub(crate) fn known(text: &str, names: &Names) -> Result<Vec<u8>> {
    let bytes = read(text, names)?;
    bytes.into_iter().collect::<Option<_>>().context("{any} stands only where bytes are expected")
}

fn escape<'t>(rest: &'t str, out: &mut Expected) -> Result<&'t str> {
    let kind = rest.chars().next().context("a backslash at the end")?;
    let byte = match kind {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '0' => 0,
        '\\' => b'\\',
        'x' => {
            let digits = rest.get(1..3).context("two digits belong behind \\x")?;
            out.push(Some(u8::from_str_radix(digits, 16)?));
            return Ok(&rest[3..]);
        }
        _ => bail!("no escape: \\{kind}"),
    };
    out.push(Some(byte));
    Ok(&rest[1..])
}

fn braces(inside: &str, names: &Names, out: &mut Expected) -> Result<()> {
    if inside == "any" {
        out.push(None);
    } else if inside == "host" {
        out.extend(names.host.bytes().map(Some));
    } else {
        let (count, what) = inside.split_once('*').with_context(|| format!("nothing named {{{inside}}}"))?;
        let what = read(what, names)?;
        ensure!(!what.is_empty(), "nothing to repeat in {{{inside}}}");
        for _ in 0..count.parse::<usize>()? {
            out.extend_from_slice(&what);
        }
    }
    Ok(())
}

/// Compares what was received with what is expected.
pub(crate) fn compare(expected: &[Option<u8>], received: &[u8]) -> Match {
    let mut at = 0;
    for (index, byte) in expected.iter().copied().enumerate() {
        match (byte, received.get(at)) {
            (_, None) => return Match::SoFar,
            (Some(byte), Some(found)) if byte == *found => at += 1,
            (Some(_), Some(_)) => return Match::Differ(at),
            (None, Some(_)) => {
                // As many as there are before what is expected next.
                let next = expected.get(index + 1).copied().flatten();
                let line = &received[at..];
                let stop = |byte: &u8| Some(*byte) == next || *byte == b'\n';
                match line.iter().skip(1).position(stop) {
                    Some(length) => at += length + 1,
                    None if next.is_none() => at = received.len(),
                    None => return Match::SoFar,
                }
            }
        }
    }
    Match::Whole(at)
}

/// `bytes` so that one sees each of them, a line each.
pub(crate) fn show(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n\n"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
    }
    if bytes.len() > 6000 { format!("{}…", out.chars().take(3000).collect::<String>()) } else { out }
}

/// Where two byte strings part, readably.
pub(crate) fn diff(expected: &[Option<u8>], received: &[u8], at: usize) -> String {
    let plain: Vec<u8> = expected.iter().map(|byte| byte.unwrap_or(b'*')).collect();
    let mark = |text: String| text.lines().map(|line| format!("    | {line}\n")).collect::<String>();
    format!(
        "  expected:\n{}  received:\n{}  (they differ at received byte {at}: {:?})\n",
        mark(show(&plain)),
        mark(show(received)),
        show(&received[at.min(received.len())..received.len().min(at + 24)]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_as_scripts_write_them() {
        let names = Names { host: "h:1".to_owned() };
        assert_eq!(known("a\\r\\n\\x00\\\\{{{host}{3*ab}", &names).unwrap(), b"a\r\n\0\\{h:1ababab");
        assert!(known("{any}", &names).is_err() && known("\\q", &names).is_err());
        let expected = read("Date: {any}\\r\\nX", &names).unwrap();
        assert_eq!(compare(&expected, b"Date: today\r\nX"), Match::Whole(14));
        assert_eq!(compare(&expected, b"Date: today\r\n"), Match::SoFar);
        assert_eq!(compare(&expected, b"Date: today\r\nY"), Match::Differ(13));
    }
}
