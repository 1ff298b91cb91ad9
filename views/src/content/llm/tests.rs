//! Calls of each API, and their answers, whole and in pieces.

use serde_json::json;

use super::*;
use crate::content::aws_events::tests::framed;
use crate::dto::conversation::{TokenCounts, Turn};

fn subject(target: &str, is_response: bool, body: &str) -> Subject {
    Subject {
        is_response,
        target: target.into(),
        text: Some(body.to_owned()),
        bytes: body.into(),
        ..Subject::default()
    }
}

fn conversation(subject: &Subject) -> Conversation {
    assert_eq!(fits(subject), Some(Fit::Certain), "{subject:?}");
    match show(subject, &Budget::begin()) {
        Some(Shown::Conversation(conversation)) => conversation,
        other => panic!("{other:?}"),
    }
}

fn request(target: &str, body: &Value) -> Conversation {
    conversation(&subject(target, false, &body.to_string()))
}

fn response(target: &str, body: &Value) -> Conversation {
    conversation(&subject(target, true, &body.to_string()))
}

fn events(target: &str, events: &[Value]) -> Conversation {
    let body: String = events.iter().map(|event| format!("event: x\ndata: {event}\n\n")).collect();
    let found = conversation(&subject(target, true, &(body + "data: [DONE]\n\n")));
    assert!(found.streamed);
    found
}

fn text(text: &str) -> TurnPart {
    TurnPart::Text { text: text.to_owned() }
}

fn call(id: Option<&str>, name: &str, arguments: &str) -> TurnPart {
    TurnPart::ToolCall { id: id.map(str::to_owned), name: name.to_owned(), arguments: arguments.to_owned() }
}

fn turn(role: &str, parts: Vec<TurnPart>) -> Turn {
    Turn { role: role.to_owned(), name: None, parts }
}

fn counted(input: u64, output: u64, cached: Option<u64>) -> Option<TokenCounts> {
    Some(TokenCounts { input: Some(input), output: Some(output), cached, reasoning: None })
}

#[test]
fn openai_chat() {
    const PATH: &str = "/v1/chat/completions";
    let asked = request(
        PATH,
        &json!({
            "model": "gpt-4o", "stream": true, "temperature": 0.2,
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "name": "ann", "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
                ]},
                {"role": "assistant", "content": null, "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"a\":1}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
            ],
            "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {}}}],
        }),
    );
    let image = TurnPart::Media { media_type: Some("image/png".into()), size: Some(3), source: None };
    let linked =
        TurnPart::Media { media_type: None, size: None, source: Some("https://a.example/b.png".into()) };
    let result = TurnPart::ToolResult { id: Some("c1".into()), name: None, text: "a cat".into() };
    let user = Turn { name: Some("ann".into()), ..turn("user", vec![text("What is it?"), image, linked]) };
    let expect = [
        turn("system", vec![text("Be short.")]),
        user,
        turn("assistant", vec![call(Some("c1"), "look", "{\"a\":1}")]),
        turn("tool", vec![result]),
    ];
    assert_eq!(asked.turns, expect);
    assert_eq!(
        (asked.api.as_str(), asked.model.as_deref(), asked.streamed),
        ("openai-chat", Some("gpt-4o"), true)
    );
    assert_eq!(asked.settings, [("temperature".to_owned(), "0.2".to_owned())]);
    assert_eq!((asked.tools[0].name.as_str(), asked.tools[0].parameters.as_deref()), ("look", Some("{}")));

    let usage =
        json!({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}});
    let whole = response(
        PATH,
        &json!({"model": "gpt-4o", "usage": usage,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A cat"}}]}),
    );
    let chunk = |delta: Value, reason: Value| json!({"model": "gpt-4o", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let joined = events(
        PATH,
        &[
            chunk(json!({"role": "assistant", "content": ""}), Value::Null),
            chunk(json!({"content": "A "}), Value::Null),
            chunk(json!({"content": "cat"}), Value::Null),
            chunk(json!({}), "stop".into()),
            json!({"choices": [], "usage": usage}),
        ],
    );
    assert_eq!(whole.turns, [turn("assistant", vec![text("A cat")])]);
    assert_eq!((whole.stop_reason.as_deref(), whole.tokens), (Some("stop"), counted(5, 2, Some(4))));
    assert_eq!(Conversation { streamed: false, ..joined }, whole);

    let call_piece =
        |function: Value| json!({"tool_calls": [{"index": 0, "id": "c2", "function": function}]});
    let called = events(
        PATH,
        &[
            chunk(call_piece(json!({"name": "look", "arguments": "{\"a\""})), Value::Null),
            chunk(
                json!({"tool_calls": [{"index": 0, "function": {"arguments": ":2}"}}]}),
                "tool_calls".into(),
            ),
        ],
    );
    assert_eq!(called.turns[0].parts, [call(Some("c2"), "look", "{\"a\":2}")]);
    let failed = response(PATH, &json!({"error": {"message": "Too many.", "type": "rate_limit"}}));
    assert_eq!(failed.error.as_deref(), Some("rate_limit: Too many."));
}

#[test]
fn openai_responses() {
    const PATH: &str = "/v1/responses";
    let asked = request(
        PATH,
        &json!({"model": "o3", "instructions": "Be short.", "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "1"}]}),
    );
    let roles: Vec<_> = asked.turns.iter().map(|turn| turn.role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool"]);
    assert_eq!(request(PATH, &json!({"input": "Hi"})).turns, [turn("user", vec![text("Hi")])]);
    let answer = json!({"model": "o3", "status": "completed", "usage": {"input_tokens": 3, "output_tokens": 1},
        "output": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}]});
    let whole = response(PATH, &answer);
    let thought = TurnPart::Thinking { text: "Hm".into() };
    assert_eq!(whole.turns, [turn("assistant", vec![thought]), turn("assistant", vec![text("Hello")])]);
    assert_eq!((whole.stop_reason.as_deref(), whole.tokens), (Some("completed"), counted(3, 1, None)));
    let begun = [
        json!({"type": "response.created", "response": {"model": "o3", "status": "in_progress", "output": []}}),
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"type": "message", "role": "assistant", "content": []}}),
        json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hel"}),
        json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "lo"}),
    ];
    assert_eq!(events(PATH, &begun).turns, [turn("assistant", vec![text("Hello")])]);
    let ended = [&begun[..], &[json!({"type": "response.completed", "response": answer})]].concat();
    assert_eq!(events(PATH, &ended).turns, whole.turns);
}

#[test]
fn anthropic() {
    const PATH: &str = "/v1/messages";
    let asked = request(
        PATH,
        &json!({"model": "claude", "max_tokens": 9, "system": "Be short.",
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "AAAAAA=="}}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "2"}]}]},
        ]}),
    );
    let image = TurnPart::Media { media_type: Some("image/jpeg".into()), size: Some(4), source: None };
    let result = TurnPart::ToolResult { id: Some("t".into()), name: None, text: "2".into() };
    let expect = [
        turn("system", vec![text("Be short.")]),
        turn("user", vec![image]),
        turn("assistant", vec![call(Some("t"), "f", "{\"a\":1}")]),
        turn("user", vec![result]),
    ];
    assert_eq!((asked.turns, asked.tools[0].name.as_str()), (expect.to_vec(), "f"));
    let pieces = [
        json!({"type": "message_start", "message": {"model": "claude", "role": "assistant", "content": [],
            "usage": {"input_tokens": 7, "output_tokens": 1, "cache_read_input_tokens": 3}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "you"}}),
        json!({"type": "content_block_start", "index": 1,
            "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}}}),
        json!({"type": "content_block_delta", "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": "{\"a\":1}"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 20}}),
    ];
    let joined = events(PATH, &pieces);
    let expect = [turn("assistant", vec![text("Hi you"), call(Some("t"), "f", "{\"a\":1}")])];
    assert_eq!(joined.turns, expect);
    assert_eq!((joined.stop_reason.as_deref(), joined.tokens), (Some("tool_use"), counted(7, 20, Some(3))));

    let wrapped = pieces.iter().flat_map(|piece| {
        use base64::Engine as _;
        let inner = base64::engine::general_purpose::STANDARD.encode(piece.to_string());
        framed("chunk", json!({"bytes": inner}).to_string().as_bytes())
    });
    let bedrock = Subject {
        is_response: true,
        target: "/model/anthropic.claude-v2/invoke-with-response-stream".into(),
        media_type: "application/vnd.amazon.eventstream".into(),
        bytes: wrapped.collect(),
        ..Subject::default()
    };
    assert_eq!(conversation(&bedrock).turns, expect);
}

#[test]
fn gemini() {
    const PATH: &str = "/v1beta/models/gemini-pro:streamGenerateContent?alt=sse";
    let asked = request(
        PATH,
        &json!({"system_instruction": {"parts": [{"text": "Be short."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}, {"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}]},
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]}],
        "tools": [{"functionDeclarations": [{"name": "f"}]}], "generationConfig": {"temperature": 1}}),
    );
    let sound = TurnPart::Media { media_type: Some("audio/mp3".into()), size: Some(3), source: None };
    let expect = [
        turn("system", vec![text("Be short.")]),
        turn("user", vec![text("Hi"), sound]),
        turn("assistant", vec![call(None, "f", "{\"a\":1}")]),
    ];
    assert_eq!((asked.turns, asked.settings.len(), asked.tools.len()), (expect.to_vec(), 1, 1));
    let piece = |text: &str, reason: Value| {
        json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason}],
            "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 3}, "modelVersion": "gemini-pro"})
    };
    let pieces = [piece("Hel", Value::Null), piece("lo", "STOP".into())];
    let joined = events(PATH, &pieces);
    assert_eq!(joined.turns, [turn("assistant", vec![text("Hello")])]);
    assert_eq!((joined.stop_reason.as_deref(), joined.tokens), (Some("STOP"), counted(2, 3, None)));
    assert_eq!(response(PATH, &json!(pieces)), joined);
}

#[test]
fn ollama() {
    const PATH: &str = "/api/chat";
    let asked = request(
        PATH,
        &json!({"model": "llama3", "options": {"seed": 1},
        "messages": [{"role": "user", "content": "Hi", "images": ["AAAA"]}]}),
    );
    assert_eq!((asked.turns[0].parts.len(), asked.settings[0].0.as_str(), asked.streamed), (2, "seed", true));
    let lines = [
        json!({"model": "llama3", "message": {"role": "assistant", "content": "Hel"}, "done": false}),
        json!({"model": "llama3", "message": {"role": "assistant", "content": "lo"}, "done": false}),
        json!({"model": "llama3", "message": {"role": "assistant", "content": ""}, "done": true,
            "done_reason": "stop", "prompt_eval_count": 4, "eval_count": 2}),
    ];
    let body = lines.map(|line| line.to_string()).join("\n");
    let joined = conversation(&subject(PATH, true, &body));
    assert_eq!(joined.turns, [turn("assistant", vec![text("Hello")])]);
    assert_eq!((joined.stop_reason.as_deref(), joined.tokens), (Some("stop"), counted(4, 2, None)));
    let generated = response("/api/generate", &json!({"response": "Hello", "done_reason": "stop"}));
    assert_eq!(generated.turns, joined.turns);
}

#[test]
fn cohere() {
    const PATH: &str = "/v2/chat";
    let asked = request(PATH, &json!({"model": "command", "messages": [{"role": "user", "content": "Hi"}]}));
    assert_eq!(asked.turns, [turn("user", vec![text("Hi")])]);
    let joined = events(
        PATH,
        &[
            json!({"type": "message-start", "delta": {"message": {"role": "assistant"}}}),
            json!({"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}}),
            json!({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hel"}}}}),
            json!({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "lo"}}}}),
            json!({"type": "tool-call-start", "index": 0,
            "delta": {"message": {"tool_calls": {"id": "t", "function": {"name": "f", "arguments": ""}}}}}),
            json!({"type": "tool-call-delta", "index": 0,
            "delta": {"message": {"tool_calls": {"function": {"arguments": "{}"}}}}}),
            json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE",
            "usage": {"tokens": {"input_tokens": 2, "output_tokens": 3}}}}),
        ],
    );
    assert_eq!(joined.turns, [turn("assistant", vec![text("Hello"), call(Some("t"), "f", "{}")])]);
    assert_eq!((joined.stop_reason.as_deref(), joined.tokens), (Some("COMPLETE"), counted(2, 3, None)));
    let first = request(
        "/v1/chat",
        &json!({"message": "Hi", "chat_history": [{"role": "CHATBOT", "message": "Yo"}]}),
    );
    assert_eq!(first.turns, [turn("assistant", vec![text("Yo")]), turn("user", vec![text("Hi")])]);
}

#[test]
fn other_calls_are_none() {
    let body = json!({"a": 1}).to_string();
    assert_eq!(fits(&subject("/users", false, &body)), None);
    assert!(show(&subject("/v1/chat/completions", false, &body), &Budget::begin()).is_none());
    assert!(show(&subject("/v1/messages", true, "data: x\n\n"), &Budget::begin()).is_none());
}
