//! Ollama's chat and generation.

use serde_json::{Value, json};

use super::Api;
use super::field::{append, arguments, count, embedded, list, said, settings, text, tool};
use crate::content::subject::Subject;
use crate::dto::conversation::{Conversation, TokenCounts, Turn, TurnPart};

pub(super) const API: Api = Api { name: "ollama", is_called, request, joined, response };

fn is_called(subject: &Subject) -> bool {
    subject.path().ends_with("/api/chat") || subject.path().ends_with("/api/generate")
}

fn request(of: &Value) -> Conversation {
    let mut turns: Vec<_> = list(of, "messages").iter().map(turn).collect();
    for (role, name) in [("system", "system"), ("user", "prompt")] {
        let mut parts: Vec<_> = text(of, name).and_then(said).into_iter().collect();
        if name == "prompt" {
            parts.extend(images(of));
        }
        turns.extend((!parts.is_empty()).then(|| Turn { role: role.to_owned(), name: None, parts }));
    }
    let mut settings = settings(
        Some(of),
        &["model", "stream", "messages", "tools", "prompt", "system", "images", "options"],
    );
    settings.extend(super::field::settings(of.get("options"), &[]));
    Conversation {
        model: text(of, "model"),
        // It streams unless it is asked not to.
        streamed: of["stream"] != false,
        turns,
        tools: list(of, "tools")
            .iter()
            .map(|of| tool(of.get("function").unwrap_or(of), "parameters"))
            .collect(),
        settings,
        ..Conversation::default()
    }
}

fn response(of: &Value) -> Conversation {
    let generated = text(of, "response").and_then(said);
    let thought =
        text(of, "thinking").filter(|text| !text.is_empty()).map(|text| TurnPart::Thinking { text });
    let parts: Vec<_> = thought.into_iter().chain(generated).collect();
    let generated = (!parts.is_empty()).then(|| Turn { role: "assistant".to_owned(), name: None, parts });
    let (input, output) = (count(of, &["prompt_eval_count"]), count(of, &["eval_count"]));
    Conversation {
        model: text(of, "model"),
        turns: of.get("message").map(turn).or(generated).into_iter().collect(),
        stop_reason: text(of, "done_reason"),
        tokens: input.or(output).map(|_| TokenCounts { input, output, ..TokenCounts::default() }),
        ..Conversation::default()
    }
}

fn images(of: &Value) -> impl Iterator<Item = TurnPart> {
    list(of, "images").iter().filter_map(Value::as_str).map(|image| embedded(None, image))
}

fn turn(message: &Value) -> Turn {
    let role = text(message, "role").unwrap_or_else(|| "assistant".to_owned());
    if role == "tool" {
        let result = text(message, "content").unwrap_or_default();
        let result = TurnPart::ToolResult { id: None, name: text(message, "tool_name"), text: result };
        return Turn { role, name: None, parts: vec![result] };
    }
    let thought = text(message, "thinking").filter(|text| !text.is_empty());
    let mut parts: Vec<_> = thought.map(|text| TurnPart::Thinking { text }).into_iter().collect();
    parts.extend(text(message, "content").and_then(said));
    parts.extend(images(message));
    parts.extend(list(message, "tool_calls").iter().map(|call| {
        let function = &call["function"];
        let name = text(function, "name").unwrap_or_default();
        TurnPart::ToolCall { id: text(call, "id"), name, arguments: arguments(function.get("arguments")) }
    }));
    Turn { role, name: None, parts }
}

/// Each line has what is new; the last one has the counts.
fn joined(lines: Vec<Value>) -> Value {
    let (mut whole, mut message, mut calls) = (json!({}), json!({}), Vec::new());
    let (mut response, mut thinking) = (String::new(), String::new());
    for line in lines {
        response.push_str(line["response"].as_str().unwrap_or_default());
        thinking.push_str(line["thinking"].as_str().unwrap_or_default());
        if let Some(role) = line["message"]["role"].as_str() {
            message["role"] = role.into();
        }
        for name in ["content", "thinking"] {
            if let Some(more) = line["message"][name].as_str() {
                append(&mut message, name, more);
            }
        }
        calls.extend(list(&line["message"], "tool_calls").iter().cloned());
        for (name, value) in line.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
    }
    if whole.get("message").is_some() {
        message["tool_calls"] = calls.into();
        whole["message"] = message;
    }
    if whole.get("response").is_some() {
        whole["response"] = response.into();
        whole["thinking"] = thinking.into();
    }
    whole
}
