//! mitmproxy's own answers: `tests/mitmproxy/answers.txt` has them, as `answer.py` there got them from mitmproxy 11.

use dashcam_exchange::{
    Destination, Direction, Exchange, ExchangeId, Failure, Headers, ResponseHead, Scheme, Side, Stage, State,
    sample,
};
use dashcam_filter::{Client, Facts, Marks, MessageContent, Moment};
use serde_json::Value;

use crate::world::read;

/// A flow of mitmproxy's as we have it.
struct Flow {
    exchange: Exchange,
    client: String,
    bodies: [Option<Vec<u8>>; 2],
    messages: Vec<MessageContent>,
    pinned: bool,
    comment: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn headers(value: &Value) -> Headers {
    let fields = value.as_array().unwrap().iter();
    fields.map(|field| (text(&field[0]), text(&field[1]))).collect()
}

fn flow(case: &Value) -> Flow {
    let mut exchange = sample::exchange(1);
    let scheme = Scheme::parse(&text(&case["scheme"])).unwrap();
    let port = u16::try_from(case["port"].as_u64().unwrap()).unwrap();
    exchange.destination = Destination { scheme, host: text(&case["host"]), port };
    exchange.request = sample::request(&text(&case["method"]), &text(&case["path"]), &[]);
    exchange.request.headers = headers(&case["request"]);
    exchange.replay_of = case["replay"].as_bool().map(|_| ExchangeId(9));
    if let Some(status) = case["status"].as_u64() {
        let status = u16::try_from(status).unwrap();
        exchange.response =
            Some(ResponseHead { status, headers: headers(&case["response"]), ..sample::ok(&[]) });
    }
    if let Some(error) = case["error"].as_str() {
        exchange.state = State::Failed;
        exchange.failure = Some(Failure::new(Side::Upstream, Stage::Connect, error));
    }
    let client = match text(&case["client"][0]) {
        address if address.contains(':') => format!("[{address}]:{}", case["client"][1]),
        address => format!("{address}:{}", case["client"][1]),
    };
    let messages = case["messages"].as_array().into_iter().flatten().map(|message| MessageContent {
        direction: Direction::parse(&text(&message[0])).unwrap(),
        is_web_socket: true,
        data: text(&message[1]).into_bytes(),
    });
    let body = |name: &str| case[name].as_str().map(|body| body.as_bytes().to_vec());
    Flow {
        client,
        bodies: [body("request_body"), body("response_body")],
        messages: messages.collect(),
        pinned: case["marked"].as_bool().unwrap_or(false),
        comment: text(&case["comment"]),
        exchange,
    }
}

#[test]
fn answers_are_mitmproxys() {
    let flows: Vec<Value> = serde_json::from_str(include_str!("../mitmproxy/flows.json")).unwrap();
    let flows: Vec<Flow> = flows.iter().map(flow).collect();
    let mut wrong = Vec::new();
    for line in include_str!("../mitmproxy/answers.txt").lines() {
        let (expect, filter) = line.split_once(' ').unwrap();
        let read = read(filter).unwrap_or_else(|error| panic!("{filter}\n{}", error.render()));
        let answers: String = flows
            .iter()
            .map(|flow| {
                let [request, response] = &flow.bodies;
                let facts = Facts::of_exchange(&flow.exchange, Moment::End)
                    .with_client(Some(Client { address: &flow.client, ..Client::default() }))
                    .with_marks(Marks { pinned: flow.pinned, comment: &flow.comment, ..Marks::default() })
                    .with_body(Direction::Request, request.as_deref())
                    .with_body(Direction::Response, response.as_deref())
                    .with_messages(&flow.messages);
                if read.evaluate(&facts).is_true() { '1' } else { '0' }
            })
            .collect();
        if answers != expect {
            wrong.push(format!("{filter}: {answers}, mitmproxy {expect}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
