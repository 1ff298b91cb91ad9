//! Sealed secrets that commands put back: with the key of the home, and a note in the audit log before anything is shown.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_exchange::ExchangeId;
use dashcam_store::Reader;
use dashcam_views::unseal::{Counts, Unsealer};
use dashcam_web_ui::dto::UnsealUse;
use dashcam_web_ui::{Action, Subject};
use hyper::Method;
use serde_json::json;

use crate::access::Access;
use crate::home::Home;
use crate::{own_audit, redaction_key};

/// The exchanges whose secrets are put back, what for, and how many there are.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) exchange: Option<i64>,
    pub(crate) filter: Option<String>,
    pub(crate) purpose: &'static str,
    /// The counts, where they are known before anything is shown.
    pub(crate) counts: Option<Counts>,
}

/// Puts secrets of a recording back.
///
/// # Errors
/// When the home has no key.
pub(crate) fn unsealer(home: &Home, reader: &Reader) -> Result<Unsealer> {
    let path = redaction_key::path(home);
    let keys = redaction_key::open(home)?.with_context(|| {
        format!(
            "{} is not there, and sealed secrets can't be opened without it: give the home of the dashcam that recorded them \
             with --home, or leave out --unseal",
            path.display()
        )
    })?;
    Ok(Unsealer::new(reader, Some(Arc::new(keys))))
}

/// Notes in the audit log that secrets are put back: through the running instance, or in the database itself.
///
/// # Errors
/// When it can't be noted: then nothing is to be shown.
pub(crate) async fn note(home: &Home, db: Option<PathBuf>, what: &Use) -> Result<()> {
    let secrets = what.counts.map(|counts| counts.put_back);
    let missing = what.counts.map(|counts| counts.missing);
    let noted = async {
        match Access::of(home, db).await? {
            Access::Instance(client) => {
                let (filter, purpose) = (what.filter.clone(), what.purpose.to_owned());
                let used = UnsealUse { exchange: what.exchange, filter, purpose, secrets, missing };
                client.change(Method::POST, "/audit/unseals", json!(used)).await
            }
            Access::Own(store) => {
                let of = match (what.exchange, &what.filter) {
                    (Some(id), _) => Subject::Exchanges(vec![ExchangeId(id)]),
                    (None, Some(filter)) => Subject::Filter(filter.clone()),
                    (None, None) => Subject::All,
                };
                let action = Action::Unseal { of, purpose: what.purpose, secrets, missing };
                let written = own_audit::note(&store, &action).await;
                store.close().await;
                written
            }
        }
    };
    noted.await.context("nothing is shown with its secrets, as the audit log can't note it")
}
