//! Sealed secrets that commands put back: with the key of the home, and a note in the audit log before anything is shown.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_exchange::ExchangeId;
use dashcam_store::{AuditChange, AuditEntry, Reader};
use dashcam_views::unseal::Unsealer;
use dashcam_web_ui::dto::UnsealUse;
use hyper::Method;
use serde_json::json;

use crate::access::Access;
use crate::home::Home;
use crate::redaction_key;

/// The exchanges whose secrets are put back, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) exchange: Option<i64>,
    pub(crate) filter: Option<String>,
    pub(crate) purpose: &'static str,
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
pub(crate) async fn note(home: &Home, db: Option<PathBuf>, what: &Use, unsealer: &Unsealer) -> Result<()> {
    let counts = unsealer.counts();
    let used = UnsealUse {
        exchange: what.exchange,
        filter: what.filter.clone(),
        purpose: what.purpose.to_owned(),
        secrets: counts.put_back,
        missing: counts.missing,
    };
    let noted = async {
        match Access::of(home, db).await? {
            Access::Instance(client) => client.change(Method::POST, "/audit/unseals", json!(used)).await,
            Access::Own(store) => {
                let written = store.admin().write_audit(vec![AuditChange::Add(Box::new(entry(used)))]).await;
                store.close().await;
                Ok(written.map(drop)?)
            }
        }
    };
    noted.await.context("nothing is shown with its secrets, as the audit log can't note it")
}

fn entry(used: UnsealUse) -> AuditEntry {
    AuditEntry {
        at: dashcam_recorder::now(),
        who: user(),
        role: "admin".to_owned(),
        action: "unseal".to_owned(),
        exchanges: used.exchange.map(ExchangeId).into_iter().collect(),
        filter: used.exchange.is_none().then(|| used.filter.unwrap_or_else(|| "~all".to_owned())),
        count: Some(used.secrets),
        detail: Some(json!({"purpose": used.purpose, "missing": used.missing})),
        ..AuditEntry::default()
    }
}

/// The user who runs this, as the audit log names users of the command line.
pub(crate) fn user() -> String {
    let uid = nix::unistd::geteuid();
    match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => format!("{} (uid {uid})", user.name),
        _ => format!("uid {uid}"),
    }
}
