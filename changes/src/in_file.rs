//! The settings that `config.toml` names.

use dashcam_control::{InFileBefore, Rule, Settings};
use dashcam_exchange::Level;
use sha2::{Digest as _, Sha256};

/// The settings that `config.toml` names; `None` for those that it doesn't.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InFile {
    /// `record`.
    pub level: Option<Level>,
    /// `body_limit`.
    pub body_limit: Option<u64>,
    /// `[[rules]]`.
    pub rules: Option<Vec<Rule>>,
}

impl InFile {
    /// The settings to go on with, where `settings` are those that were last in force: a key comes into force when the
    /// file says something else than it did when it last did. Other changes of the settings last.
    ///
    /// If the rules are gone from the file, they are out of force. Other keys that are gone leave things as they are.
    #[must_use]
    pub fn over(&self, settings: &Settings) -> Settings {
        let before = settings.in_file.clone().unwrap_or_default();
        let now = self.noted();
        let mut settings = settings.clone();
        if now.level != before.level {
            settings.level = now.level.unwrap_or(settings.level);
        }
        if now.body_limit != before.body_limit {
            settings.body_limit = now.body_limit.unwrap_or(settings.body_limit);
        }
        if now.rules != before.rules {
            settings.rules = self.rules.clone().unwrap_or_default();
        }
        settings.in_file = Some(now);
        settings
    }

    /// The settings at a start, where `stored` are those that were in force at the last end. Settings of a dashcam that
    /// did not watch the file are as it left them: the file's counted at its first start only.
    #[must_use]
    pub fn at_start(&self, stored: Option<Settings>) -> Settings {
        let mut settings = stored
            .unwrap_or_else(|| Settings { in_file: Some(InFileBefore::default()), ..Settings::default() });
        if settings.in_file.is_none() {
            settings.in_file = Some(InFileBefore { rules: None, ..self.noted() });
        }
        self.over(&settings)
    }

    fn noted(&self) -> InFileBefore {
        InFileBefore {
            level: self.level,
            body_limit: self.body_limit,
            rules: self.rules.as_deref().map(digest),
        }
    }
}

fn digest(rules: &[Rule]) -> String {
    let text = serde_json::to_string(rules).expect("rules are strings and numbers");
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(level: Option<Level>, rules: Option<&[&str]>) -> InFile {
        let rule = |name: &&str| {
            serde_json::from_value(serde_json::json!({"name": name, "match": "host:a", "level": "off"}))
                .unwrap()
        };
        InFile { level, rules: rules.map(|names| names.iter().map(rule).collect()), ..InFile::default() }
    }

    fn names(settings: &Settings) -> Vec<&str> {
        settings.rules.iter().map(|rule| rule.name.as_str()).collect()
    }

    #[test]
    fn a_key_comes_into_force_when_the_file_says_something_else() {
        let first = file(Some(Level::Metadata), None).at_start(None);
        assert_eq!((first.level, names(&first).len()), (Level::Metadata, 0));
        // Somebody changes the level and adds a rule; the file is as it was.
        let rules = file(None, Some(&["mine"])).rules.unwrap();
        let changed = Settings { level: Level::Off, rules, ..first };
        let again = file(Some(Level::Metadata), None).at_start(Some(changed.clone()));
        assert_eq!(again, changed);
        // The file names rules, and its level is as it was.
        let edited = file(Some(Level::Metadata), Some(&["a", "b"])).over(&again);
        assert_eq!((edited.level, names(&edited)), (Level::Off, vec!["a", "b"]));
        let edited = file(Some(Level::Full), Some(&["b"])).over(&edited);
        assert_eq!((edited.level, names(&edited)), (Level::Full, vec!["b"]));
        let gone = file(None, None).over(&edited);
        assert_eq!((gone.level, names(&gone).len()), (Level::Full, 0));
    }

    #[test]
    fn settings_of_a_dashcam_that_did_not_watch_the_file_last() {
        let stored = Settings { level: Level::Off, in_file: None, ..Settings::default() };
        let started = file(Some(Level::Full), Some(&["a"])).at_start(Some(stored));
        assert_eq!((started.level, names(&started)), (Level::Off, vec!["a"]));
    }
}
