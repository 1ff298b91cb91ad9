//! `dashcam pin` and `dashcam unpin`: what the bounds of the recording leave alone.

use std::path::PathBuf;

use anyhow::{Result, bail};
use dashcam_exchange::ExchangeId;
use hyper::Method;

use crate::access::Access;
use crate::cli::PinArgs;
use crate::home::Home;

/// Pins the exchanges, or unpins them.
pub(crate) async fn pin(home: &Home, db: Option<PathBuf>, args: PinArgs, pinned: bool) -> Result<()> {
    match Access::of(home, db).await? {
        Access::Instance(client) => {
            let method = if pinned { Method::PUT } else { Method::DELETE };
            for id in args.ids {
                client.order(method.clone(), &format!("/exchanges/{id}/pin")).await?;
            }
            Ok(())
        }
        Access::Own(store) => {
            let mut missing = None;
            for id in args.ids {
                let (id, at) = (ExchangeId(id), dashcam_recorder::now());
                let found =
                    if pinned { store.admin().pin(id, at).await? } else { store.admin().unpin(id).await? };
                if !found {
                    missing = Some(id.0);
                    break;
                }
            }
            store.close().await;
            match missing {
                Some(id) => bail!("there is no exchange {id}: `dashcam ls` lists those there are"),
                None => Ok(()),
            }
        }
    }
}
