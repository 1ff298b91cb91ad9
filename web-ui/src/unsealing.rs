//! Sealed secrets that callers of the API have put back: who may, and the audit log's note of it.

use std::ops::Deref;

use dashcam_views::unseal::{Counts, Unsealer};
use serde::Deserialize;

use crate::app::App;
use crate::audit::{Action, Subject};
use crate::error::{ApiError, Code};
use crate::principal::Caller;
use crate::role::Role;

/// The wish to see secrets.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Unseal {
    /// True puts sealed secrets back, which needs the role admin; false by default.
    pub(crate) unseal: Option<bool>,
}

/// Puts secrets back for a caller. The audit log gets its note once this is dropped, when it is known how many there were.
pub(crate) struct Unsealing {
    app: App,
    caller: Caller,
    /// The exchanges, and the use that is made of their secrets.
    what: Option<(Subject, &'static str)>,
    unsealer: Unsealer,
}

impl Deref for Unsealing {
    type Target = Unsealer;

    fn deref(&self) -> &Unsealer {
        &self.unsealer
    }
}

impl Drop for Unsealing {
    fn drop(&mut self) {
        let Counts { put_back: secrets, missing } = self.unsealer.counts();
        if let Some((of, purpose)) = self.what.take()
            && secrets + missing > 0
        {
            let (secrets, missing) = (Some(secrets), Some(missing));
            self.app.audit.note(&self.caller, Action::Unseal { of, purpose, secrets, missing });
        }
    }
}

impl Unseal {
    /// Puts the secrets of some exchanges back, if the caller asks for it.
    ///
    /// # Errors
    /// When the caller may not, or nothing would note it.
    pub(crate) fn begin(
        &self,
        app: &App,
        caller: &Caller,
        what: (Subject, &'static str),
    ) -> Result<Option<Unsealing>, ApiError> {
        match self.unseal.unwrap_or(false) {
            false => Ok(None),
            true if may_see(caller) && app.audit.is_off() => Err(ApiError::new(
                Code::ReadOnly,
                "No secrets are shown here: the recording is opened to be read only, so that its audit log can't note it. \
                 Leave `unseal` out to see their placeholders.",
            )),
            true if may_see(caller) => Ok(Some(app.unsealing(caller, what))),
            true => Err(ApiError::new(
                Code::RoleNeeded,
                "Seeing sealed secrets needs the role admin. Leave `unseal` out to see their placeholders.",
            )),
        }
    }
}

impl App {
    /// Puts the secrets of some exchanges back, for a caller who need not see them.
    pub(crate) fn unsealing(&self, caller: &Caller, what: (Subject, &'static str)) -> Unsealing {
        let unsealer = Unsealer::new(self.store.reader(), self.redaction_keys.clone());
        Unsealing { app: self.clone(), caller: caller.clone(), what: Some(what), unsealer }
    }
}

/// Returns whether a caller may see sealed secrets, and send them anywhere.
pub(crate) fn may_see(caller: &Caller) -> bool {
    caller.role >= Role::Admin
}
