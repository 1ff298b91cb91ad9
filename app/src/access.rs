//! The process that changes a recording: the instance that records to it, or, where none runs, this process.

use std::path::{Path, PathBuf};

use anyhow::Result;
use dashcam_store::Store;

use crate::client::Client;
use crate::config::Config;
use crate::home::Home;
use crate::options;

/// The way to a recording that is to be changed.
pub(crate) enum Access {
    /// The running instance's.
    Instance(Client),
    /// Ours: nobody else writes the recording while the store is open.
    Own(Store),
}

impl Access {
    /// For the recording that `--db`, `config.toml` or the home names. Without `--db` it is the running instance's, if one runs.
    ///
    /// # Errors
    /// When there is no recording, or another dashcam than that of this home records to it.
    pub(crate) async fn of(home: &Home, db: Option<PathBuf>) -> Result<Self> {
        if let Some(client) = instance_of(home, db.as_deref()).await? {
            return Ok(Self::Instance(client));
        }
        let path = options::database(home, db, &Config::read(&home.config())?);
        // Opening to write begins a recording where there is none.
        Store::open_read_only(&path).await?.close().await;
        Ok(Self::Own(Store::open(&path).await?))
    }
}

/// The running instance, if it records to the recording that `--db` names, or the home.
///
/// # Errors
/// When it does not say what it records to.
pub(crate) async fn instance_of(home: &Home, db: Option<&Path>) -> Result<Option<Client>> {
    let client = Client::of(home);
    let is_there = client.is_live().await && (db.is_none() || is_its(&client, db).await?);
    Ok(is_there.then_some(client))
}

/// Returns whether the running instance records to `db`.
async fn is_its(client: &Client, db: Option<&Path>) -> Result<bool> {
    let status = client.get("/status").await?;
    let its = status["database"]["path"].as_str().map(Path::new);
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    Ok(db.and_then(real).is_some_and(|path| its.and_then(real) == Some(path)))
}
