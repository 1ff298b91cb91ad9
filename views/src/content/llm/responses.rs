//! OpenAI's responses.

use serde_json::{Value, json};

use super::Api;
use super::field::{append, arguments, count, entry, linked, list, other, plain, said, settings, text, tool};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "openai-responses", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    subject.path().ends_with("/responses")
}

fn request(of: &Value) -> Conversation {
    let mut turns = Vec::new();
    if let Some(part) = text(of, "instructions").and_then(said) {
        turns.push(Turn { role: "system".to_owned(), name: None, parts: vec![part] });
    }
    match of.get("input") {
        Some(Value::Array(items)) => turns.extend(items.iter().map(item)),
        input => {
            let parts: Vec<_> = input.map(plain).and_then(said).into_iter().collect();
            turns.extend((!parts.is_empty()).then(|| Turn { role: "user".to_owned(), name: None, parts }));
        }
    }
    Conversation {
        model: text(of, "model"),
        streamed: of["stream"] == true,
        turns,
        tools: list(of, "tools").iter().map(|of| tool(of, "parameters")).collect(),
        settings: settings(Some(of), &["model", "stream", "input", "instructions", "tools"]),
        ..Conversation::default()
    }
}

fn response(of: &Value) -> Conversation {
    let usage = of.get("usage").filter(|usage| usage.is_object());
    let reason = text(&of["incomplete_details"], "reason");
    Conversation {
        model: text(of, "model"),
        turns: list(of, "output").iter().map(item).collect(),
        stop_reason: reason.or_else(|| text(of, "status")),
        tokens: usage.map(|usage| TokenCounts {
            input: count(usage, &["input_tokens"]),
            output: count(usage, &["output_tokens"]),
            cached: count(usage, &["input_tokens_details", "cached_tokens"]),
            reasoning: count(usage, &["output_tokens_details", "reasoning_tokens"]),
        }),
        ..Conversation::default()
    }
}

/// An item of the input or the output: a message, a call, its result, or reasoning.
fn item(of: &Value) -> Turn {
    let turn = |role: &str, parts| Turn { role: role.to_owned(), name: None, parts };
    let id = text(of, "call_id").or_else(|| text(of, "id"));
    match of["type"].as_str().unwrap_or("message") {
        "message" => {
            let role = text(of, "role").unwrap_or_else(|| "assistant".to_owned());
            let parts = match of.get("content") {
                Some(Value::Array(parts)) => parts.iter().map(part).collect(),
                content => content.map(plain).and_then(said).into_iter().collect(),
            };
            Turn { role, name: None, parts }
        }
        "function_call" | "custom_tool_call" => {
            let name = text(of, "name").unwrap_or_default();
            let arguments = arguments(of.get("arguments").or_else(|| of.get("input")));
            turn("assistant", vec![TurnPart::ToolCall { id, name, arguments }])
        }
        "function_call_output" | "custom_tool_call_output" => {
            let text = of.get("output").map(plain).unwrap_or_default();
            turn("tool", vec![TurnPart::ToolResult { id, name: None, text }])
        }
        "reasoning" => {
            let told = list(of, "summary").iter().chain(list(of, "content"));
            let thoughts = told.filter_map(|part| text(part, "text"));
            turn("assistant", thoughts.map(|text| TurnPart::Thinking { text }).collect())
        }
        _ => turn("assistant", vec![other(of)]),
    }
}

fn part(of: &Value) -> TurnPart {
    let known = match of["type"].as_str().unwrap_or_default() {
        "input_text" | "output_text" | "text" => text(of, "text").map(|text| TurnPart::Text { text }),
        "refusal" => text(of, "refusal").map(|text| TurnPart::Text { text }),
        "input_image" => text(of, "image_url").or_else(|| text(of, "file_id")).map(|url| linked(&url)),
        "input_file" => {
            let data = text(of, "file_data").or_else(|| text(of, "file_url"));
            let named = text(of, "file_id").or_else(|| text(of, "filename"));
            data.or(named).map(|url| linked(&url))
        }
        _ => None,
    };
    known.unwrap_or_else(|| other(of))
}

/// The last event has the whole response. Where that is missing, the items are made of what came.
fn joined(events: Vec<Value>) -> Value {
    let (mut whole, mut output, mut is_done) = (json!({}), Vec::new(), false);
    for event in events {
        let kind = event["type"].as_str().unwrap_or_default();
        if kind == "error" {
            whole["error"] = event.get("error").unwrap_or(&event).clone();
        }
        if let Some(response) = event.get("response").filter(|response| response.is_object()) {
            is_done |= matches!(kind, "response.completed" | "response.incomplete" | "response.failed");
            whole = response.clone();
        }
        let Some(to) = event["output_index"].as_u64().and_then(|index| entry(&mut output, index)) else {
            continue;
        };
        match kind {
            "response.output_item.added" | "response.output_item.done" if event["item"].is_object() => {
                *to = event["item"].clone();
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                if !to["content"].is_array() {
                    to["content"] = json!([]);
                }
                let index = event["content_index"].as_u64().unwrap_or_default();
                let content = to["content"].as_array_mut().and_then(|content| entry(content, index));
                if let (Some(part), Some(more)) = (content, event["delta"].as_str()) {
                    part["type"] = "output_text".into();
                    append(part, "text", more);
                }
            }
            "response.function_call_arguments.delta" => {
                append(to, "arguments", event["delta"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    if !is_done || list(&whole, "output").is_empty() {
        whole["output"] = output.into();
    }
    whole
}
