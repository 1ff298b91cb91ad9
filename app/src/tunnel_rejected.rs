//! The value of `--tunnel-rejected`: after how many refusals connections are tunnelled, and for how long.

use std::str::FromStr;
use std::time::Duration;

use dashcam_control::TunnelRejected;
use jiff::SignedDuration;

/// The most refusals that are waited for: so many are remembered of each pair.
const MOST: u32 = 1000;
/// The longest times: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The rule; `None`: `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule(pub(crate) Option<TunnelRejected>);

impl Default for Rule {
    fn default() -> Self {
        Self(Some(TunnelRejected::default()))
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "invalid rule \u{201c}{text}\u{201d}; expected one such as \u{201c}3 in 10m for 1h\u{201d}, or off"
            )
        };
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["off"] => Ok(Self(None)),
            [times, "in", within, "for", lasting] => {
                let times = times.parse().ok().filter(|times| (1..=MOST).contains(times));
                let rule = times.zip(duration(within)).zip(duration(lasting));
                let ((times, within), lasting) = rule.ok_or_else(wrong)?;
                Ok(Self(Some(TunnelRejected { times, within, lasting })))
            }
            _ => Err(wrong()),
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let duration = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    duration.filter(|duration| !duration.is_zero() && *duration <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let rule = |text: &str| text.parse::<Rule>().map(|rule| rule.0);
        assert_eq!(rule("off"), Ok(None));
        assert_eq!(rule("3 in 10m for 1h"), Ok(Some(TunnelRejected::default())));
        assert_eq!(
            rule(" 1  in 500ms for 2h30m"),
            Ok(Some(TunnelRejected {
                times: 1,
                within: Duration::from_millis(500),
                lasting: Duration::from_secs(9000),
            }))
        );
        for text in [
            "",
            "on",
            "3",
            "0 in 1m for 1h",
            "3 in 0s for 1h",
            "3 in 1m for -1h",
            "3 in 1m for 9000h",
            "x in 1m for 1h",
        ] {
            assert!(rule(text).unwrap_err().contains("3 in 10m for 1h"), "{text}");
        }
    }
}
