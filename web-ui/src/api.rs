//! Every route of the API, on one screen; `docs/API.md` is its contract.

mod access;
mod audit;
mod bodies;
mod body_messages;
mod boundaries;
mod ca;
mod certificates;
mod completion;
mod compose;
mod connections;
mod descriptors;
mod exchanges;
mod explanation;
mod export;
mod extract;
mod figures;
mod gaps;
mod graphql;
mod language;
mod leases;
mod list;
mod live;
mod losses;
mod messages;
mod metrics;
mod notes;
mod openapi;
mod page;
mod payload;
mod pins;
mod presets;
mod preview;
mod redaction;
mod redactions;
mod rejected;
mod replay;
mod rule_test;
mod rules;
mod seals;
mod selection;
mod settings;
mod snapshots;
mod snippet;
mod status;
mod text;
mod tokens;
mod tree;
mod unseals;
mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::paths::BASE;

pub(crate) use extract::{Body, Path, Query};
pub(crate) use page::Limit;

/// The largest body of a call, but for replays and new requests, which may bring one to send.
const LARGEST_CALL: usize = 64 << 10;

fn routes() -> OpenApiRouter<App> {
    let api = OpenApiRouter::new()
        .routes(routes!(list::list, exchanges::delete_all))
        .routes(routes!(exchanges::delete_some))
        .routes(routes!(figures::count))
        .routes(routes!(figures::facets))
        .routes(routes!(figures::histogram))
        .routes(routes!(figures::groups))
        .routes(routes!(tree::branches))
        .routes(routes!(graphql::calls))
        .routes(routes!(exchanges::one, exchanges::delete))
        .routes(routes!(selection::count))
        .routes(routes!(pins::pin, pins::unpin))
        .routes(routes!(pins::pin_some, pins::unpin_some))
        .routes(routes!(notes::change))
        .routes(routes!(presets::list))
        .routes(routes!(presets::keep, presets::remove))
        .routes(routes!(completion::complete))
        .routes(routes!(explanation::explained))
        .routes(routes!(language::document))
        .routes(routes!(bodies::body))
        .routes(routes!(preview::preview))
        .routes(routes!(text::text))
        .routes(routes!(messages::list))
        .routes(routes!(payload::payload))
        .routes(routes!(views::of_body))
        .routes(routes!(views::body_in))
        .routes(routes!(views::of_message))
        .routes(routes!(views::message_in))
        .routes(routes!(body_messages::list))
        .routes(routes!(body_messages::payload))
        .routes(routes!(body_messages::views))
        .routes(routes!(body_messages::view))
        .routes(routes!(snippet::curl))
        .routes(routes!(snippet::one))
        .routes(routes!(connections::list))
        .routes(routes!(connections::close_unread))
        .routes(routes!(connections::one))
        .routes(routes!(rejected::list, rejected::remove_all))
        .routes(routes!(rejected::remove))
        .routes(routes!(certificates::one))
        .routes(routes!(live::live))
        .routes(routes!(settings::read, settings::change))
        .routes(routes!(settings::history))
        .routes(routes!(rules::list, rules::replace, rules::add))
        .routes(routes!(rules::remove))
        .routes(routes!(redaction::in_force))
        .routes(routes!(rule_test::test))
        .routes(routes!(leases::list, leases::begin))
        .routes(routes!(leases::extend, leases::end))
        .routes(routes!(snapshots::list, snapshots::take))
        .routes(routes!(snapshots::one, snapshots::delete))
        .routes(routes!(snapshots::save))
        .routes(routes!(status::status))
        .routes(routes!(gaps::list))
        .routes(routes!(gaps::by_hour))
        .routes(routes!(boundaries::list))
        .routes(routes!(losses::since))
        .routes(routes!(export::all))
        .routes(routes!(export::one))
        .routes(routes!(export::har))
        .routes(routes!(export::har_of_one))
        .routes(routes!(unseals::note))
        .routes(routes!(redactions::redact))
        .routes(routes!(redactions::scrub))
        .routes(routes!(redactions::redact_value))
        .routes(routes!(seals::list))
        .routes(routes!(seals::delete))
        .routes(routes!(access::sign_out))
        .routes(routes!(access::rotate))
        .routes(routes!(tokens::role))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(ca::root))
        .routes(routes!(openapi::document));
    let replay = OpenApiRouter::new().routes(routes!(replay::replay)).routes(routes!(compose::send));
    let descriptors = routes!(descriptors::current, descriptors::keep, descriptors::remove);
    let descriptors = OpenApiRouter::new().routes(descriptors);
    let metrics = OpenApiRouter::new().routes(routes!(metrics::metrics));
    let api = api.layer(DefaultBodyLimit::max(LARGEST_CALL));
    let api = api.merge(replay.layer(DefaultBodyLimit::max(replay::LARGEST_CALL)));
    let api = api.merge(descriptors.layer(DefaultBodyLimit::max(descriptors::LARGEST_CALL)));
    OpenApiRouter::with_openapi(openapi::head()).nest(BASE, api).merge(metrics)
}

/// The API's routes, without the page and without the guard.
pub(crate) fn router() -> Router<App> {
    let (router, _) = routes().split_for_parts();
    router.method_not_allowed_fallback(method_not_allowed)
}

/// The OpenAPI document, as pretty JSON: what `web-ui/openapi.json` holds.
///
/// # Panics
/// Never: the document is made of strings and numbers only.
#[must_use]
pub fn openapi() -> String {
    let mut json = routes().into_openapi().to_pretty_json().expect("strings and numbers serialize");
    json.push('\n');
    json
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::new(Code::MethodNotAllowed, format!("This path does not take {method}: see docs/API.md."))
}
