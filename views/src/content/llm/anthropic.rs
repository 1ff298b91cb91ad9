//! Anthropic's messages, also by way of Bedrock.

use serde_json::{Value, json};

use super::Api;
use super::field::{append, count, embedded, entry, linked, list, other, plain, said, settings, text, tool};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "anthropic", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    let path = subject.path();
    let is_bedrock = || path.starts_with("/model/") && path.contains("anthropic") && path.contains("/invoke");
    path.ends_with("/v1/messages")
        || is_bedrock()
        || path.ends_with(":rawPredict")
        || path.ends_with(":streamRawPredict")
}

fn request(of: &Value) -> Conversation {
    let system: Vec<_> = of.get("system").map(parts).unwrap_or_default();
    let mut turns = Vec::new();
    turns.extend((!system.is_empty()).then(|| Turn { role: "system".to_owned(), name: None, parts: system }));
    turns.extend(list(of, "messages").iter().map(turn));
    Conversation {
        model: text(of, "model"),
        streamed: of["stream"] == true,
        turns,
        tools: list(of, "tools").iter().map(|of| tool(of, "input_schema")).collect(),
        settings: settings(Some(of), &["model", "stream", "system", "messages", "tools"]),
        ..Conversation::default()
    }
}

fn response(of: &Value) -> Conversation {
    let usage = of.get("usage").filter(|usage| usage.is_object());
    let has_content = of.get("content").is_some();
    Conversation {
        model: text(of, "model"),
        turns: has_content.then(|| turn(of)).into_iter().collect(),
        stop_reason: text(of, "stop_reason"),
        tokens: usage.map(|usage| TokenCounts {
            input: count(usage, &["input_tokens"]),
            output: count(usage, &["output_tokens"]),
            cached: count(usage, &["cache_read_input_tokens"]),
            reasoning: None,
        }),
        ..Conversation::default()
    }
}

fn turn(message: &Value) -> Turn {
    let role = text(message, "role").unwrap_or_else(|| "assistant".to_owned());
    Turn { role, name: None, parts: message.get("content").map(parts).unwrap_or_default() }
}

fn parts(content: &Value) -> Vec<TurnPart> {
    match content {
        Value::Array(blocks) => blocks.iter().map(part).collect(),
        other => said(plain(other)).into_iter().collect(),
    }
}

fn part(of: &Value) -> TurnPart {
    let known = match of["type"].as_str().unwrap_or_default() {
        "text" => text(of, "text").map(|text| TurnPart::Text { text }),
        "thinking" => text(of, "thinking").map(|text| TurnPart::Thinking { text }),
        "redacted_thinking" => Some(TurnPart::Thinking { text: "(encrypted)".to_owned() }),
        "image" | "document" => media(&of["source"]),
        "tool_use" | "server_tool_use" => Some(TurnPart::ToolCall {
            id: text(of, "id"),
            name: text(of, "name").unwrap_or_default(),
            arguments: of.get("input").map(plain).unwrap_or_default(),
        }),
        "tool_result" => Some(TurnPart::ToolResult {
            id: text(of, "tool_use_id"),
            name: None,
            text: of.get("content").map(result).unwrap_or_default(),
        }),
        _ => None,
    };
    known.unwrap_or_else(|| other(of))
}

fn media(source: &Value) -> Option<TurnPart> {
    match source["type"].as_str()? {
        "base64" => Some(embedded(text(source, "media_type"), source["data"].as_str()?)),
        "url" => Some(linked(source["url"].as_str()?)),
        "text" => text(source, "data").map(|text| TurnPart::Text { text }),
        "file" => Some(linked(source["file_id"].as_str()?)),
        _ => None,
    }
}

/// A result's texts; images in it by their type and size.
fn result(content: &Value) -> String {
    let Value::Array(blocks) = content else { return plain(content) };
    let texts = blocks.iter().map(|block| match part(block) {
        TurnPart::Text { text } => text,
        TurnPart::Media { media_type, size, .. } => {
            let media_type = media_type.unwrap_or_else(|| "media".to_owned());
            size.map_or(format!("[{media_type}]"), |size| format!("[{media_type}, {size} bytes]"))
        }
        _ => block.to_string(),
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The message begins whole, its blocks come one after the other, and grow.
fn joined(events: Vec<Value>) -> Value {
    let (mut whole, mut blocks) = (json!({}), Vec::new());
    for event in events {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" if event["message"].is_object() => whole = event["message"].clone(),
            "content_block_start" if event["content_block"].is_object() => {
                if let Some(block) = entry(&mut blocks, event["index"].as_u64().unwrap_or_default()) {
                    *block = event["content_block"].clone();
                }
            }
            "content_block_delta" => {
                if let Some(block) = entry(&mut blocks, event["index"].as_u64().unwrap_or_default()) {
                    grow(block, &event["delta"]);
                }
            }
            "message_delta" => {
                if !event["delta"]["stop_reason"].is_null() {
                    whole["stop_reason"] = event["delta"]["stop_reason"].clone();
                }
                for (name, value) in event["usage"].as_object().into_iter().flatten() {
                    if !whole["usage"].is_object() {
                        whole["usage"] = json!({});
                    }
                    whole["usage"][name] = value.clone();
                }
            }
            "error" => whole["error"] = event["error"].clone(),
            _ => {}
        }
    }
    for block in &mut blocks {
        if let Some(json) = block.as_object_mut().and_then(|block| block.remove("partial_json")) {
            block["input"] = json;
        }
    }
    whole["content"] = blocks.into();
    whole
}

fn grow(block: &mut Value, delta: &Value) {
    for name in ["text", "thinking", "partial_json"] {
        if let Some(more) = delta[name].as_str() {
            append(block, name, more);
        }
    }
}
