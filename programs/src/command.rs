//! Command lines: names of programs, and as much of their arguments as may be kept.
//!
//! Arguments have passwords in them, and nobody can tell which ones. So unless they are asked for whole, no value is kept:
//! there are the program, the script that an interpreter runs, and the names of options, and `…` for all else.

use std::path::Path;

/// The part of programs' arguments that is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arguments {
    /// Names of options and scripts.
    #[default]
    Hidden,
    /// All of them.
    Whole,
}

/// Programs whose first argument that is no option is a program itself.
const INTERPRETERS: [&str; 16] = [
    "python", "pypy", "node", "nodejs", "deno", "bun", "ruby", "perl", "php", "lua", "sh", "bash", "dash",
    "zsh", "java", "dotnet",
];
/// Options of theirs behind which a program stands in place of a file: a module, an archive of classes.
const NAMED_BY: [&str; 2] = ["-m", "-jar"];
/// Letters of options of theirs behind which the program itself stands, or arguments without one: texts that may say
/// anything.
const TEXT_BEHIND: [char; 8] = ['c', 'e', 'E', 'r', 'p', 's', 'B', 'R'];
/// The kernel keeps so many bytes of a process's name.
const COMM: usize = 15;

/// The name that a user would call a program by. `comm` is the name that the kernel keeps: the file that was started, which
/// is a script's where one was, but cut, and changed by some programs at will.
pub(crate) fn name(comm: &str, path: Option<&str>, line: &[String]) -> String {
    let path = path.map(|path| path.strip_suffix(" (deleted)").unwrap_or(path));
    let mut files = path.into_iter().chain(line.iter().take(2).map(String::as_str)).map(file_name);
    // One with white space is a title that the program wrote.
    match files.find(|file| !comm.is_empty() && file.starts_with(comm) && !file.contains(' ')) {
        Some(file) if comm.len() >= COMM => file.to_owned(),
        Some(_) => comm.to_owned(),
        None => path.map_or_else(|| comm.to_owned(), |path| file_name(path).to_owned()),
    }
}

/// A command line with as much of its arguments as `arguments` says.
pub(crate) fn shown(line: &[String], arguments: Arguments) -> String {
    let Some((program, rest)) = line.split_first() else { return String::new() };
    if arguments == Arguments::Whole {
        return line.iter().map(|part| quoted(part)).collect::<Vec<_>>().join(" ");
    }
    // A program that writes its title puts all of it into the first argument.
    let program = program.split_whitespace().next().unwrap_or_default();
    let mut parts = vec![program.to_owned()];
    let mut script = if is_interpreter(program) { Script::Next } else { Script::None };
    for part in rest {
        let shown = match (script, part.strip_prefix('-')) {
            (Script::Named, _) | (Script::Next, None) => {
                script = Script::None;
                quoted(part)
            }
            (_, None) => {
                script = Script::None;
                "…".to_owned()
            }
            (_, Some(option)) => {
                script = script.behind(part, option);
                shown_option(part, option)
            }
        };
        // A row of hidden ones says no more than one.
        if shown != "…" || parts.last().is_some_and(|last| last != "…") {
            parts.push(shown);
        }
    }
    parts.join(" ")
}

/// Where the program that an interpreter runs is in its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// The next argument is it, whatever it looks like.
    Named,
    /// The next argument that is no option is it.
    Next,
    /// The next argument that is no option may be an option's value.
    Unsure,
    /// It was there, or there is none.
    None,
}

impl Script {
    /// Where it is behind the option `part`, which is a dash and `behind_dash`.
    fn behind(self, part: &str, behind_dash: &str) -> Self {
        let takes_text = match behind_dash.strip_prefix('-') {
            Some(long) => !long.contains('='),
            None => behind_dash.contains(TEXT_BEHIND),
        };
        match self {
            Self::Next | Self::Unsure if NAMED_BY.contains(&part) => Self::Named,
            Self::Next if takes_text => Self::Unsure,
            same => same,
        }
    }
}

/// The name of an option: what stands behind `=`, or behind the letter of a short one, may be its value.
fn shown_option(part: &str, behind_dash: &str) -> String {
    if NAMED_BY.contains(&part) {
        return part.to_owned();
    }
    if let Some(long) = behind_dash.strip_prefix('-') {
        return match long.split_once('=') {
            Some((name, _)) => format!("--{name}=…"),
            None => part.to_owned(),
        };
    }
    let mut letters = behind_dash.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), Some(_)) => format!("-{letter}…"),
        _ => part.to_owned(),
    }
}

/// Names with versions behind them count as well: `python3.11`.
fn is_interpreter(program: &str) -> bool {
    let name = file_name(program).trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    INTERPRETERS.contains(&name)
}

/// An argument as a shell would take it.
fn quoted(part: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "-_./:=,+@%".contains(char);
    if !part.is_empty() && part.chars().all(is_plain) {
        return part.to_owned();
    }
    format!("'{}'", part.replace('\'', "'\\''"))
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    #[test]
    fn names_are_those_that_users_know() {
        for (comm, path, command, expect) in [
            ("curl", "/usr/bin/curl", "curl|-s|http://a", "curl"),
            ("python3", "/usr/bin/python3.11", "python3|manage.py", "python3"),
            ("pip", "/usr/bin/python3.11", "/usr/bin/python3|/usr/bin/pip|install|x", "pip"),
            ("node-MainThread", "/usr/bin/node", "node|app.js", "node"),
            ("a-very-long-nam", "/opt/a-very-long-name", "a-very-long-name", "a-very-long-name"),
            ("gunicorn: worke", "/usr/bin/python3.11", "gunicorn: worker [app]", "python3.11"),
            ("app", "/opt/app (deleted)", "app", "app"),
            ("renamed", "/opt/app (deleted)", "x", "app"),
        ] {
            assert_eq!(name(comm, Some(path), &line(command)), expect, "{comm}");
        }
        assert_eq!(name("secret", None, &[]), "secret");
    }

    #[test]
    fn no_value_of_an_argument_is_kept() {
        for (command, expect) in [
            ("curl|-sS|-u|me:pw|-H|Authorization: x|https://u:p@a/?token=y", "curl -s… -u … -H …"),
            ("mysql|-psecret|--password=secret|--host|db", "mysql -p… --password=… --host …"),
            (
                "/usr/bin/python3.11|-u|manage.py|runserver|--key=k",
                "/usr/bin/python3.11 -u manage.py … --key=…",
            ),
            ("python3|-m|http.server|8000", "python3 -m http.server …"),
            ("python3|-c|print('secret')", "python3 -c …"),
            ("node|-e|secret", "node -e …"),
            ("node|--eval|secret", "node --eval …"),
            ("node|--enable-source-maps=x|app.js|secret", "node --enable-source-maps=… app.js …"),
            ("bash|-lc|secret", "bash -l… …"),
            ("bash|-s|secret", "bash -s …"),
            ("perl|-ne|secret|-m|secret", "perl -n… … -m …"),
            ("java|-Dkey=secret|-jar|app.jar|secret", "java -D… -jar app.jar …"),
            ("/usr/bin/ruby|my script.rb", "/usr/bin/ruby 'my script.rb'"),
            ("nginx: worker process secret", "nginx:"),
            ("git|push|secret", "git …"),
            ("a|-|--|b", "a - -- …"),
            ("", ""),
        ] {
            assert_eq!(shown(&line(command), Arguments::Hidden), expect, "{command}");
        }
        assert_eq!(shown(&[], Arguments::Hidden), "");
    }

    #[test]
    fn all_of_it_is_kept_where_that_was_asked_for() {
        let whole = shown(&line("curl|-H|a: it's|http://a/?b=c"), Arguments::Whole);
        assert_eq!(whole, r"curl -H 'a: it'\''s' 'http://a/?b=c'");
    }
}
