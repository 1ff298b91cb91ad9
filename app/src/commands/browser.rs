//! `dashcam browser`: a browser with a profile of its own and its traffic recorded.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_ca::RootCertificate;
use tempfile::TempDir;
use tokio::process::Command;

use super::run;
use crate::cli::BrowserArgs;
use crate::environment::reachable;
use crate::options::Options;
use crate::program_proxy::{ProgramProxy, with_proxy};

/// The browsers that are looked for, in this order.
const BROWSERS: [&str; 10] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
    "firefox",
    "firefox-esr",
    "librewolf",
];
/// How often, and how long apart, the profile is removed: processes of the browser may end after it.
const REMOVALS: (u32, Duration) = (20, Duration::from_millis(100));

/// Runs the browser; its exit code.
pub(crate) async fn browser(options: Options, args: &BrowserArgs) -> Result<u8> {
    let program = found(args.program.as_ref())?;
    let open = async |proxy: ProgramProxy| {
        let profile = tempfile::Builder::new().prefix("dashcam-browser-").tempdir();
        let profile = profile.context("no folder for the profile can be made")?;
        let mut words = vec![program.clone().into_os_string()];
        words.extend(if is_firefox(&program) {
            firefox(&proxy, profile.path()).await?
        } else {
            chromium(&proxy, profile.path())?
        });
        words.extend_from_slice(&args.arguments);
        words.extend(args.url.iter().map(OsString::from));
        if proxy.credential.is_some() {
            eprintln!("dashcam: the browser will ask for the proxy's user name and password");
        }
        // With a policy the browser would say that an organisation manages it: only where nothing else will do.
        let no_namespace = !is_firefox(&program) || has_certutil();
        let isolation = run::Isolation { no_namespace, ..run::Isolation::default() };
        let ended = run::program(&proxy, &words, isolation).await;
        remove(profile).await;
        Ok(ended?.0)
    };
    with_proxy(options, &args.serve, open).await
}

/// The path of the browser that was named, or of the first one on the path.
fn found(named: Option<&OsString>) -> Result<PathBuf> {
    if let Some(named) = named {
        return on_path(named).with_context(|| format!("there is no program {}", named.display()));
    }
    let mut there = BROWSERS.iter().filter_map(|name| on_path(&OsString::from(name)));
    there.next().with_context(|| {
        format!("no browser was found: install one of {}, or name one with --program", BROWSERS.join(", "))
    })
}

fn on_path(name: &OsString) -> Option<PathBuf> {
    if Path::new(name).components().count() > 1 {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn is_firefox(program: &Path) -> bool {
    let name = program.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.contains("firefox") || name.contains("librewolf")
}

/// Arguments that make Chromium trust the key of our root, in this profile alone.
fn chromium(proxy: &ProgramProxy, profile: &Path) -> Result<Vec<OsString>> {
    let root = RootCertificate::read(proxy.home.path())?.context("there is no root certificate")?;
    let mut directory = OsString::from("--user-data-dir=");
    directory.push(profile);
    Ok(vec![
        directory,
        format!("--proxy-server=http://{}", reachable(proxy.address)).into(),
        // Loopback is recorded too.
        "--proxy-bypass-list=<-loopback>".into(),
        format!("--ignore-certificate-errors-spki-list={}", STANDARD.encode(root.public_key_sha256()?))
            .into(),
        "--no-first-run".into(),
        "--no-default-browser-check".into(),
    ])
}

/// Makes a profile that goes through the proxy and trusts our root; the arguments that choose it. Where there is no
/// certutil, the policy that `dashcam run` lays over the system's has to do.
async fn firefox(proxy: &ProgramProxy, profile: &Path) -> Result<Vec<OsString>> {
    let address = reachable(proxy.address);
    fs::write(profile.join("user.js"), preferences(&address.ip().to_string(), address.port()))?;
    if has_certutil() {
        let root = proxy.home.path().join("ca.pem");
        let mut database = OsString::from("sql:");
        database.push(profile);
        let common = [OsString::from("-d"), database];
        certutil(&common, &["-N".into(), "--empty-password".into()]).await?;
        let trusted = ["-A", "-n", "dashcam", "-t", "C,,", "-i"].map(OsString::from);
        certutil(&common, &[&trusted[..], &[root.into_os_string()]].concat()).await?;
    } else {
        tracing::warn!("Firefox may not trust dashcam: install certutil (libnss3-tools, nss-tools)");
    }
    Ok(vec!["--no-remote".into(), "--profile".into(), profile.into()])
}

fn has_certutil() -> bool {
    on_path(&"certutil".into()).is_some()
}

async fn certutil(common: &[OsString], arguments: &[OsString]) -> Result<()> {
    let mut command = Command::new("certutil");
    command.args(arguments).args(common).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await?;
    if !output.status.success() {
        bail!("certutil: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Firefox's preferences: everything through the proxy, loopback too, and no pages that welcome.
fn preferences(host: &str, port: u16) -> String {
    let host = format!("{host:?}");
    let values = [
        ("network.proxy.type", "1"),
        ("network.proxy.http", &host),
        ("network.proxy.http_port", &port.to_string()),
        ("network.proxy.ssl", &host),
        ("network.proxy.ssl_port", &port.to_string()),
        ("network.proxy.no_proxies_on", "\"\""),
        ("network.proxy.allow_hijacking_localhost", "true"),
        ("browser.aboutwelcome.enabled", "false"),
        ("browser.shell.checkDefaultBrowser", "false"),
        ("datareporting.policy.dataSubmissionEnabled", "false"),
        ("toolkit.telemetry.reportingpolicy.firstRun", "false"),
    ];
    values.map(|(name, value)| format!("user_pref({name:?}, {value});\n")).concat()
}

/// Removes the profile, once the last process of the browser writes no more there.
async fn remove(profile: TempDir) {
    let path = profile.keep();
    let (times, apart) = REMOVALS;
    for _ in 0..times {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => tokio::time::sleep(apart).await,
            Ok(()) | Err(_) => return,
        }
    }
    tracing::warn!("the browser's profile {} could not be removed", path.display());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firefox_is_told_from_chromium_by_its_name() {
        for (program, expected) in
            [("/usr/bin/firefox-esr", true), ("/opt/LibreWolf", true), ("chromium", false)]
        {
            assert_eq!(is_firefox(Path::new(program)), expected, "{program}");
        }
    }

    #[test]
    fn preferences_are_javascript() {
        let text = preferences("127.0.0.1", 8080);
        assert!(text.contains("user_pref(\"network.proxy.http\", \"127.0.0.1\");\n"), "{text}");
        assert!(text.contains("user_pref(\"network.proxy.ssl_port\", 8080);\n"), "{text}");
    }

    #[test]
    fn a_browser_that_is_not_there_is_named() {
        let error = found(Some(&"no-such-browser".into())).unwrap_err().to_string();
        assert!(error.contains("no-such-browser"), "{error}");
    }
}
