//! Changes of the list of rules.

use dashcam_control::{Rule, Settings};
use dashcam_store::ChangeKind;

use crate::{Author, Changes, InForce, Refused};

/// A place in the list of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// Behind all others, just before the default level.
    Last,
    /// Before the rule of that name.
    Before(String),
}

impl Changes {
    /// Puts `rules` in the place of all there are. With `epoch`, only if nothing has changed since.
    ///
    /// # Errors
    /// When a rule makes no sense, or something has changed.
    pub fn replace_rules(
        &self,
        by: (Author, Option<String>),
        epoch: Option<u64>,
        rules: &[Rule],
    ) -> Result<InForce, Refused> {
        self.update(by, ChangeKind::Rules, |settings| {
            let now = self.0.control.policy().epoch().number();
            match epoch {
                Some(asked) if asked != now => Err(Refused::Moved { asked, now }),
                _ => Ok(Settings { rules: rules.to_vec(), ..settings.clone() }.checked()?),
            }
        })
    }

    /// Adds `rule` at `place`.
    ///
    /// # Errors
    /// When it makes no sense, there is one of its name, or there is no such place.
    pub fn add_rule(
        &self,
        by: (Author, Option<String>),
        rule: &Rule,
        place: &Place,
    ) -> Result<InForce, Refused> {
        self.update(by, ChangeKind::Rules, |settings| {
            let mut settings = settings.clone();
            let at = match place {
                Place::First => 0,
                Place::Last => settings.rules.len(),
                Place::Before(name) => position(&settings, name)?,
            };
            settings.rules.insert(at, rule.clone());
            Ok(settings.checked()?)
        })
    }

    /// Removes the rule `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove_rule(&self, by: (Author, Option<String>), name: &str) -> Result<InForce, Refused> {
        self.update(by, ChangeKind::Rules, |settings| {
            let mut settings = settings.clone();
            settings.rules.remove(position(&settings, name)?);
            Ok(settings)
        })
    }
}

fn position(settings: &Settings, name: &str) -> Result<usize, Refused> {
    settings.rules.iter().position(|rule| rule.name == name).ok_or_else(|| {
        let names = settings.rules.iter().map(|rule| rule.name.as_str());
        let nearest = dashcam_filter::nearest(name, names).map(str::to_owned);
        Refused::NoRule { name: name.to_owned(), nearest }
    })
}

/// The end of a message about a name that is none.
pub(crate) fn nearest_of(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || ": `dashcam rule ls` lists them".to_owned(),
        |name| format!("; did you mean \u{201c}{name}\u{201d}?"),
    )
}
