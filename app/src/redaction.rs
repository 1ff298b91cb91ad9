//! Redaction in force: the sets of `config.toml` and of the command line, with the rules that were added while dashcam ran.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use dashcam_changes::InFile;
use dashcam_control::Control;
use dashcam_recorder::{Recorder, Redaction};
use dashcam_redact::{Definitions, InvalidSet, Keys, Sets};
use dashcam_store::Reader;
use dashcam_web_ui::dto::RedactionInForce;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::home::Home;
use crate::redaction_key;

/// Time between two looks at what is sealed.
const LOOK: Duration = Duration::from_mins(30);

/// Puts redaction in force. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Redacting(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    keys: Arc<Keys>,
    /// Where the key lies; `None`: it is in memory alone.
    key: Option<PathBuf>,
    control: Arc<Control>,
    recorder: Recorder,
    definitions: Mutex<Definitions>,
    shown: watch::Sender<RedactionInForce>,
}

impl Redacting {
    /// Puts `definitions` in force, before traffic comes. Where dashcam ran before (`was_used`) and a disk makes no file of
    /// the key, it is in memory alone.
    ///
    /// # Errors
    /// When the key can't be read or made.
    pub(crate) fn start(
        (home, was_used): (&Home, bool),
        (control, recorder): (&Arc<Control>, &Recorder),
        definitions: Definitions,
    ) -> Result<Self> {
        let (keys, key) = match redaction_key::open_or_create(home) {
            Ok(keys) => (keys, Some(redaction_key::path(home))),
            Err(error) if was_used && error.is::<std::io::Error>() => {
                tracing::warn!(
                    "the key of redaction can't be read or made ({error:#}): what is sealed now can't be put back once \
                     dashcam has ended"
                );
                (redaction_key::in_memory(), None)
            }
            Err(error) => return Err(error),
        };
        let shown = watch::Sender::new(RedactionInForce::new(&definitions, None, None));
        let shared = Shared {
            keys: Arc::new(keys),
            key,
            control: Arc::clone(control),
            recorder: recorder.clone(),
            definitions: Mutex::new(definitions),
            shown,
        };
        let redacting = Self(Arc::new(shared));
        redacting.put(&redacting.lock())?;
        if let Err(refused) = control.settings().names_sets_of(&names(&redacting.lock())) {
            tracing::warn!("{refused}; until then its exchanges are under the set that is chosen for all");
        }
        Ok(redacting)
    }

    /// The keys of the home.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.0.keys)
    }

    /// Gives what is configured now, with the rules that were added.
    pub(crate) fn definitions(&self) -> Arc<dyn Fn() -> Definitions + Send + Sync> {
        let this = self.clone();
        Arc::new(move || {
            let added = this.0.control.settings().redaction.clone();
            Definitions { added, ..this.lock().clone() }
        })
    }

    /// Gets what comes into force.
    pub(crate) fn shown(&self) -> watch::Receiver<RedactionInForce> {
        self.0.shown.subscribe()
    }

    /// Puts other definitions in force, before the settings that `in_file` makes of those in force; returns whether they are
    /// others.
    ///
    /// # Errors
    /// When a set makes no sense, or a rule names one that is none; nothing changes then.
    pub(crate) fn change(&self, definitions: &Definitions, in_file: &InFile) -> Result<bool> {
        in_file.over(&self.0.control.settings()).names_sets_of(&names(definitions))?;
        let mut in_force = self.lock();
        if *in_force == *definitions {
            return Ok(false);
        }
        self.put(definitions)?;
        in_force.clone_from(definitions);
        Ok(true)
    }

    /// Puts the rules in force that are added while dashcam runs, until `stop`.
    pub(crate) async fn follow_settings(self, stop: CancellationToken) {
        let mut policies = self.0.control.subscribe();
        while let Some(Ok(())) = stop.run_until_cancelled(policies.changed()).await {
            let added = policies.borrow_and_update().settings().redaction.clone();
            if self.0.shown.borrow().added != added
                && let Err(fault) = self.put(&self.lock())
            {
                tracing::error!(%fault, "rules of redaction that were added are not in force");
            }
        }
    }

    /// Looks until `stop` whether what is sealed in the recording was sealed with the key that is there now, and says it in
    /// the log once if not.
    pub(crate) async fn watch_seals(self, reader: Reader, stop: CancellationToken) {
        let mut was_told = false;
        loop {
            // While the database can't be read, others say so.
            if let Some(Ok(seals)) = stop.run_until_cancelled(reader.sample_seals()).await {
                let has_other = seals.iter().any(|seal| self.0.keys.open(&seal.id, &seal.sealed).is_none());
                self.0.shown.send_if_modified(|shown| {
                    std::mem::replace(&mut shown.has_other_seals, has_other) != has_other
                });
                if has_other && !std::mem::replace(&mut was_told, true) {
                    tracing::warn!("{}", other_key(self.0.key.as_deref()));
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    }

    fn put(&self, definitions: &Definitions) -> Result<(), InvalidSet> {
        let Shared { keys, key, control, recorder, shown, .. } = &*self.0;
        let added = control.settings().redaction.clone();
        let definitions = Definitions { added, ..definitions.clone() };
        let sets = Sets::compile(&definitions)?;
        let label = sets.set(None).map(|set| Arc::clone(set.label()));
        let seal_for = if definitions.no_seal { Duration::ZERO } else { definitions.seal_for };
        let redaction = label.as_ref().map(|_| Arc::new(Redaction::new(sets, Arc::clone(keys), seal_for)));
        if redaction.is_none() {
            tracing::warn!("redaction is off: passwords and tokens are recorded as they pass");
        }
        recorder.set_redaction(redaction);
        control.set_redaction_sets(names(&definitions));
        let key = key.as_ref().map(|key| key.display().to_string());
        let has_other_seals = shown.borrow().has_other_seals;
        let in_force = RedactionInForce::new(&definitions, label.as_deref(), key);
        shown.send_replace(RedactionInForce { has_other_seals, ..in_force });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Definitions> {
        self.0.definitions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that the key is another one, and what to do.
fn other_key(path: Option<&Path>) -> String {
    let place = path.map_or("the home of dashcam".to_owned(), |path| path.display().to_string());
    format!(
        "some secrets in the recording were sealed with another key than the one in {place}: they can't be put back. If that \
         file was replaced, put the old one in its place and start dashcam again; otherwise nothing is to be done: they are \
         forgotten when their time is over, or with `dashcam seal rm --all`"
    )
}

/// The sets that rules may name, beside the one that is compiled in.
fn names(definitions: &Definitions) -> Vec<String> {
    definitions.sets.keys().cloned().collect()
}

#[cfg(test)]
mod tests;
