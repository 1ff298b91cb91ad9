//! The listeners and their end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use axum::{Extension, Router, middleware};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;

use crate::app::{App, Parts, stopped};
use crate::caller::Caller;
use crate::guard::Guard;
use crate::{api, assets, guard, headers, patience, read_only};

/// How long calls that are under way at shutdown may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Answers calls on the page's listener, with the token, and on the Unix socket, without, until `shutdown`.
/// Then live streams end at once, and other calls within five seconds.
///
/// # Errors
/// When the page's own address cannot be read, or a listener fails.
pub async fn serve(
    parts: Parts,
    page: TcpListener,
    control_socket: Option<UnixListener>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let guard = Arc::new(Guard::new(&parts.token, page.local_addr()?));
    let site = site(App::new(parts, stopping.clone()));
    let guarded = site.clone().layer(middleware::from_fn_with_state(guard, guard::check));
    let serving = async {
        tokio::try_join!(
            over_tcp(page, guarded.layer(middleware::map_response(headers::harden)), stopping.clone()),
            over_unix(control_socket, site.layer(Extension(Caller::Cli)), stopping.clone()),
        )
    };
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended.map(|_| ()),
        () = shutdown => {}
    }
    stop.send_replace(true);
    match tokio::time::timeout(GRACE, serving).await {
        Ok(ended) => ended.map(|_| ()),
        Err(_) => {
            tracing::warn!("calls to the page took too long to end and were cut off");
            Ok(())
        }
    }
}

fn site(app: App) -> Router {
    let patience = middleware::from_fn_with_state(app.clone(), patience::answer);
    let refuse = middleware::from_fn_with_state(app.clone(), read_only::refuse_changes);
    api::router().layer(patience).fallback(assets::serve).with_state(app).layer(refuse)
}

async fn over_tcp(
    listener: TcpListener,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    // Events are small and must not wait for a full packet.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(async move { stopped(&mut stopping).await }).await
}

async fn over_unix(
    listener: Option<UnixListener>,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    match listener {
        Some(listener) => {
            axum::serve(listener, router)
                .with_graceful_shutdown(async move { stopped(&mut stopping).await })
                .await
        }
        None => Ok(()),
    }
}
