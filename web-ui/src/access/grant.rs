//! The right with which somebody is let in, and how long it lasts.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::secret::hex;
use super::tokens::Holder;
use crate::role::Role;

/// The right with which somebody is let in.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    /// The token with a role; `None`: the home's.
    pub(crate) token: Option<Arc<Holder>>,
    pub(crate) tenure: Tenure,
    /// True if the store is to learn that the token is used.
    pub(crate) tell_use: bool,
}

impl Grant {
    /// The right of the home's token.
    pub(super) fn of_home(tenure: Tenure) -> Self {
        Self { token: None, tenure, tell_use: false }
    }

    /// The role that comes with it.
    pub(crate) fn role(&self) -> Role {
        self.token.as_ref().map_or(Role::Admin, |token| token.role)
    }

    /// The digest of a token with a role, in hex.
    pub(super) fn digest(&self) -> Option<String> {
        self.token.as_ref().map(|token| hex(&token.sha256))
    }
}

/// How long a caller may go on: what it is still being sent ends with it.
#[derive(Debug, Clone)]
pub(crate) struct Tenure {
    pub(super) ended: CancellationToken,
    pub(super) left: Option<Duration>,
}

impl Tenure {
    /// Returns once it is over.
    pub(crate) async fn over(self) {
        let lifetime = async {
            match self.left {
                Some(left) => sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.ended.cancelled() => {}
            () = lifetime => {}
        }
    }
}
