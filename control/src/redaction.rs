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
    use dashcam_exchange::{Destination, Headers, RequestHead, Scheme, Version};

    use super::*;
    use crate::ConnectionFacts;

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

    #[test]
    fn a_request_that_is_no_traffic_gets_the_set_of_its_rule() {
        let rule = |name: &str, filter: &str, set: Option<&str>| {
            let rule = serde_json::json!({"name": name, "match": filter, "level": "off", "redaction": set});
            serde_json::from_value(rule).unwrap()
        };
        let rules = vec![
            rule("pay", "host:=pay.test", Some("payments")),
            rule("slow", "host:=slow.test dur:>1s", Some("payments")),
            rule("login", "path:/login", Some("logins")),
            rule("late", "dur:>1s", None),
        ];
        let control = Control::new(Settings { rules, ..Settings::default() });
        let check = |host: &str, target: &str, expect: Option<&str>| {
            let destination = Destination { scheme: Scheme::Https, host: host.to_owned(), port: 443 };
            let facts = ConnectionFacts { destination: Some(&destination), ..ConnectionFacts::default() };
            let request = RequestHead {
                method: "GET".to_owned(),
                target: target.to_owned(),
                authority: None,
                version: Version::Http11,
                headers: Headers::default(),
            };
            assert_eq!(control.policy().redaction(&facts, &request).as_deref(), expect, "{host}{target}");
        };
        check("pay.test", "/login", Some("payments"));
        check("a.test", "/login", Some("logins"));
        check("a.test", "/", None);
        // Two rules may decide, by two sets.
        check("slow.test", "/login", None);
    }
}
