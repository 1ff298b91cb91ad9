//! GraphQL calls as lists show them: the operation, and the errors of an answer whose status says nothing of them.

use dashcam_exchange::{Direction, Exchange, Level, State};
use dashcam_filter::graphql_operation;
use dashcam_store::ReadError;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::content;
use crate::decode::Decoders;
use crate::dto::GraphqlCall;
use crate::search::Bodies;

/// Bytes of each body that are looked at, once it is decoded.
const LOOKED_AT: u64 = 1 << 20;

/// The operation that `exchange` asks for, and how many errors its answer has.
///
/// # Errors
/// When the store cannot be read.
pub async fn call(
    exchange: &Exchange,
    bodies: &Bodies,
    decoders: &Decoders,
) -> Result<GraphqlCall, ReadError> {
    let mut call = GraphqlCall { id: exchange.id.0, operation: None, errors: None };
    let target = &exchange.request.target;
    if exchange.level != Level::Full {
        call.operation = graphql_operation(target, &[]);
        return Ok(call);
    }
    let _room = decoders.room().await;
    let of = (exchange, Direction::Request);
    let request = content::searched(&bodies.request, decoders, of, LOOKED_AT).await?;
    call.operation = graphql_operation(target, &request);
    if exchange.state == State::Complete && exchange.response_body.size <= LOOKED_AT {
        let of = (exchange, Direction::Response);
        let response = content::searched(&bodies.response, decoders, of, LOOKED_AT).await?;
        call.errors = errors(&response);
    }
    Ok(call)
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    errors: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    One(Answer),
    Batch(Vec<Answer>),
}

/// How many errors an answer has, or all answers of a batch; `None` if it is none.
fn errors(body: &[u8]) -> Option<u64> {
    let of = |answer: Answer| answer.errors.map_or(0, |errors| errors.len() as u64);
    match serde_json::from_slice(body).ok()? {
        Answers::One(answer) => Some(of(answer)),
        Answers::Batch(answers) => Some(answers.into_iter().map(of).sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_answers_are_counted() {
        for (body, expect) in [
            (r#"{"data": {"me": null}, "errors": [{"message": "no"}, {"message": "none"}]}"#, Some(2)),
            (r#"{"data": {"me": {"errors": [1]}}}"#, Some(0)),
            (r#"{"data": null, "errors": null}"#, Some(0)),
            (r#"[{"data": {}}, {"errors": [{"message": "no"}]}]"#, Some(1)),
            ("<html>", None),
            (r#"{"errors": [{"message": "#, None),
        ] {
            assert_eq!(errors(body.as_bytes()), expect, "{body}");
        }
    }
}
