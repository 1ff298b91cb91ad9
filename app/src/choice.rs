//! The words with which somebody chooses exchanges: ids, or a filter.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

/// Ids in one filter: a command line may have more than a filter.
const IDS: usize = 500;

/// Exchanges, as they were chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// By their ids.
    Ids(BTreeSet<i64>),
    /// By a filter, which is not empty.
    Filter(String),
}

impl Choice {
    /// Every exchange.
    pub(crate) fn all() -> Self {
        Self::Filter("~all".to_owned())
    }

    /// The choice that `words` make: ids if all of them are numbers, else a filter.
    ///
    /// # Errors
    /// When there is no word, or a number among those of a filter, which could mean either.
    pub(crate) fn of(words: &[String]) -> Result<Self> {
        let filter = words.join(" ");
        if filter.trim().is_empty() {
            bail!(
                "an empty filter chooses every exchange: give ids or a filter; if all are meant, it is ~all"
            );
        }
        let ids: Vec<Option<i64>> = words.iter().map(|word| id(word)).collect();
        if ids.iter().all(Option::is_some) {
            return Ok(Self::Ids(ids.into_iter().flatten().collect()));
        }
        if let Some(at) = ids.iter().position(Option::is_some) {
            let number = &words[at];
            bail!(
                "{number} among the words of a filter may be an exchange or a text: write id:{number}, or {number} in \
                 quotes ('\"{number}\"')"
            );
        }
        Ok(Self::Filter(filter))
    }

    /// Filters that choose the same, together.
    pub(crate) fn filters(&self) -> Vec<String> {
        match self {
            Self::Filter(filter) => vec![filter.clone()],
            Self::Ids(ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                ids.chunks(IDS).map(|ids| format!("id:{}", ids.join(","))).collect()
            }
        }
    }
}

fn id(word: &str) -> Option<i64> {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(words: &[&str]) -> Result<Choice> {
        Choice::of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_alone_are_ids() {
        assert_eq!(choice(&["43", "42", "42"]).unwrap(), Choice::Ids([42, 43].into()));
        for words in
            [&["host:a"][..], &["host:a", "status:404"], &["\"42\""], &["id:42", "x"], &["42x"], &["-1"]]
        {
            assert_eq!(choice(words).unwrap(), Choice::Filter(words.join(" ")), "{words:?}");
        }
    }

    #[test]
    fn nothing_and_what_could_mean_either_are_refused() {
        for (words, expect) in
            [(&[][..], "empty filter"), (&[" "], "empty filter"), (&["host:a", "42"], "write id:42")]
        {
            let error = choice(words).unwrap_err().to_string();
            assert!(error.contains(expect), "{words:?}: {error}");
        }
    }

    #[test]
    fn many_ids_are_several_filters() {
        let filters = Choice::Ids((1..=1001).collect()).filters();
        assert_eq!(filters.len(), 3);
        assert!(filters[0].starts_with("id:1,2,3,") && filters[2] == "id:1001");
        assert_eq!(Choice::all().filters(), ["~all"]);
    }
}
