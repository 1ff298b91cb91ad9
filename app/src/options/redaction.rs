//! Redaction, as the command line and `config.toml` say it.

use anyhow::{Result, bail};
use dashcam_control::Settings;
use dashcam_redact::{Chosen, Definitions, Sets};

use crate::cli::ServeArgs;
use crate::config::Config;

pub(super) fn redaction(args: &ServeArgs, config: &Config) -> Result<Definitions> {
    let args = &args.redaction;
    let mut definitions = config.redaction.definitions();
    if let Some(set) = &args.redaction {
        definitions.set = Chosen::from(set.clone());
    }
    definitions.seal_for = args.seal_for.unwrap_or(definitions.seal_for);
    definitions.no_seal = args.no_seal || definitions.seal_for.is_zero();
    let sets = Sets::compile(&definitions)?;
    if let Chosen::Set(name) = &definitions.set
        && sets.set(None).is_none()
    {
        let others: Vec<_> = definitions.sets.keys().map(String::as_str).chain(["default", "off"]).collect();
        bail!(
            "there is no redaction set `{name}` (--redaction, or `set` in [redaction]); there is: {}",
            others.join(", ")
        );
    }
    let rules = config.rules.clone().unwrap_or_default();
    let names: Vec<_> = definitions.sets.keys().cloned().collect();
    Settings { rules, ..Settings::default() }.names_sets_of(&names)?;
    Ok(definitions)
}
