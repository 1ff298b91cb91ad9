//! A recording that is only looked at: the page and the API, without traffic. It takes no lock and no control socket,
//! so that the instance that records goes on as if nobody looked.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use dashcam_changes::Changes;
use dashcam_control::{Control, Settings};
use dashcam_recorder::recorder;
use dashcam_store::Store;
use dashcam_web_ui::dto::Outbound;
use dashcam_web_ui::{Access, Audit, PagePlace};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::exit::CannotStart;
use crate::home::Home;
use crate::logging;
use crate::options::Options;
use crate::page::{self, BoundPage};
use crate::redaction_key;
use crate::signals::Signals;
use crate::terminal::{Color, is_colored, paint, print};

/// How often the token is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Serves the page until SIGTERM or SIGINT; the exit code.
pub(crate) async fn view(options: Options) -> Result<u8> {
    logging::start(options.log.as_deref().unwrap_or("info"), options.log_format).context(CannotStart)?;
    let mut signals = Signals::new()?;
    // There is nothing to switch and no flight recorder; those that come by mistake do no harm.
    let _harmless = [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?];
    let store = Store::open_read_only(&options.database).await.context(CannotStart)?;
    options.home.create().context(CannotStart)?;
    options.home.refuse_exposed().context(CannotStart)?;
    let token = options.home.token().context(CannotStart)?;
    let BoundPage { page, place, socket_file: _socket_file, .. } =
        page::bind(&options.page).await.context(CannotStart)?;
    announce(&options, &place, &token)?;
    // Sessions are kept in memory alone: the home may be that of the dashcam that records.
    let access = Access::new(&token, None, &options.page.limits);
    let parts = parts(&options, &store, access.clone(), place).await.context(CannotStart)?;
    let stop = CancellationToken::new();
    let serving = dashcam_web_ui::serve(parts, page, None, stop.clone().cancelled_owned());
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => {
            ended?;
            anyhow::bail!("the page ended by itself");
        }
        () = follow_token(&options.home, &access, token) => {}
        () = signals.next() => stop.cancel(),
    }
    serving.await?;
    store.close().await;
    Ok(0)
}

/// Takes a new token when there is one: no control socket tells of it here. It does not return.
async fn follow_token(home: &Home, access: &Access, mut known: String) {
    loop {
        sleep(LOOK).await;
        let home = home.clone();
        let read = spawn_blocking(move || home.token()).await;
        if let Ok(Ok(token)) = read
            && token != known
        {
            access.replace_token(&token).await;
            known = token;
        }
    }
}

async fn parts(
    options: &Options,
    store: &Store,
    access: Access,
    page: PagePlace,
) -> Result<dashcam_web_ui::Parts> {
    let stored =
        store.reader().settings().await?.and_then(|json| serde_json::from_value::<Settings>(json).ok());
    let settings = stored.and_then(|settings| settings.checked().ok()).unwrap_or_default();
    // Nothing is recorded: it is there for what asks it.
    let (recorder, _) = recorder(options.limits, store.reader().last_ids().await?);
    let control = Arc::new(Control::new(settings));
    // Nothing is changed.
    let (changes, _) = Changes::new(Arc::clone(&control), store.clone());
    Ok(dashcam_web_ui::Parts {
        store: store.clone(),
        control,
        changes,
        config: None,
        redaction: None,
        redaction_definitions: None,
        redaction_keys: redaction_key::open(&options.home)?.map(Arc::new),
        recorder,
        flight: None,
        replayer: None,
        access,
        // The database is not written. Only the home's token lets somebody in.
        audit: Audit::off(),
        new_token: None,
        page,
        decoding: options.decoding,
        root_pem: std::fs::read_to_string(options.home.path().join("ca.pem")).unwrap_or_default(),
        home: options.home.path().to_owned(),
        listeners: Vec::new(),
        setup_site: false,
        outbound: Outbound::default(),
        governed: None,
        version: env!("CARGO_PKG_VERSION"),
        started_at: dashcam_recorder::now(),
    })
}

fn announce(options: &Options, place: &PagePlace, token: &str) -> Result<()> {
    let database = options.database.display();
    if std::io::stdout().is_terminal() {
        let address = page::signing_in(place, token).unwrap_or_default();
        let address = paint(&address, Color::Bold, is_colored());
        print(format!("\n  {database}, to be read only:\n    {address}\n\n"))?;
    }
    if !std::io::stdout().is_terminal() || !std::io::stderr().is_terminal() {
        let token: &Path = &options.home.token_path();
        tracing::info!("reading {database}");
        tracing::info!("{}", page::sentence(place, token));
    }
    Ok(())
}
