//! OpenAI's chat completions, which many others answer as well.

use serde_json::{Value, json};

use super::Api;
use super::field::{
    append, arguments, count, embedded, entry, linked, list, other, plain, said, settings, text, tool,
};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "openai-chat", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    subject.path().ends_with("/chat/completions")
}

fn request(of: &Value) -> Conversation {
    Conversation {
        model: text(of, "model"),
        streamed: of["stream"] == true,
        turns: list(of, "messages").iter().map(turn).collect(),
        tools: list(of, "tools")
            .iter()
            .map(|of| tool(of.get("function").unwrap_or(of), "parameters"))
            .collect(),
        settings: settings(Some(of), &["model", "stream", "messages", "tools"]),
        ..Conversation::default()
    }
}

fn response(of: &Value) -> Conversation {
    let choices = list(of, "choices");
    let reasons: Vec<_> = choices.iter().filter_map(|choice| text(choice, "finish_reason")).collect();
    Conversation {
        model: text(of, "model"),
        turns: choices.iter().filter_map(|choice| choice.get("message")).map(turn).collect(),
        stop_reason: (!reasons.is_empty()).then(|| reasons.join(", ")),
        tokens: of.get("usage").filter(|usage| usage.is_object()).map(tokens),
        ..Conversation::default()
    }
}

fn tokens(usage: &Value) -> TokenCounts {
    TokenCounts {
        input: count(usage, &["prompt_tokens"]),
        output: count(usage, &["completion_tokens"]),
        cached: count(usage, &["prompt_tokens_details", "cached_tokens"]),
        reasoning: count(usage, &["completion_tokens_details", "reasoning_tokens"]),
    }
}

fn turn(message: &Value) -> Turn {
    let role = text(message, "role").unwrap_or_else(|| "assistant".to_owned());
    let mut parts = Vec::new();
    for name in ["reasoning_content", "reasoning"] {
        let thought = text(message, name).filter(|text| !text.is_empty());
        parts.extend(thought.map(|text| TurnPart::Thinking { text }));
    }
    if role == "tool" || role == "function" {
        let id = text(message, "tool_call_id");
        let result = match message.get("content") {
            Some(Value::Array(parts)) => {
                parts.iter().map(|part| plain(part.get("text").unwrap_or(part))).collect()
            }
            content => content.map(plain).unwrap_or_default(),
        };
        parts.push(TurnPart::ToolResult { id, name: text(message, "name"), text: result });
        return Turn { role, name: None, parts };
    }
    match message.get("content") {
        Some(Value::Array(list)) => parts.extend(list.iter().map(part)),
        content => parts.extend(said(content.map(plain).unwrap_or_default())),
    }
    parts.extend(said(text(message, "refusal").unwrap_or_default()));
    for call in list(message, "tool_calls") {
        parts.push(called(
            text(call, "id"),
            call.get("function").or_else(|| call.get("custom")).unwrap_or(call),
        ));
    }
    parts.extend(message.get("function_call").filter(|call| call.is_object()).map(|call| called(None, call)));
    Turn { role, name: text(message, "name"), parts }
}

fn called(id: Option<String>, function: &Value) -> TurnPart {
    let name = text(function, "name").unwrap_or_default();
    TurnPart::ToolCall {
        id,
        name,
        arguments: arguments(function.get("arguments").or_else(|| function.get("input"))),
    }
}

fn part(of: &Value) -> TurnPart {
    let known = match of["type"].as_str().unwrap_or_default() {
        "text" => text(of, "text").map(|text| TurnPart::Text { text }),
        "refusal" => text(of, "refusal").map(|text| TurnPart::Text { text }),
        "image_url" => {
            text(&of["image_url"], "url").or_else(|| text(of, "image_url")).map(|url| linked(&url))
        }
        "input_audio" => {
            let format = text(&of["input_audio"], "format").map(|format| format!("audio/{format}"));
            text(&of["input_audio"], "data").map(|data| embedded(format, &data))
        }
        "file" => {
            let file = &of["file"];
            let source = text(file, "file_id").or_else(|| text(file, "filename"));
            match text(file, "file_data").map(|data| linked(&data)) {
                Some(TurnPart::Media { media_type, size, .. }) => {
                    Some(TurnPart::Media { media_type, size, source })
                }
                _ => Some(TurnPart::Media { media_type: None, size: None, source }),
            }
        }
        _ => None,
    };
    known.unwrap_or_else(|| other(of))
}

/// Chunks carry what is new: its text is appended, by the indexes of choices and calls.
fn joined(chunks: Vec<Value>) -> Value {
    let (mut choices, mut whole) = (Vec::new(), json!({}));
    for chunk in chunks {
        for name in ["model", "usage", "error"] {
            if let Some(value) = chunk.get(name).filter(|value| !value.is_null()) {
                whole[name] = value.clone();
            }
        }
        for choice in list(&chunk, "choices") {
            let Some(to) = entry(&mut choices, choice["index"].as_u64().unwrap_or_default()) else {
                continue;
            };
            if !choice["finish_reason"].is_null() {
                to["finish_reason"] = choice["finish_reason"].clone();
            }
            if to.get("message").is_none() {
                to["message"] = json!({});
            }
            add(&mut to["message"], &choice["delta"]);
        }
    }
    whole["choices"] = choices.into();
    whole
}

fn add(message: &mut Value, delta: &Value) {
    if let Some(role) = delta["role"].as_str() {
        message["role"] = role.into();
    }
    for name in ["content", "refusal", "reasoning_content", "reasoning"] {
        if let Some(more) = delta[name].as_str() {
            append(message, name, more);
        }
    }
    for (at, call) in (0u64..).zip(list(delta, "tool_calls")) {
        if !message["tool_calls"].is_array() {
            message["tool_calls"] = json!([]);
        }
        let Some(calls) = message["tool_calls"].as_array_mut() else { continue };
        let Some(to) = entry(calls, call["index"].as_u64().unwrap_or(at)) else { continue };
        if let Some(id) = call["id"].as_str() {
            to["id"] = id.into();
        }
        if to.get("function").is_none() {
            to["function"] = json!({});
        }
        for name in ["name", "arguments"] {
            if let Some(more) = call["function"][name].as_str() {
                append(&mut to["function"], name, more);
            }
        }
    }
}
