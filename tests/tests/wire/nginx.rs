//! nginx before an origin, set up to change as little as it can: for comparison.

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use dashcam_tests::eventually::eventually;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// A running nginx. Killed when dropped.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    _child: Child,
    _folder: tempfile::TempDir,
}

/// Returns whether nginx is installed.
pub(crate) fn is_installed() -> bool {
    std::process::Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}

impl Nginx {
    pub(crate) async fn before(origin: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let path = folder.path().display();
        let config = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log; events {{}}
             http {{ access_log off;
               client_body_temp_path {path}/a; proxy_temp_path {path}/b; fastcgi_temp_path {path}/c;
               uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
               server {{ listen {address}; location / {{
                 proxy_pass http://{origin}; proxy_http_version 1.1; proxy_set_header Host $http_host;
                 proxy_set_header Connection $http_connection; proxy_set_header Upgrade $http_upgrade;
                 proxy_buffering off; proxy_request_buffering off; }} }} }}"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config)?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().context("cannot start nginx")?;
        eventually("nginx listens", async || Ok(TcpStream::connect(address).await.ok().map(drop))).await?;
        Ok(Self { address, _child: child, _folder: folder })
    }
}
