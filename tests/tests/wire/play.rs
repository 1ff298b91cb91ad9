//! Plays a script on one way: each side acts in its turn, and what it receives is held against what it must.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::time::timeout;

use crate::bytes::{self, Expected, Match, Names};
use crate::script::{Act, Party, Script, Step};
use crate::way::{ScriptedOrigin, Way, Wire};

/// All that one connection's end has sent, and received.
#[derive(Default, Debug)]
pub(crate) struct Passed {
    pub(crate) sent: Vec<u8>,
    pub(crate) received: Vec<u8>,
}

struct End {
    wire: Wire,
    passed: Passed,
    expected: Expected,
}

/// A script on its way.
struct Play<'a> {
    script: &'a Script,
    way: &'a Way<'a>,
    origin: &'a ScriptedOrigin,
    names: Names,
    patience: Duration,
    ends: HashMap<Party, End>,
    /// The bytes that ends without a connection yet must receive.
    early: HashMap<Party, Expected>,
}

/// Plays `script` and gives what passed.
pub(crate) async fn play(
    script: &Script,
    way: &Way<'_>,
    origin: &ScriptedOrigin,
    patience: Duration,
) -> Result<HashMap<Party, Passed>> {
    let names = Names { host: origin.host() };
    let (ends, early) = (HashMap::new(), HashMap::new());
    let mut play = Play { script, way, origin, names, patience, ends, early };
    for step in &script.steps {
        play.step(step).await.with_context(|| {
            format!("{} ({}), line {}: {:?} {:?}", script.name, way.name(), step.line, step.party, step.act)
        })?;
    }
    play.finish().await.with_context(|| format!("{} ({}), at its end", script.name, way.name()))?;
    Ok(play.ends.into_iter().map(|(party, end)| (party, end.passed)).collect())
}

impl Play<'_> {
    async fn step(&mut self, step: &Step) -> Result<()> {
        let instead = self.instead(step);
        let other = Party { is_client: !step.party.is_client, ..step.party };
        match &step.act {
            Act::Send(text) => {
                let sent = bytes::known(text, &self.names)?;
                if !self.script.explicit {
                    let seen = bytes::read(instead.unwrap_or(text), &self.names)?;
                    self.expected(other).extend(seen);
                }
                let end = self.end(step.party).await?;
                end.passed.sent.extend_from_slice(&sent);
                end.wire.write(&sent).await.context("it cannot be sent")
            }
            Act::Expect(text) => {
                let expected = bytes::read(instead.unwrap_or(text), &self.names)?;
                self.expected(step.party).extend(expected);
                self.wait(step.party).await
            }
            Act::Wait => self.wait(step.party).await,
            Act::End | Act::Close => {
                let seen = bytes::read(instead.unwrap_or_default(), &self.names)?;
                self.expected(other).extend(seen);
                let wire = &mut self.end(step.party).await?.wire;
                if matches!(step.act, Act::End) { Ok(wire.end().await?) } else { wire.close().await }
            }
            Act::Reset => self.end(step.party).await?.wire.reset(),
            Act::Sees(how) => {
                let how = instead.unwrap_or(how).to_owned();
                self.sees(step.party, &how).await
            }
        }
    }

    /// The case's own text for this way.
    fn instead<'s>(&self, step: &'s Step) -> Option<&'s str> {
        let of = |named: &str| step.instead.iter().find(|instead| instead.way == named);
        let own = of(self.way.name());
        let found = own.or_else(|| of("dashcam").filter(|_| self.way.is("dashcam")));
        found.map(|instead| instead.text.as_str())
    }

    fn expected(&mut self, party: Party) -> &mut Expected {
        match self.ends.get_mut(&party) {
            Some(end) => &mut end.expected,
            None => self.early.entry(party).or_default(),
        }
    }

    /// The connection's end; it is opened, or accepted, when it is needed.
    async fn end(&mut self, party: Party) -> Result<&mut End> {
        if !self.ends.contains_key(&party) {
            let open = async {
                if party.is_client { self.way.connect(self.origin).await } else { self.origin.accept().await }
            };
            let wire = timeout(self.patience, open).await.context("no connection in time")??;
            let expected = self.early.remove(&party).unwrap_or_default();
            self.ends.insert(party, End { wire, passed: Passed::default(), expected });
        }
        self.ends.get_mut(&party).context("it was just inserted")
    }

    async fn wait(&mut self, party: Party) -> Result<()> {
        let patience = self.patience;
        let end = self.end(party).await?;
        loop {
            let End { wire, passed, expected } = end;
            match bytes::compare(expected, &passed.received) {
                Match::Whole(length) if length == passed.received.len() => return Ok(()),
                Match::Whole(at) => bail!("more came:\n{}", bytes::diff(expected, &passed.received, at)),
                Match::Differ(at) => bail!("\n{}", bytes::diff(expected, &passed.received, at)),
                Match::SoFar => {}
            }
            let read = timeout(patience, wire.read(&mut passed.received)).await;
            let at = passed.received.len();
            match read {
                Ok(Ok(read)) if read > 0 => {}
                Ok(ended) => bail!("it ended ({ended:?}):\n{}", bytes::diff(expected, &passed.received, at)),
                Err(_) => bail!("it hangs:\n{}", bytes::diff(expected, &passed.received, at)),
            }
        }
    }

    /// Checks that nothing but what is expected comes, and then the end.
    async fn sees(&mut self, party: Party, how: &str) -> Result<()> {
        self.wait(party).await?;
        let patience = self.patience;
        let End { wire, passed, expected } = self.end(party).await?;
        let before = passed.received.len();
        let read = timeout(patience, wire.read(&mut passed.received)).await.context("it does not end")?;
        let seen = match read {
            Ok(0) => "end",
            Ok(_) => bail!("more came:\n{}", bytes::diff(expected, &passed.received, before)),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => "reset",
            Err(error) => bail!("it broke otherwise: {error}"),
        };
        ensure!(how == "break" || how == seen, "it saw its {seen}, not its {how}");
        Ok(())
    }

    /// All that was sent has come, and no more.
    async fn finish(&mut self) -> Result<()> {
        let left: Vec<_> =
            self.early.iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(party, _)| *party).collect();
        let parties: Vec<_> = self.ends.keys().copied().chain(left).collect();
        for party in parties {
            let is_gone = self.ends.get(&party).is_some_and(|end| matches!(end.wire, Wire::Gone));
            if !is_gone {
                self.wait(party).await.with_context(|| format!("{party:?}"))?;
            }
        }
        ensure!(self.origin.is_alone().await, "the origin has one more connection");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_differs_or_hangs_is_found() -> Result<()> {
        for (text, found) in [
            ("flow: explicit\nclient> ab\norigin< ab", None),
            ("flow: explicit\nclient> ab\norigin< ac", Some("differ at received byte 1")),
            ("flow: explicit\nclient> ab\norigin< a", Some("more came")),
            ("flow: explicit\nclient> ab\norigin< abc", Some("hangs")),
            ("flow: explicit\nclient> ab\nclient closes\norigin< abc", Some("it ended")),
            ("client> ab\norigin waits\nclient closes\norigin sees end", None),
            ("client> ab\norigin waits\nclient closes\norigin sees reset", Some("not its reset")),
            ("client> ab\norigin waits\nclient resets\norigin sees end", Some("not its end")),
            ("client> ab\norigin waits\norigin sees end", Some("does not end")),
            ("flow: explicit\nclient> ab\norigin< ab\nclient2> c", Some("one more connection")),
        ] {
            let script = Script::parse("inline", text)?;
            let origin = ScriptedOrigin::bind(false).await?;
            let played = play(&script, &Way::Direct, &origin, Duration::from_millis(300)).await;
            let error = played.err().map(|error| format!("{error:#}"));
            match (found, &error) {
                (None, None) => {}
                (Some(found), Some(error)) if error.contains(found) => {}
                _ => bail!("{text}\nwanted {found:?}, got {error:?}"),
            }
        }
        Ok(())
    }
}
