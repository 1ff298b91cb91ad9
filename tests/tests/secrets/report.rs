//! The secrets that were found where none may be, and the texts that were hurt, a line each kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use dashcam_tests::binary;

use crate::run::Corpus;

/// The bytes that are shown around a find.
const AROUND: usize = 50;

/// All finds.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Secrets: by the exchange and the kind, the places and an example.
    leaks: BTreeMap<(String, String), (Vec<String>, String)>,
    /// Texts: by the exchange and the place, the expected one and the one that was there.
    hurt: BTreeMap<(String, String), (String, String)>,
    /// Bytes that were looked through.
    looked: u64,
}

impl Report {
    /// Looks for every secret in `bytes`.
    pub(crate) fn look(&mut self, place: &str, bytes: &[u8], corpus: &Corpus) {
        self.looked += bytes.len() as u64;
        for found in corpus.search.find(bytes) {
            let (number, kind) = &corpus.secrets[found.secret];
            let around = &bytes[found.at.saturating_sub(AROUND)..(found.at + AROUND).min(bytes.len())];
            let key = (corpus.name(*number), kind.clone());
            let (places, _) =
                self.leaks.entry(key).or_insert_with(|| (Vec::new(), around.escape_ascii().to_string()));
            if !places.iter().any(|known| known == place) {
                places.push(place.to_owned());
            }
        }
    }

    /// Notes a text that is not as it was.
    pub(crate) fn hurt(&mut self, name: String, place: &str, expected: &str, got: &str) {
        self.hurt.entry((name, place.to_owned())).or_insert_with(|| (expected.to_owned(), got.to_owned()));
    }

    /// Fails if there is anything in it; the whole of it is in a file below the target folder.
    pub(crate) fn finish(self, name: &str) -> Result<()> {
        let folder = binary::target().join("secrets");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{name}.md"));
        let mut text = format!("{} bytes looked through\n\n", self.looked);
        for ((case, kind), (places, example)) in &self.leaks {
            writeln!(text, "- LEAK {kind} | {case} | {} | `{example}`", places.join(", "))?;
        }
        for ((case, place), (expected, got)) in &self.hurt {
            writeln!(text, "- HURT {case} | {place} | expected `{expected}` | got `{got}`")?;
        }
        std::fs::write(&file, text)?;
        let (leaks, hurt) = (self.leaks.len(), self.hurt.len());
        ensure!(leaks + hurt == 0, "{leaks} secrets leaked, {hurt} texts were hurt: see {}", file.display());
        Ok(())
    }
}
