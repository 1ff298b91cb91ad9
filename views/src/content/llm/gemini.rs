//! Google's Gemini, by its own address or by way of Vertex.

use serde_json::{Value, json};

use super::Api;
use super::field::{append, count, embedded, entry, linked, list, other, plain, settings, text, tool};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "gemini", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    subject.path().ends_with(":generateContent") || subject.path().ends_with(":streamGenerateContent")
}

/// The member of a request, which has names in two spellings.
fn member<'v>(of: &'v Value, name: &str, other: &str) -> Option<&'v Value> {
    of.get(name).or_else(|| of.get(other))
}

fn request(of: &Value) -> Conversation {
    let mut turns = Vec::new();
    if let Some(system) = member(of, "systemInstruction", "system_instruction") {
        turns.push(Turn { role: "system".to_owned(), ..turn(system) });
    }
    turns.extend(list(of, "contents").iter().map(turn));
    let tools = list(of, "tools").iter().flat_map(|tools| {
        let declared =
            member(tools, "functionDeclarations", "function_declarations").and_then(Value::as_array);
        declared.into_iter().flatten().map(|of| tool(of, "parameters"))
    });
    Conversation {
        turns,
        tools: tools.collect(),
        settings: settings(member(of, "generationConfig", "generation_config"), &[]),
        ..Conversation::default()
    }
}

fn response(of: &Value) -> Conversation {
    let candidates = list(of, "candidates");
    let usage = of.get("usageMetadata");
    let blocked = text(&of["promptFeedback"], "blockReason");
    let reason = candidates.iter().find_map(|candidate| text(candidate, "finishReason"));
    Conversation {
        model: text(of, "modelVersion"),
        turns: candidates.iter().filter_map(|candidate| candidate.get("content")).map(turn).collect(),
        stop_reason: reason.or_else(|| blocked.clone()),
        tokens: usage.map(|usage| TokenCounts {
            input: count(usage, &["promptTokenCount"]),
            output: count(usage, &["candidatesTokenCount"]),
            cached: count(usage, &["cachedContentTokenCount"]),
            reasoning: count(usage, &["thoughtsTokenCount"]),
        }),
        error: blocked.map(|reason| format!("The prompt was blocked: {reason}.")),
        ..Conversation::default()
    }
}

fn turn(content: &Value) -> Turn {
    let role = text(content, "role").unwrap_or_else(|| "user".to_owned());
    let role = if role == "model" { "assistant".to_owned() } else { role };
    Turn { role, name: None, parts: list(content, "parts").iter().map(part).collect() }
}

fn part(of: &Value) -> TurnPart {
    if let Some(said) = text(of, "text") {
        return match of["thought"] == true {
            true => TurnPart::Thinking { text: said },
            false => TurnPart::Text { text: said },
        };
    }
    if let Some(data) = member(of, "inlineData", "inline_data") {
        let media_type = text(data, "mimeType").or_else(|| text(data, "mime_type"));
        return embedded(media_type, data["data"].as_str().unwrap_or_default());
    }
    if let Some(file) = member(of, "fileData", "file_data") {
        let uri = text(file, "fileUri").or_else(|| text(file, "file_uri"));
        return linked(&uri.unwrap_or_default());
    }
    if let Some(call) = member(of, "functionCall", "function_call") {
        let name = text(call, "name").unwrap_or_default();
        let arguments = call.get("args").map(plain).unwrap_or_default();
        return TurnPart::ToolCall { id: text(call, "id"), name, arguments };
    }
    if let Some(result) = member(of, "functionResponse", "function_response") {
        let found = result.get("response").map(plain).unwrap_or_default();
        return TurnPart::ToolResult { id: text(result, "id"), name: text(result, "name"), text: found };
    }
    let kind = of.as_object().and_then(|of| of.keys().next().cloned());
    match (other(of), kind) {
        (TurnPart::Other { text, .. }, Some(of)) => TurnPart::Other { of, text },
        (part, _) => part,
    }
}

/// Each piece is an answer of its own; texts of the same kind that follow each other are one.
fn joined(pieces: Vec<Value>) -> Value {
    let (mut whole, mut candidates) = (json!({}), Vec::new());
    for piece in pieces {
        for name in ["modelVersion", "usageMetadata", "promptFeedback", "error"] {
            if let Some(value) = piece.get(name) {
                whole[name] = value.clone();
            }
        }
        for candidate in list(&piece, "candidates") {
            let Some(to) = entry(&mut candidates, candidate["index"].as_u64().unwrap_or_default()) else {
                continue;
            };
            if let Some(reason) = candidate["finishReason"].as_str() {
                to["finishReason"] = reason.into();
            }
            if to.get("content").is_none() {
                to["content"] = json!({"role": "model", "parts": []});
            }
            let Some(parts) = to["content"]["parts"].as_array_mut() else { continue };
            for part in list(&candidate["content"], "parts") {
                add(parts, part);
            }
        }
    }
    whole["candidates"] = candidates.into();
    whole
}

fn add(parts: &mut Vec<Value>, part: &Value) {
    match (parts.last_mut(), part["text"].as_str()) {
        (Some(last), Some(more)) if last["text"].is_string() && last["thought"] == part["thought"] => {
            append(last, "text", more);
        }
        _ => parts.push(part.clone()),
    }
}
