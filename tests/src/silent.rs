//! A destination that does not answer.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::net::{TcpListener, TcpSocket};

/// An address at which no connection comes about: its queue of connections is full.
#[derive(Debug)]
pub struct Silent {
    /// The address.
    pub address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Silent {
    /// Makes `address` one, with any port if it has none.
    ///
    /// # Errors
    /// When it is taken, or takes connections all the same.
    pub fn at(address: SocketAddr) -> Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        let listener = socket.listen(1)?;
        let mut queued = Vec::new();
        // The system holds a few more than it was told.
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            queued.push(stream);
            ensure!(queued.len() < 100, "{address} takes every connection");
        }
        Ok(Self { address, _listener: listener, _queued: queued })
    }
}
