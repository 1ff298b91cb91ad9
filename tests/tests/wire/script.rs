//! Reads scripts. Their format is described in `tests/wire/README.md`.

use anyhow::{Context as _, Result, bail, ensure};

/// A case.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: String,
    /// Besides the direct one and the one in a tunnel.
    pub(crate) ways: Vec<String>,
    /// The outcome that the record must have.
    pub(crate) record: Record,
    /// True if each side's bytes are stated for the other side, instead of being the same.
    pub(crate) explicit: bool,
    /// Why nginx is expected to fail.
    pub(crate) nginx_fails: Option<String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    /// Every exchange is compared with what passed.
    Complete,
    /// The last exchange is in this state.
    State(String),
    /// The case says nothing about it.
    Unchecked,
}

/// One end of the conversation, by its side and the number of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    pub(crate) is_client: bool,
    pub(crate) number: usize,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) party: Party,
    pub(crate) act: Act,
    /// The bytes that the other side sees instead, by way.
    pub(crate) instead: Vec<Instead>,
}

#[derive(Debug)]
pub(crate) struct Instead {
    pub(crate) way: String,
    pub(crate) text: String,
    pub(crate) because: String,
}

#[derive(Debug)]
pub(crate) enum Act {
    Send(String),
    /// Expects these bytes next.
    Expect(String),
    /// Expects all that the other side has sent.
    Wait,
    /// Closes the writing half.
    End,
    Close,
    Reset,
    /// Expects that the other side's bytes end, as `end`, `reset` or either (`break`).
    Sees(String),
}

impl Script {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self> {
        let mut script = Self {
            name: name.to_owned(),
            ways: vec![],
            record: Record::Complete,
            explicit: false,
            nginx_fails: None,
            steps: vec![],
        };
        for (index, line) in text.lines().enumerate() {
            script.line(index + 1, line).with_context(|| format!("{name}:{}: {line}", index + 1))?;
        }
        for step in &script.steps {
            let unexplained = step.instead.iter().find(|instead| instead.because.is_empty());
            ensure!(unexplained.is_none(), "{name}:{}: a difference without a reason", step.line);
        }
        ensure!(!script.steps.is_empty(), "{name} has no steps");
        Ok(script)
    }

    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(more) = line.strip_prefix("  ") {
            return self.difference(more.trim_start());
        }
        if let Some(ways) = line.strip_prefix("ways: ") {
            self.ways = ways.split_whitespace().map(str::to_owned).collect();
            return Ok(());
        }
        if let Some(record) = line.strip_prefix("record: ") {
            self.record = match record {
                "unchecked" => Record::Unchecked,
                state => Record::State(state.to_owned()),
            };
            return Ok(());
        }
        if let Some(why) = line.strip_prefix("nginx fails: ") {
            self.nginx_fails = Some(why.to_owned());
            return Ok(());
        }
        if line == "flow: explicit" {
            self.explicit = true;
            return Ok(());
        }
        let step = step(number, line)?;
        // Lines of one side, one after another, are one write.
        if let (Act::Send(more), Some(Step { act: Act::Send(text), party, instead, .. })) =
            (&step.act, self.steps.last_mut())
            && *party == step.party
            && instead.is_empty()
        {
            text.push_str(more);
            return Ok(());
        }
        self.steps.push(step);
        Ok(())
    }

    /// Reads a difference on some way, with its reason.
    fn difference(&mut self, line: &str) -> Result<()> {
        let step = self.steps.last_mut().context("a difference belongs to a step")?;
        if let Some(why) = line.strip_prefix("because ") {
            let mut unexplained = step.instead.iter_mut().filter(|instead| instead.because.is_empty());
            let first = unexplained.next().context("a reason without a difference")?;
            why.clone_into(&mut first.because);
            unexplained.for_each(|other| why.clone_into(&mut other.because));
            return Ok(());
        }
        let (way, text) = line.split_once('<').context("neither a difference nor a reason")?;
        ensure!(["dashcam", "reverse", "tls", "nginx"].contains(&way), "no way: {way}");
        let text = text.strip_prefix(' ').unwrap_or(text);
        match step.instead.last_mut() {
            Some(last) if last.way == way && last.because.is_empty() => last.text.push_str(text),
            _ => step.instead.push(Instead {
                way: way.to_owned(),
                text: text.to_owned(),
                because: String::new(),
            }),
        }
        Ok(())
    }
}

fn step(line: usize, text: &str) -> Result<Step> {
    let end = text.find(['>', '<', ' ']).context("neither a setting nor a step")?;
    let (who, rest) = text.split_at(end);
    let side = who.trim_end_matches(|char: char| char.is_ascii_digit());
    let number = if side == who { 1 } else { who[side.len()..].parse()? };
    let is_client = match side {
        "client" => true,
        "origin" => false,
        _ => bail!("no side: {side}"),
    };
    let bytes = |rest: &str| rest.strip_prefix(' ').unwrap_or(rest).to_owned();
    let act = match rest.split_at(1) {
        (">", rest) => Act::Send(bytes(rest)),
        ("<", rest) => Act::Expect(bytes(rest)),
        (_, "waits") => Act::Wait,
        (_, "ends") => Act::End,
        (_, "closes") => Act::Close,
        (_, "resets") => Act::Reset,
        (_, "sees end") => Act::Sees("end".to_owned()),
        (_, "sees reset") => Act::Sees("reset".to_owned()),
        (_, "sees break") => Act::Sees("break".to_owned()),
        (_, other) => bail!("no step: {other}"),
    };
    Ok(Step { line, party: Party { is_client, number }, act, instead: vec![] })
}
