//! curl: one large body at a time.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Route;

/// Which way the body goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Transfer<'a> {
    Download,
    Upload(&'a Path),
}

/// Moves one body of `size` bytes; how many bytes a second that made.
pub(crate) fn curl(route: Route, path: &str, transfer: Transfer<'_>, size: u64) -> Result<f64> {
    let mut curl = Command::new("curl");
    // -q: no configuration of whoever runs it; and no proxies of theirs.
    curl.args(["-q", "--silent", "--show-error", "--fail", "--insecure", "--http1.1", "--noproxy", ""]);
    curl.args(["--max-time", "300", "--output", "/dev/null"]);
    if let Some(proxy) = route.proxy {
        curl.args(["--proxy", &format!("http://127.0.0.1:{proxy}")]);
    }
    match transfer {
        Transfer::Download => curl.args(["--write-out", "%{size_download} %{speed_download}"]),
        Transfer::Upload(file) => curl
            .args(["--write-out", "%{size_upload} %{speed_upload}", "--header", "Expect:", "--upload-file"])
            .arg(file),
    };
    let output = curl.arg(route.url(path)).output().context("cannot run curl")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "curl: {text} {}", String::from_utf8_lossy(&output.stderr));
    let (moved, speed) = text.trim().split_once(' ').context("curl said no speed")?;
    ensure!(moved.parse::<u64>()? == size, "{moved} bytes instead of {size}");
    Ok(speed.parse()?)
}
