//! The role of a caller against the role that a route needs, and the reads that the audit log notes.

use axum::extract::{FromRequestParts as _, MatchedPath, Query, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use dashcam_exchange::ExchangeId;
use dashcam_filter::Parts;

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::filter;
use crate::paths::BASE;
use crate::permissions;
use crate::principal::Caller;
use crate::role::Role;

/// The middleware: refuses calls that the caller's role does not allow, and notes who reads an exchange.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        // None of the API's routes: a file of the page.
        return next.run(request).await;
    };
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = Caller::from_request_parts(&mut parts, &app).await;
    let request = Request::from_parts(parts, body);
    let (method, path) = (request.method().clone(), path.as_str());
    if let Err(refusal) = allowed(&app, &caller, (&method, path), request.uri()).await {
        return refusal.into_response();
    }
    let read = permissions::part(&method, path).zip(exchange(request.uri()));
    let response = next.run(request).await;
    if let Some((part, id)) = read
        && response.status().is_success()
    {
        app.audit.read(&caller, id, part);
    }
    response
}

async fn allowed(
    app: &App,
    caller: &Caller,
    (method, path): (&Method, &str),
    uri: &Uri,
) -> Result<(), ApiError> {
    let needed = permissions::needed(method, path);
    if caller.role < needed {
        let message = format!(
            "This needs the role {needed}, and you have the role {}. Ask an admin for a token: `dashcam token new \
             --role {needed}` makes one.",
            caller.role
        );
        return Err(ApiError::new(Code::RoleNeeded, message));
    }
    match caller.role {
        Role::ViewerWithoutBodies => without_contents(app, uri).await,
        _ => Ok(()),
    }
}

/// Refuses filters that look into bodies and messages: they would say what is in there.
async fn without_contents(app: &App, uri: &Uri) -> Result<(), ApiError> {
    // One that can't be read is refused behind here.
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else { return Ok(()) };
    for (_, text) in pairs.iter().filter(|(name, _)| name == "filter") {
        if filter::read(app, Some(text)).await?.needs().intersects(Parts::CONTENTS) {
            let message = format!(
                "This filter looks into bodies or messages, which needs the role {}, and you have the role {}. Leave \
                 out terms such as body:TEXT and ws:TEXT.",
                Role::Viewer,
                Role::ViewerWithoutBodies
            );
            return Err(ApiError::new(Code::RoleNeeded, message));
        }
    }
    Ok(())
}

/// The exchange that an address is about.
fn exchange(uri: &Uri) -> Option<ExchangeId> {
    let rest = uri.path().strip_prefix(BASE)?.strip_prefix("/exchanges/")?;
    rest.split('/').next()?.parse().ok().map(ExchangeId)
}
