//! An origin that never answers.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// An origin that takes connections and never answers: requests to it stay under way.
#[derive(Debug)]
pub struct Mute {
    /// Its address.
    pub address: SocketAddr,
    _task: JoinSet<()>,
}

impl Mute {
    /// Takes connections on a free port until it is dropped.
    ///
    /// # Errors
    /// When the system has no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.push(stream);
            }
        });
        Ok(Self { address, _task: task })
    }
}
