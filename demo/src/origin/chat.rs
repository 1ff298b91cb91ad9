//! A chat over WebSocket: the origin answers each text.

use std::io;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::rt::Executor as _;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;

use crate::origin::answer::{Answer, text, with};
use crate::websocket::{self, BINARY, CLOSE, PING, PONG, TEXT};

const REPLIES: [&str; 4] =
    ["Good morning! How can I help?", "It is in stock in Berlin.", "It ships tomorrow.", "You are welcome."];

pub(super) fn answer(mut request: Request<Incoming>) -> Answer {
    let Some(key) = request.headers().get("sec-websocket-key") else {
        return text(426, "This is a WebSocket.\n");
    };
    let accept = websocket::accept(key.as_bytes());
    let upgrade = hyper::upgrade::on(&mut request);
    TokioExecutor::new().execute(async move {
        if let Ok(io) = upgrade.await
            && let Err(error) = talk(TokioIo::new(io)).await
        {
            tracing::debug!(%error, "a chat of the demonstration broke off");
        }
    });
    let mut answer = Response::new(Empty::new().boxed_unsync());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let fields = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", &accept)];
    with(answer, &fields)
}

async fn talk(mut io: TokioIo<Upgraded>) -> io::Result<()> {
    let mut replies = REPLIES.iter().zip(1..).cycle();
    loop {
        let (opcode, payload) = websocket::read(&mut io).await?;
        match opcode {
            TEXT => {
                let Some((reply, number)) = replies.next() else { return Ok(()) };
                let said = json!({"from": "shop", "number": number, "text": reply}).to_string();
                websocket::write(&mut io, TEXT, said.as_bytes(), None).await?;
                if number == 2 {
                    websocket::write(&mut io, BINARY, &[0x08, 0x96, 0x01, 0x10, 0x2a], None).await?;
                }
            }
            PING => websocket::write(&mut io, PONG, &payload, None).await?,
            CLOSE => return websocket::write(&mut io, CLOSE, &payload, None).await,
            _ => {}
        }
    }
}
