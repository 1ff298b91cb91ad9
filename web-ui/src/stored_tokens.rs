//! Tokens with a role, taken from the store once it is open.

use std::time::Duration;

use dashcam_store::{ReadError, Store};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::access::Access;
use crate::app::{Parts, stopped};

/// How long a store that is not open is left alone.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// The tokens in a store.
pub(crate) struct StoredTokens {
    access: Access,
    /// `None`: the recording is only read, perhaps somebody else's. Its tokens let nobody in.
    store: Option<Store>,
}

impl StoredTokens {
    pub(crate) fn of(parts: &Parts) -> Self {
        let store = parts.replayer.is_some().then(|| parts.store.clone());
        Self { access: parts.access.clone(), store }
    }

    /// Takes them, if the store answers in time; returns whether it is to be asked again.
    pub(crate) async fn take_within(&self, time: Duration) -> bool {
        !matches!(timeout(time, self.take()).await, Ok(Ok(())))
    }

    /// Takes them once the store answers, if that is still to be done. Until then only the home's token lets in.
    pub(crate) async fn take_later(&self, is_late: bool, mut stopping: watch::Receiver<bool>) {
        let taken = async {
            let mut was_told = false;
            while let Err(error) = self.take().await {
                if !std::mem::replace(&mut was_told, true) {
                    tracing::warn!(%error, "tokens with a role are not valid yet: they can't be read");
                }
                sleep(TRY_AGAIN).await;
            }
        };
        if is_late {
            tokio::select! {
                () = taken => {}
                () = stopped(&mut stopping) => {}
            }
        }
    }

    async fn take(&self) -> Result<(), ReadError> {
        let Some(store) = &self.store else { return Ok(()) };
        self.access.take_tokens(store.reader().tokens().await?);
        Ok(())
    }
}
