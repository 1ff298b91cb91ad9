//! `dashcam demo`: a dashcam with traffic to look at, which needs no network.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use dashcam_demo::{Origin, Traffic};

use super::open;
use crate::cli::{DemoArgs, ServeArgs};
use crate::client::Client;
use crate::container::Container;
use crate::environment::reachable;
use crate::exit::CannotStart;
use crate::home::Home;
use crate::instance::Instance;
use crate::open_files;
use crate::options::Options;
use crate::page;
use crate::program_proxy::{forward_address, with_free_ports};
use crate::signals::Signals;
use crate::terminal::{Color, is_colored, paint, print};

/// The folder of the origin's certificates, in the home.
const FOLDER: &str = "demo";

/// Serves made-up traffic until SIGTERM or SIGINT; the exit code. Without `home` all of it, but for `db`, is in a folder that is
/// removed at the end.
pub(crate) async fn demo(
    home: Option<PathBuf>,
    db: Option<PathBuf>,
    args: &DemoArgs,
    container: &Container,
) -> Result<u8> {
    let temporary = tempfile::Builder::new().prefix("dashcam-demo-").tempdir()?;
    let home = home.filter(|path| !path.as_os_str().is_empty());
    let is_kept = home.is_some() || db.is_some();
    let home = Home::new(home.or_else(|| Some(temporary.path().to_owned()))).context(CannotStart)?;
    let recording = db.clone().unwrap_or_else(|| home.database());
    refuse_recording(&[recording, home.database()]).context(CannotStart)?;
    home.create().context(CannotStart)?;
    let mut signals = Signals::new()?;
    let origin = Origin::bind(&home.path().join(FOLDER)).await.context(CannotStart)?;
    let places = origin.places()?;
    let serve = ServeArgs { listen_port: args.listen_port, web_port: args.web_port, ..ServeArgs::default() };
    let mut options = Options::read(home.clone(), db, &serve, container).context(CannotStart)?;
    options.proxy.tls.extra_roots.push(origin.root());
    for resolve in places.resolves() {
        options.proxy.outbound.resolve.push(resolve.parse()?);
    }
    let options = with_free_ports(options, &serve).with_open_files(open_files::raise_limit());
    let mut instance = tokio::select! {
        instance = Instance::start(options) => instance.context(CannotStart)?,
        () = signals.next() => return Ok(0),
    };
    let proxy = reachable(forward_address(&instance.listeners)?);
    let traffic = Traffic::new(proxy, places, instance.authority.root_pem(), &origin.root_pem())?;
    print(greeting(&instance, &home, is_kept))?;
    let opening = async {
        if opens(args)
            && let Err(error) = open::open(&home, &Client::of(&home)).await
        {
            tracing::warn!("{error:#}");
        }
    };
    let failed = tokio::select! {
        _ = async { tokio::join!(origin.serve(), traffic.run(), opening) } => None,
        error = instance.failed() => Some(error),
        () = signals.next() => None,
    };
    tokio::select! {
        stopped = instance.stop() => stopped?,
        () = signals.next() => return Ok(1),
    }
    failed.map_or(Ok(0), Err)
}

/// Fails if one of `databases` is there: made-up traffic is not to get into a recording.
fn refuse_recording(databases: &[PathBuf]) -> Result<()> {
    match databases.iter().find(|path| path.exists()) {
        None => Ok(()),
        Some(path) => bail!(
            "{} is a recording already, and the demonstration writes into none that is there: choose an empty folder \
             with --home DIR, or leave --home, --db and $DASHCAM_HOME out",
            path.display()
        ),
    }
}

/// Returns whether the page is opened in a browser: for a person, where there is a screen.
fn opens(args: &DemoArgs) -> bool {
    let has_screen =
        ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"].map(std::env::var_os).iter().any(Option::is_some);
    !args.no_open && std::io::stdout().is_terminal() && (has_screen || cfg!(target_os = "macos"))
}

/// Says where the page is and what to try.
fn greeting(instance: &Instance, home: &Home, is_kept: bool) -> String {
    let bold = |text: &str| paint(text, Color::Bold, is_colored());
    let page = if std::io::stdout().is_terminal() {
        format!("The page: {}", bold(&page::signing_in(&instance.page, &instance.token).unwrap_or_default()))
    } else {
        page::sentence(&instance.page, &home.token_path())
    };
    let proxy = instance.listeners.first().map(|listener| listener.address.to_string()).unwrap_or_default();
    let end = if is_kept { "Ctrl+C ends it." } else { "Ctrl+C ends it, and removes what it recorded." };
    format!(
        "\n  A made-up shop and its clients talk through dashcam. Nothing leaves this machine. {end}\n  \
         {page}\n  \
         Try a filter: {}   {}   {}\n  \
         Add a request of your own: {}\n  \
         Look from the command line: {}\n\n",
        bold("status:5xx | state:failed"),
        bold("host:llm.shop.test"),
        bold("dur:>1s"),
        bold(&format!("curl --proxy http://{proxy} http://dashcam.test/")),
        bold(&format!("dashcam --home {} tail", home.path().display())),
    )
}
