//! Sets of redaction, which rules may name.

use crate::{Control, InvalidSettings, Settings};

impl Control {
    /// Says which sets of redaction there are, beside the one that is compiled in: rules may name these.
    pub fn set_redaction_sets(&self, names: Vec<String>) {
        self.lock().redaction = Some(names);
    }

    /// Checks that those rules of `to` that are not among those of `from` name sets that there are. Others stay as they are:
    /// what they name may be gone from `config.toml`, and nothing else is to fail for that.
    ///
    /// # Errors
    /// For the first that does not.
    pub fn check_redaction_sets(&self, from: &Settings, to: &Settings) -> Result<(), InvalidSettings> {
        match &self.lock().redaction {
            Some(names) => {
                let new = to.rules.iter().filter(|rule| !from.rules.contains(rule));
                Settings { rules: new.cloned().collect(), ..Settings::default() }.names_sets_of(names)
            }
            None => Ok(()),
        }
    }
}

impl Settings {
    /// Checks that its rules name sets of redaction among `names`, or the one that is compiled in.
    ///
    /// # Errors
    /// For the first that does not.
    pub fn names_sets_of(&self, names: &[String]) -> Result<(), InvalidSettings> {
        let named = self.rules.iter().filter_map(|rule| Some((&rule.name, rule.redaction.as_ref()?)));
        for (name, set) in named {
            if set != DEFAULT_SET && !names.contains(set) {
                let known: Vec<_> = names.iter().map(String::as_str).chain([DEFAULT_SET]).collect();
                let why = format!(
                    "there is no set `{set}` in [redaction.sets] of config.toml; there is: {}",
                    known.join(", ")
                );
                return Err(InvalidSettings::Rule { name: name.clone(), why });
            }
        }
        Ok(())
    }
}

/// Name of the set that is compiled in.
const DEFAULT_SET: &str = "default";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_sets_that_there_are() {
        let control = Control::new(Settings::default());
        let of = |set: &str| {
            let rule = serde_json::json!({"name": "a", "level": "full", "redaction": set});
            Settings { rules: vec![serde_json::from_value(rule).unwrap()], ..Settings::default() }
        };
        let check = |set: &str| control.check_redaction_sets(&Settings::default(), &of(set));
        assert_eq!(check("payments"), Ok(()), "nobody has said yet");
        control.set_redaction_sets(vec!["payments".to_owned()]);
        assert_eq!((check("payments"), check("default")), (Ok(()), Ok(())));
        assert_eq!(control.check_redaction_sets(&of("gone"), &of("gone")), Ok(()), "it was there before");
        let refused = check("payment").unwrap_err().to_string();
        assert!(refused.contains("rule `a`: there is no set `payment`"), "{refused}");
    }
}
