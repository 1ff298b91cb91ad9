//! Passwords in commands and in files of theirs that have no sign between name and value: `-p hunter2`,
//! `machine … login … password hunter2`, `config set NAME hunter2`.

use std::ops::Range;

use super::authorization::quoted_or_word;
use super::bytes::{is_word, run};
use super::plausible::is_blank;

/// Bytes of a command that are looked at before an argument.
const BEFORE: usize = 400;

/// Returns whether the word behind `name` is its value, which begins at `value`.
pub(super) fn has_argument(text: &[u8], name: &Range<usize>, value: usize) -> bool {
    let line = line_start(text, name.start);
    let before = text[line..name.start].trim_ascii();
    if text[name.clone()].eq_ignore_ascii_case(b"password") {
        return is_netrc(text, line, before) || text.get(value) == Some(&b'\'') && is_sql(before);
    }
    if text[name.clone()] == *b"PASS" {
        return is_behind_user(text, line, before);
    }
    [&b"configure set"[..], b"config set"].iter().any(|set| before.ends_with(set))
}

/// The rest of `machine HOST login NAME`, on the same line or on lines before.
fn is_netrc(text: &[u8], line: usize, before: &[u8]) -> bool {
    let has_login = |words: &[u8]| {
        let mut words = words.rsplit(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        words.next().is_some() && words.next() == Some(b"login")
    };
    if !before.is_empty() {
        return has_login(before) && (before.starts_with(b"machine ") || before.starts_with(b"default "));
    }
    let Some(end) = line.checked_sub(1) else { return false };
    let above = text[line_start(text, end)..end].trim_ascii();
    let words = above.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).count();
    has_login(above) && (words == 2 || above.starts_with(b"machine "))
}

/// `PASS hunter2`, as FTP, POP3 and IRC have it, not far behind `USER …`: else it is a test that has passed.
fn is_behind_user(text: &[u8], line: usize, before: &[u8]) -> bool {
    let is_user = |line: &[u8]| {
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        words.by_ref().take(2).any(|word| word == b"USER") && words.next().is_some()
    };
    let near = &text[line.saturating_sub(BEFORE)..line];
    before.len() <= 8 && near.split(|byte| *byte == b'\n').rev().take(4).any(is_user)
}

/// `… WITH PASSWORD '…'`
fn is_sql(before: &[u8]) -> bool {
    let last = before.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    ["with", "encrypted", "set"].iter().any(|word| last.eq_ignore_ascii_case(word.as_bytes()))
}

/// The password in the argument of ` -p` at `at`, of programs for which it is one.
pub(super) fn password_argument(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = command_start(text, at);
    let command = &text[start..at];
    let has = |program: &[u8]| has_word(command, program);
    let from = at + b" -p".len();
    let is_attached = !matches!(text.get(from), Some(b' ' | b'=') | None);
    let is_password = if is_attached {
        has(b"sshpass") || has(b"mysql") || has(b"mysqldump") || has(b"mysqladmin") || has(b"mariadb")
    } else {
        has(b"sshpass") || has(b"login")
    };
    is_password.then(|| secret(text, from))?
}

/// The password in the argument of `-a` behind `redis-cli` at `at`.
pub(super) fn redis(text: &[u8], at: usize) -> Option<Range<usize>> {
    let end = command_end(text, at);
    let found = memchr::memmem::find(&text[at..end], b" -a ")?;
    secret(text, at + found + b" -a".len())
}

/// The password behind `IDENTIFIED` at `at`: `IDENTIFIED BY '…'`, `IDENTIFIED WITH plugin BY '…'`.
pub(super) fn identified(text: &[u8], at: usize) -> Option<Range<usize>> {
    let end = command_end(text, at).min(at + 80);
    let by = text[at..end].windows(4).position(|four| four.eq_ignore_ascii_case(b" BY "))?;
    let quote = at + by + b" BY ".len();
    matches!(text.get(quote), Some(b'\'' | b'"')).then(|| secret(text, quote))?
}

/// The password in `a1 LOGIN name password`, of IMAP; ` LOGIN ` stands at `at`.
pub(super) fn imap(text: &[u8], at: usize) -> Option<Range<usize>> {
    let tag = super::bytes::run_back(text, at, 12, |byte| byte.is_ascii_alphanumeric());
    let has_digit = text[tag..at].iter().any(u8::is_ascii_digit);
    let user = quoted_or_word(text, at + b" LOGIN ".len());
    let from = user.end + usize::from(matches!(text.get(user.end), Some(b'"' | b'\'')));
    let password = quoted_or_word(text, run(text, from, |byte| byte == b' '));
    let is_over = text.get(password.end).is_none_or(|next| matches!(next, b'\r' | b'\n' | b'"' | b'\''));
    let is_secret = password.len() >= 3 && !is_blank(&text[password.clone()]);
    (has_digit && text.get(from) == Some(&b' ') && is_over && is_secret).then_some(password)
}

/// The credential behind ` PLAIN ` at `at`, of SMTP's `AUTH` and IMAP's `AUTHENTICATE`.
pub(super) fn plain(text: &[u8], at: usize) -> Option<Range<usize>> {
    let before = &text[line_start(text, at)..at];
    let from = at + b" PLAIN ".len();
    let end = run(text, from, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let has_end = text.get(end).is_none_or(|next| !next.is_ascii_graphic() || matches!(next, b'"' | b'\\'));
    let is_command = has_word(before, b"AUTH") || has_word(before, b"AUTHENTICATE");
    (is_command && has_end && end - from >= 8 && (end - from).is_multiple_of(4)).then_some(from..end)
}

/// The word at `from`, if it can be a password: ports are none, nor are flags.
fn secret(text: &[u8], from: usize) -> Option<Range<usize>> {
    let value = quoted_or_word(text, run(text, from, |byte| matches!(byte, b' ' | b'=')));
    let word = &text[value.clone()];
    let is_port = word.len() <= 5 && word.iter().all(u8::is_ascii_digit);
    (word.len() >= 4 && !is_port && !word.starts_with(b"-") && !is_blank(word)).then_some(value)
}

/// Returns whether `wanted` stands in `command` as a word of its own.
fn has_word(command: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find_iter(command, wanted).any(|at| {
        let ends = |byte: Option<&u8>| byte.is_none_or(|byte| !is_word(*byte) && *byte != b'-');
        ends(at.checked_sub(1).and_then(|before| command.get(before))) && ends(command.get(at + wanted.len()))
    })
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1)
}

fn ends_command(byte: u8) -> bool {
    matches!(byte, b'\n' | b';' | b'|' | b'&' | b'`')
}

fn command_start(text: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(BEFORE);
    from + text[from..at].iter().rposition(|byte| ends_command(*byte)).map_or(0, |end| end + 1)
}

fn command_end(text: &[u8], at: usize) -> usize {
    let to = text.len().min(at + BEFORE);
    at + text[at..to].iter().position(|byte| ends_command(*byte)).unwrap_or(to - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let check = |text: &str, expect: Option<&str>| {
            let found = match text.find("redis-cli") {
                Some(at) => redis(text.as_bytes(), at),
                None => password_argument(text.as_bytes(), text.find(" -p").unwrap()),
            };
            assert_eq!(found.map(|found| &text[found]), expect, "{text}");
        };
        check("docker login -u ci -p hunter2 registry.example", Some("hunter2"));
        check("sshpass -p 'hunter2 x' ssh a@b", Some("hunter2 x"));
        check("sshpass -phunter2 ssh a@b", Some("hunter2"));
        check("mysqldump -u root -phunter2 app > a.sql", Some("hunter2"));
        check("redis-cli -h cache -a hunter2 PING", Some("hunter2"));
        let check_other = |probe: fn(&[u8], usize) -> Option<Range<usize>>,
                           word: &str,
                           text: &str,
                           expect: Option<&str>| {
            let found = probe(text.as_bytes(), text.find(word).unwrap());
            assert_eq!(found.map(|found| &text[found]), expect, "{text}");
        };
        let sql = |text: &str, expect| check_other(identified, "IDENTIFIED", text, expect);
        sql("CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2';", Some("hunter2"));
        sql("ALTER USER a IDENTIFIED WITH caching_sha2_password BY \"hunter2\"", Some("hunter2"));
        sql("IDENTIFIED BY the inspector, 'foo12'", None);
        let login = |text: &str, expect| check_other(imap, " LOGIN ", text, expect);
        login("C: a1 LOGIN anna hunter2\r\n", Some("hunter2"));
        login("A001 LOGIN \"anna\" \"hunter2\"", Some("hunter2"));
        login("THE LOGIN PAGE HAS MOVED", None);
        login("step1 LOGIN page shows three fields", None);
        let auth = |text: &str, expect| check_other(plain, " PLAIN ", text, expect);
        auth("C: AUTH PLAIN AGFubmEAaHVudGVyMg==\r\n", Some("AGFubmEAaHVudGVyMg=="));
        auth("250 AUTH PLAIN LOGIN CRAM-MD5", None);
        auth("IN PLAIN sight1234", None);
        check("mysql -u root -p app", None);
        check("mkdir -p a/b/c", None);
        check("docker run -p 8080:80 x", None);
        check("login && mkdir -p a/b1c2", None);
        check("ssh login -p 2222", None);
        check("docker login -p $PASSWORD", None);
        check("mysql-client -path", None);
        check("redis-cli -h cache PING; ls -a home", None);
    }
}
