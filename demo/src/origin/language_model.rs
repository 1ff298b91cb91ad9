//! A language model's chat, in the form that OpenAI's API has.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::goods::EPOCH;
use crate::origin::answer::{Answer, json, pieces, text, with};

/// How far apart tokens are.
const APART: Duration = Duration::from_millis(60);
const REPLY: &str = "For two nights in the rain, take the **Coast Tent**: it weighs 2.1 kg, and stands in wind.\n\n\
- Put the *Winter Sleeping bag* into a dry sack.\n- Pack the stove on top.\n";

pub(super) async fn answer(request: Request<Incoming>) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    if (&head.method, head.uri.path()) != (&Method::POST, "/v1/chat/completions") {
        return Ok(text(404, "There is no such model here.\n"));
    }
    let asked: Value = serde_json::from_slice(&body.collect().await.map_err(io::Error::other)?.to_bytes())?;
    if asked["stream"] != true {
        let error =
            json!({"error": {"message": "Rate limit reached for demo-large", "type": "rate_limit_error"}});
        return Ok(with(json(429, &error), &[("retry-after", "2")]));
    }
    Ok(with(pieces("text/event-stream", chunks(), APART, None), &[("openai-processing-ms", "212")]))
}

fn chunks() -> Vec<Bytes> {
    let chunk = |delta: &Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        event(&json!({"id": "chatcmpl-demo-1", "object": "chat.completion.chunk", "created": EPOCH,
            "model": "demo-large", "choices": [choice]}))
    };
    let mut all = vec![chunk(&json!({"role": "assistant", "content": ""}), None)];
    all.extend(REPLY.split_inclusive(' ').map(|word| chunk(&json!({"content": word}), None)));
    all.push(chunk(&json!({}), Some("stop")));
    let usage = json!({"prompt_tokens": 31, "completion_tokens": 44, "total_tokens": 75});
    all.push(event(&json!({"id": "chatcmpl-demo-1", "object": "chat.completion.chunk", "created": EPOCH,
        "model": "demo-large", "choices": [], "usage": usage})));
    all.push(Bytes::from_static(b"data: [DONE]\n\n"));
    all
}

fn event(data: &Value) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}
