//! Cohere's chat, in its second version and its first.

use serde_json::{Value, json};

use super::Api;
use super::field::{append, arguments, count, entry, linked, list, other, plain, said, settings, text, tool};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "cohere", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    matches!(subject.path(), "/v2/chat" | "/v1/chat")
}

fn request(of: &Value) -> Conversation {
    let mut turns: Vec<_> = list(of, "messages").iter().map(turn).collect();
    // The first version.
    turns.extend(text(of, "preamble").and_then(said).map(|part| spoken("system", part)));
    turns.extend(list(of, "chat_history").iter().filter_map(|before| {
        let role = text(before, "role")?.to_ascii_lowercase();
        let role = if role == "chatbot" { "assistant".to_owned() } else { role };
        Some(spoken(&role, said(text(before, "message")?)?))
    }));
    turns.extend(text(of, "message").and_then(said).map(|part| spoken("user", part)));
    let shown = &["model", "stream", "messages", "tools", "preamble", "chat_history", "message"];
    Conversation {
        model: text(of, "model"),
        streamed: of["stream"] == true,
        turns,
        tools: list(of, "tools")
            .iter()
            .map(|of| tool(of.get("function").unwrap_or(of), "parameters"))
            .collect(),
        settings: settings(Some(of), shown),
        ..Conversation::default()
    }
}

fn spoken(role: &str, part: TurnPart) -> Turn {
    Turn { role: role.to_owned(), name: None, parts: vec![part] }
}

fn response(of: &Value) -> Conversation {
    let usage = of.get("usage").or_else(|| of.get("meta"));
    let first = || text(of, "text").and_then(said).map(|part| spoken("assistant", part));
    Conversation {
        turns: of
            .get("message")
            .filter(|message| message.is_object())
            .map(turn)
            .or_else(first)
            .into_iter()
            .collect(),
        stop_reason: text(of, "finish_reason"),
        tokens: usage.map(|usage| TokenCounts {
            input: count(usage, &["tokens", "input_tokens"]),
            output: count(usage, &["tokens", "output_tokens"]),
            ..TokenCounts::default()
        }),
        // Errors are a message alone.
        error: of.get("message").and_then(Value::as_str).map(str::to_owned),
        ..Conversation::default()
    }
}

fn turn(message: &Value) -> Turn {
    let role = text(message, "role").unwrap_or_else(|| "assistant".to_owned());
    if role == "tool" {
        let found = match message.get("content") {
            Some(Value::Array(parts)) => parts
                .iter()
                .map(|part| plain(part.get("text").or_else(|| part.get("document")).unwrap_or(part)))
                .collect::<Vec<_>>()
                .join("\n"),
            content => content.map(plain).unwrap_or_default(),
        };
        let result = TurnPart::ToolResult { id: text(message, "tool_call_id"), name: None, text: found };
        return Turn { role, name: None, parts: vec![result] };
    }
    let mut parts = Vec::new();
    parts.extend(
        text(message, "tool_plan").filter(|text| !text.is_empty()).map(|text| TurnPart::Thinking { text }),
    );
    match message.get("content") {
        Some(Value::Array(list)) => parts.extend(list.iter().map(part)),
        content => parts.extend(content.map(plain).and_then(said)),
    }
    parts.extend(list(message, "tool_calls").iter().map(|call| {
        let function = &call["function"];
        let name = text(function, "name").unwrap_or_default();
        TurnPart::ToolCall { id: text(call, "id"), name, arguments: arguments(function.get("arguments")) }
    }));
    Turn { role, name: None, parts }
}

fn part(of: &Value) -> TurnPart {
    let known = match of["type"].as_str().unwrap_or_default() {
        "text" => text(of, "text").map(|text| TurnPart::Text { text }),
        "thinking" => text(of, "thinking").map(|text| TurnPart::Thinking { text }),
        "image_url" => text(&of["image_url"], "url").map(|url| linked(&url)),
        _ => None,
    };
    known.unwrap_or_else(|| other(of))
}

/// The parts of the message begin, grow and end; the first version has the whole at the end.
fn joined(events: Vec<Value>) -> Value {
    let (mut whole, mut content, mut calls) = (json!({}), Vec::new(), Vec::new());
    let (mut plan, mut first) = (String::new(), String::new());
    for event in events {
        if event["event_type"] == "stream-end" && event["response"].is_object() {
            return event["response"].clone();
        }
        first.push_str(event["text"].as_str().unwrap_or_default());
        let (delta, index) = (&event["delta"], event["index"].as_u64().unwrap_or_default());
        let message = &delta["message"];
        plan.push_str(message["tool_plan"].as_str().unwrap_or_default());
        if let Some(part) = message.get("content").filter(|part| part.is_object()) {
            grow(entry(&mut content, index), part, &["text", "thinking"]);
        }
        if let Some(call) = message.get("tool_calls").filter(|call| call.is_object()) {
            let to = entry(&mut calls, index);
            if let Some(to) = to {
                if let Some(id) = call["id"].as_str() {
                    to["id"] = id.into();
                }
                if to.get("function").is_none() {
                    to["function"] = json!({});
                }
                grow(to.get_mut("function"), &call["function"], &["name", "arguments"]);
            }
        }
        for name in ["finish_reason", "usage"] {
            if let Some(value) = delta.get(name) {
                whole[name] = value.clone();
            }
        }
    }
    if first.is_empty() {
        whole["message"] = json!({"content": content, "tool_calls": calls, "tool_plan": plan});
    } else {
        whole["text"] = first.into();
    }
    whole
}

fn grow(to: Option<&mut Value>, delta: &Value, names: &[&str]) {
    let Some(to) = to else { return };
    if let Some(kind) = delta["type"].as_str() {
        to["type"] = kind.into();
    }
    for name in names {
        if let Some(more) = delta[name].as_str() {
            append(to, name, more);
        }
    }
}
