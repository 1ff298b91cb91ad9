//! The ways in and their end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router, middleware};
use tokio::net::UnixListener;
use tokio::sync::watch;

use crate::app::{App, PageState, Parts, stopped};
use crate::guard::{Cookie, Guard, Hosts};
use crate::page::admission::Admission;
use crate::page::bounds::Bounds;
use crate::page::{Page, PageLimits, accept, body};
use crate::principal::{Granted, Principal, SocketUser};
use crate::stored_tokens::StoredTokens;
use crate::{api, assets, guard, headers, permit, read_only, stalled_store};

/// How long the store may take to tell which tokens there are before the page opens without them.
const TOKENS_WITHIN: Duration = Duration::from_secs(1);
/// How long calls that are under way at shutdown may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Answers calls on the page's listener, with the token or a session, and on the control socket, without, until
/// `shutdown`. Then live streams end at once, and other calls within five seconds.
///
/// # Errors
/// When the page's own address cannot be read, or the control socket fails.
pub async fn serve(
    parts: Parts,
    page: Option<Page>,
    control_socket: Option<UnixListener>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let limits = page.as_ref().map(|page| page.limits.clone()).unwrap_or_default();
    let admission = Arc::new(Admission::new(&limits));
    let bounds = Arc::new(Bounds::new(&limits));
    let cookie = cookie(page.as_ref(), &parts.root_pem)?;
    let (access, audit) = (parts.access.clone(), parts.audit.clone());
    let tokens = StoredTokens::of(&parts);
    let late = tokens.take_within(TOKENS_WITHIN).await;
    let state =
        PageState { admission: Arc::clone(&admission), bounds: Arc::clone(&bounds), cookie: cookie.clone() };
    let site = site(App::new(parts, state, stopping.clone()));
    let serving = async {
        let over_page = async {
            let Some(page) = page else { return Ok(()) };
            let hosts = Hosts::new(page.address()?, page.tls.is_some(), page.names.clone());
            let guard = Arc::new(Guard::new((access, audit), hosts, cookie));
            let router = site
                .clone()
                .layer(Extension(bounds))
                .layer(middleware::from_fn_with_state(limits.stall, body::get_on))
                .layer(middleware::from_fn_with_state(guard, guard::check))
                .layer(middleware::from_fn(headers::harden));
            accept::run(page, router, admission, stopping.clone()).await
        };
        let over_socket = over_unix(control_socket, site.clone(), stopping.clone());
        let tokens = async {
            tokens.take_later(late, stopping.clone()).await;
            Ok(())
        };
        tokio::try_join!(over_page, over_socket, tokens)
    };
    tokio::pin!(serving);
    let mut shutdown = std::pin::pin!(shutdown);
    // Without a page and a control socket there is nothing to serve, which is no reason to end.
    tokio::select! {
        ended = &mut serving => match ended {
            Ok(_) => { shutdown.await; return Ok(()) }
            Err(error) => return Err(error),
        },
        () = &mut shutdown => {}
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

fn cookie(page: Option<&Page>, root_pem: &str) -> io::Result<Cookie> {
    let Some(page) = page else { return Ok(Cookie::new(None, root_pem, false)) };
    Ok(Cookie::new(page.address()?.map(|address| address.port()), root_pem, page.tls.is_some()))
}

fn site(app: App) -> Router {
    let patience = middleware::from_fn_with_state(app.clone(), stalled_store::answer);
    let refuse = middleware::from_fn_with_state(app.clone(), read_only::refuse_changes);
    let permit = middleware::from_fn_with_state(app.clone(), permit::check);
    api::router().layer(patience).layer(permit).fallback(assets::serve).with_state(app).layer(refuse)
}

/// The control socket: whoever can open it is the owner. It has bounds of its own, which the page's callers don't reach.
async fn over_unix(
    listener: Option<UnixListener>,
    site: Router,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let Some(listener) = listener else { return Ok(()) };
    let bounds = Arc::new(Bounds::new(&PageLimits::default()));
    let router =
        site.layer(Extension(bounds)).layer(Extension(Principal::Cli)).layer(Extension(Granted::owner()));
    let service = router.into_make_service_with_connect_info::<SocketUser>();
    axum::serve(listener, service).with_graceful_shutdown(async move { stopped(&mut stopping).await }).await
}
