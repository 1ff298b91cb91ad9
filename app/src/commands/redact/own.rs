//! The redaction of a recording that no instance records to: this process does it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dashcam_control::Settings;
use dashcam_exchange::ExchangeId;
use dashcam_redact::Sets;
use dashcam_store::Store;
use dashcam_views::dto::RedactionPart;
use dashcam_views::selection::Selection;
use dashcam_views::stored_redaction::StoredRedaction;
use dashcam_web_ui::{Action, Subject};

use crate::config::Config;
use crate::home::Home;
use crate::{own_audit, redaction_key};

/// How long a part of the work takes; behind it the work can be stopped.
const PART: Duration = Duration::from_millis(500);

/// A store of our own, and the set that it is redacted by.
pub(super) struct Own {
    store: Store,
    by: StoredRedaction,
}

impl Own {
    /// The set `name` of `config.toml`, or the one that is chosen there, with the rules that were added and the home's key.
    ///
    /// # Errors
    /// When there is no such set, or no key can be made.
    pub(super) async fn of(home: &Home, store: &Store, name: Option<&str>) -> Result<Self> {
        let mut definitions = Config::read(&home.config())?.redaction.definitions();
        // The rules that were added while dashcam ran are in the recording.
        let settings = store.reader().settings().await?;
        let settings = settings.and_then(|json| serde_json::from_value::<Settings>(json).ok());
        definitions.added = settings.map(|settings| settings.redaction).unwrap_or_default();
        let sets = Sets::compile(&definitions)?;
        let set = sets.set(name).map(Arc::clone).with_context(|| {
            let known: Vec<_> = sets.names().collect();
            match name {
                Some(name) => format!("there is no redaction set {name}; there is: {}", known.join(", ")),
                None => format!("redaction is off in config.toml: give --set, one of {}", known.join(", ")),
            }
        })?;
        let seal_for = if definitions.no_seal { Duration::ZERO } else { definitions.seal_for };
        home.create()?;
        let keys = Arc::new(redaction_key::open_or_create(home)?);
        let by = StoredRedaction { reader: store.reader().clone(), set, keys, seal_for, marks: true };
        Ok(Self { store: store.clone(), by })
    }

    /// A part of the exchanges that a selection, by its filter, chooses.
    pub(super) async fn part(
        &self,
        (filter, selection): (&str, &Selection),
        after: Option<ExchangeId>,
        is_dry: bool,
    ) -> Result<RedactionPart> {
        let admin = (!is_dry).then(|| self.store.admin());
        let moments = (after, dashcam_recorder::now(), Instant::now() + PART);
        let redacted = selection.redact(&self.by, admin, moments).await?;
        let part = RedactionPart::new(self.by.set.label(), redacted, is_dry);
        if !is_dry && part.values() > 0 {
            let of = Subject::Filter(filter.to_owned());
            let action = Action::Redact { of, set: part.set.clone(), replaced: part.values() };
            own_audit::note(&self.store, &action).await?;
        }
        Ok(part)
    }

    /// Leaves nothing of the values in the files.
    pub(super) async fn scrub(&self) -> Result<bool> {
        let done = self.store.admin().scrub().await?;
        own_audit::note(&self.store, &Action::Scrub { done }).await?;
        Ok(done)
    }
}
