//! The audit log of a recording that no instance records to: commands note there what they do themselves.

use anyhow::Result;
use dashcam_store::{AuditChange, AuditEntry, Store};
use dashcam_web_ui::Action;

/// Notes what a command did, or begins to do.
///
/// # Errors
/// When the database can't be written.
pub(crate) async fn note(store: &Store, action: &Action) -> Result<()> {
    let (exchanges, filter) = action.subject();
    let entry = AuditEntry {
        at: dashcam_recorder::now(),
        who: user(),
        role: "admin".to_owned(),
        action: action.name().to_owned(),
        exchanges,
        filter,
        count: action.count(),
        detail: action.detail(),
        ..AuditEntry::default()
    };
    store.admin().write_audit(vec![AuditChange::Add(Box::new(entry))]).await?;
    Ok(())
}

/// The user who runs this, as the audit log names users of the command line.
fn user() -> String {
    let uid = nix::unistd::geteuid();
    match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => format!("{} (uid {uid})", user.name),
        _ => format!("uid {uid}"),
    }
}
