//! Calls of language models: the conversation that a request holds, and the answer, joined from its pieces.

mod anthropic;
mod cohere;
mod field;
mod gemini;
mod ollama;
mod openai;
mod pieces;
mod responses;

use serde_json::Value;

use super::budget::Budget;
use super::json;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::conversation::{Conversation, TurnPart};
use crate::dto::shown::Shown;

/// Shows a conversation with a language model.
pub(super) const VIEW: ViewSpec =
    ViewSpec { name: "llm", title: "Conversation", kind: "conversation", fits, show };

/// An API of language models.
struct Api {
    /// Its name.
    name: &'static str,
    /// Returns whether a call is one of it, by its path and its fields.
    is_called: fn(&Subject) -> bool,
    /// The conversation in a request's document.
    request: fn(&Value) -> Conversation,
    /// The answer's document, joined from the pieces of a stream.
    joined: fn(Vec<Value>) -> Value,
    /// The conversation in an answer's document.
    response: fn(&Value) -> Conversation,
}

const APIS: &[Api] = &[openai::API, responses::API, anthropic::API, gemini::API, ollama::API, cohere::API];

fn api(subject: &Subject) -> Option<&'static Api> {
    APIS.iter().find(|api| (api.is_called)(subject))
}

fn fits(subject: &Subject) -> Option<Fit> {
    let looks_so = match subject.text {
        Some(_) => ["{", "[{", "[\n", "data:", "event:", ":"]
            .iter()
            .any(|start| subject.trimmed().starts_with(start)),
        None => subject.is(&["application/vnd.amazon.eventstream"]),
    };
    (looks_so && !subject.is_message && api(subject).is_some()).then_some(Fit::Certain)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let api = api(subject)?;
    let whole = subject.text.as_deref().and_then(json::parsed);
    let (document, streamed) = match whole {
        // Gemini streams a list of pieces, unless it is asked for events.
        Some(Value::Array(pieces)) if subject.is_response => ((api.joined)(pieces), true),
        Some(document) => (document, false),
        None if subject.is_response => ((api.joined)(pieces::of(subject, budget)?), true),
        None => return None,
    };
    let mut conversation = match subject.is_response {
        true => (api.response)(&document),
        false => (api.request)(&document),
    };
    conversation.error = conversation.error.or_else(|| field::error(&document));
    if conversation.turns.is_empty() && conversation.error.is_none() {
        return None;
    }
    conversation.api = api.name.to_owned();
    conversation.streamed |= streamed;
    if subject.truncated {
        budget.note("It is cut: the end of the answer is missing.");
    }
    bound(&mut conversation, budget);
    Some(Shown::Conversation(conversation))
}

/// Leaves out what goes beyond the budget.
fn bound(conversation: &mut Conversation, budget: &Budget) {
    for turn in &mut conversation.turns {
        turn.parts.retain(|part| {
            budget.take(match part {
                TurnPart::Text { text } | TurnPart::Thinking { text } | TurnPart::Other { text, .. } => {
                    text.len()
                }
                TurnPart::ToolCall { arguments, .. } => arguments.len(),
                TurnPart::ToolResult { text, .. } => text.len(),
                TurnPart::Media { .. } => 64,
            })
        });
    }
    conversation.turns.retain(|_| budget.take(64));
    conversation.tools.retain(|tool| budget.take(tool.parameters.as_ref().map_or(64, String::len)));
}

#[cfg(test)]
mod tests;
