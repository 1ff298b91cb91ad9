//! The options of the siege's command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::hostile;

/// Settings of a siege.
#[derive(Debug)]
pub(super) struct Options {
    /// A minute in all, gentler, on a debug build: for CI, which asks what was lost and not how long it took.
    pub(super) smoke: bool,
    /// True if nginx is besieged as well.
    pub(super) nginx: bool,
    /// How long it is quiet first.
    pub(super) quiet: Duration,
    /// How long the siege lasts.
    pub(super) siege: Duration,
    /// The dashcam to besiege; the one of this tree if there is none.
    pub(super) program: Option<PathBuf>,
    /// The kinds of hostile clients; empty means all.
    pub(super) only: Vec<String>,
}

impl Options {
    pub(super) fn read(words: &[&str]) -> Result<Self> {
        let smoke = words.contains(&"--smoke");
        let (quiet, siege) = if smoke { (5, 12) } else { (20, 40) };
        let mut options = Self {
            smoke,
            nginx: true,
            quiet: Duration::from_secs(quiet),
            siege: Duration::from_secs(siege),
            program: None,
            only: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().copied().with_context(|| format!("{word} needs a value"));
            match *word {
                "--smoke" => {}
                "--no-nginx" => options.nginx = false,
                "--seconds" => options.siege = Duration::from_secs(value()?.parse().context("--seconds")?),
                "--dashcam" => options.program = Some(value()?.into()),
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                other => bail!("the siege knows no {other}"),
            }
        }
        let names = hostile::KINDS.map(|kind| kind.name);
        if let Some(unknown) = options.only.iter().find(|only| !names.contains(&only.as_str())) {
            bail!("there is no kind {unknown}; there are {}", names.join(", "));
        }
        Ok(options)
    }

    /// The scaled number of `count` clients or actions a second.
    pub(super) fn scaled(&self, count: u32) -> u32 {
        if self.smoke { (count / 4).max(1) } else { count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_settings() {
        let options =
            Options::read(&["--smoke", "--no-nginx", "--seconds", "3", "--only", "junk,half-heads"]).unwrap();
        assert_eq!((options.smoke, options.nginx, options.siege.as_secs()), (true, false, 3));
        assert_eq!(options.only, ["junk", "half-heads"]);
        for bad in [&["--only", "friends"][..], &["--fast"], &["--seconds"]] {
            Options::read(bad).unwrap_err();
        }
    }
}
