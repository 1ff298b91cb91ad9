//! `dashcam serve`: takes traffic until told to stop.

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::exit::CannotStart;
use crate::instance::Instance;
use crate::logging;
use crate::open_files;
use crate::options::Options;
use crate::page;
use crate::program_proxy::is_forward;
use crate::signals::Signals;
use crate::terminal::{Color, is_colored, paint, print};

/// Serves until SIGTERM or SIGINT; the exit code.
pub(crate) async fn serve(options: Options) -> Result<u8> {
    logging::start(options.log.as_deref().unwrap_or("info"), options.log_format).context(CannotStart)?;
    let options = options.with_open_files(open_files::raise_limit());
    let mut signals = Signals::new()?;
    let (home, database) = (options.home.clone(), options.database.clone());
    let mut instance = tokio::select! {
        instance = Instance::start(options) => instance.context(CannotStart)?,
        () = signals.next() => return Ok(0),
    };
    announce(&instance, &database, &home.token_path())?;
    tokio::select! {
        error = instance.failed() => {
            tracing::error!("{error:#}: stopping");
            instance.stop().await?;
            return Err(error);
        }
        () = signals.next() => {}
    }
    tracing::info!("stopping: what is under way may end; once more ends it at once");
    tokio::select! {
        stopped = instance.stop() => stopped.map(|()| 0),
        () = signals.next() => Ok(1),
    }
}

/// Says where everything is: to a person how to go on, to a log without the secret.
fn announce(instance: &Instance, database: &Path, token_path: &Path) -> Result<()> {
    let is_person = std::io::stdout().is_terminal();
    if is_person {
        print(greeting(instance, is_colored()))?;
    }
    if !is_person || !std::io::stderr().is_terminal() {
        for listener in &instance.listeners {
            tracing::info!("{listener} traffic is taken on {}", listener.address);
        }
        let root = instance.authority.root_path().display();
        tracing::info!("clients are to trust {root} ({})", instance.authority.fingerprint());
        tracing::info!("recording to {}", database.display());
        tracing::info!("{}", page::sentence(&instance.page, token_path));
    }
    Ok(())
}

fn greeting(instance: &Instance, is_colored: bool) -> String {
    let bold = |text: &str| paint(text, Color::Bold, is_colored);
    let mut lines = vec![String::new()];
    let user = if instance.asks_password { "USER:PASSWORD@" } else { "" };
    for listener in &instance.listeners {
        let address = listener.address;
        if listener.proxy_protocol.is_some() {
            let to = bold(&address.to_string());
            lines.push(format!(
                "  Load balancers send traffic for {listener} to {to}, with the PROXY protocol"
            ));
        } else if is_forward(&listener.mode.to_string()) {
            lines.push("  Send a program's traffic through dashcam:".to_owned());
            let url = format!("http://{user}{address}");
            lines.push(bold(&format!("    export HTTP_PROXY={url} HTTPS_PROXY={url}")));
            lines.push("    or run it with: dashcam run -- COMMAND".to_owned());
        } else if listener.mode.name() == "socks5" {
            lines.push("  Send a program's traffic through dashcam by SOCKS5:".to_owned());
            lines.push(bold(&format!("    export ALL_PROXY=socks5h://{user}{address}")));
        } else if listener.mode.name() == "transparent" {
            lines
                .push("  Let the firewall redirect connections (docs/PRODUCTION.md has rules) to".to_owned());
            lines.push(bold(&format!("    {address}")));
        } else {
            lines
                .push(format!("  Traffic for {listener} is taken on {}", bold(&format!("http://{address}"))));
        }
    }
    lines.push(String::new());
    lines.push("  Let it trust the certificate (`dashcam ca` shows how):".to_owned());
    lines.push(bold(&format!("    {}", instance.authority.root_path().display())));
    lines.push(String::new());
    lines.push("  See what passes:".to_owned());
    let page = page::signing_in(&instance.page, &instance.token);
    lines.push(bold(&format!(
        "    {}",
        page.as_deref().unwrap_or("dashcam tail   (there is no page: --no-web)")
    )));
    lines.push(String::new());
    lines.join("\n") + "\n"
}
