//! Filters on the command line that begin with `-`: `-host:api` excludes, and is no option.

use std::ffi::OsString;

/// The commands that take filters.
const COMMANDS: [&str; 11] =
    ["ls", "tail", "export", "archive", "rm", "replay", "pin", "unpin", "stats", "facets", "preset"];
/// The options before a command that a value follows.
const WITH_VALUE: [&str; 2] = ["--home", "--db"];

/// The same arguments, where a filter's `-host:api` is written `not host:api`, which means the same.
pub(crate) fn with_exclusions(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let Some(command) = command(&arguments) else { return arguments };
    let is_one = COMMANDS.iter().any(|name| arguments[command] == *name);
    for argument in arguments.iter_mut().skip(command + 1).filter(|_| is_one) {
        if argument == "--" {
            break;
        }
        if let Some(excluded) = argument.to_str().and_then(excluded) {
            *argument = format!("not {excluded}").into();
        }
    }
    arguments
}

/// The place of the command's name.
fn command(arguments: &[OsString]) -> Option<usize> {
    let mut place = 1;
    while let Some(argument) = arguments.get(place) {
        if !argument.as_encoded_bytes().starts_with(b"-") {
            return Some(place);
        }
        place += if WITH_VALUE.iter().any(|name| argument == name) { 2 } else { 1 };
    }
    None
}

/// The condition behind a `-` that begins no option: a name and a colon, an operator, a parenthesis or a text in quotes.
fn excluded(argument: &str) -> Option<&str> {
    let rest = argument.strip_prefix('-')?;
    if rest.starts_with(['~', '(', '"']) {
        return Some(rest);
    }
    let (name, _) = rest.split_once(':')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-.".contains(character));
    is_name.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_no_options() {
        for (line, expect) in [
            ("dashcam ls -host:api", "dashcam ls not host:api"),
            ("dashcam ls -n 5 -status:404 host:a", "dashcam ls -n 5 not status:404 host:a"),
            (
                "dashcam --home h --db=x tail -f -res.json.a.0:1",
                "dashcam --home h --db=x tail -f not res.json.a.0:1",
            ),
            ("dashcam rm -~c -(a -\"b", "dashcam rm not ~c not (a not \"b"),
            ("dashcam preset set x -staus:5", "dashcam preset set x not staus:5"),
            // Options, and what belongs to others.
            ("dashcam ls -n5 --json --limit:5", "dashcam ls -n5 --json --limit:5"),
            ("dashcam ls -- -host:api", "dashcam ls -- -host:api"),
            ("dashcam export -o-", "dashcam export -o-"),
            ("dashcam run curl -H:x ls -host:a", "dashcam run curl -H:x ls -host:a"),
            ("dashcam --home ls -m reverse:http://a", "dashcam --home ls -m reverse:http://a"),
            ("dashcam", "dashcam"),
        ] {
            let arguments = with_exclusions(line.split(' ').map(OsString::from));
            assert_eq!(arguments.join(" ".as_ref()).into_string().unwrap(), expect);
        }
    }
}
