//! Questions to somebody at a terminal.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

use anyhow::{Result, bail};

use crate::terminal::escaped_lines;

/// Asks on the terminal whether to do it: `facts` are shown before `question`. True if the answer is yes.
///
/// # Errors
/// Without a terminal: then --yes has to say it.
pub(crate) async fn confirm(facts: &str, question: &str) -> Result<bool> {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        bail!(
            "{}; nothing was done, as there is no terminal to ask on: add --yes to do it without being asked",
            facts.trim_end().replace('\n', "; ")
        );
    }
    let mut to = stderr().lock();
    to.write_all(escaped_lines(&format!("{facts}{question} [y/N] ")).as_bytes())?;
    to.flush()?;
    drop(to);
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        stdin().read_line(&mut answer).map(|_| answer)
    });
    Ok(is_yes(&answer.await??))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (answer, expect) in [
            ("y\n", true),
            ("Yes\r\n", true),
            ("\n", false),
            ("", false),
            ("n\n", false),
            ("yellow\n", false),
        ] {
            assert_eq!(is_yes(answer), expect, "{answer:?}");
        }
    }
}
