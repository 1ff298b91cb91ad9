//! Which rule an exchange meets, and why.

use dashcam_control::{Explained, When};
use dashcam_exchange::{Destination, Level, Scheme, sample};
use dashcam_filter::{Facts, Filter, Moment, Truth};
use serde_json::json;

use crate::world::{client, control, exchange};

fn lines(explained: &[Explained]) -> Vec<String> {
    let line = |one: &Explained| {
        let moment = one.moment.map_or("-", When::as_str);
        let decides = one.decides.map_or(String::new(), |when| format!(" *{}", when.as_str()));
        format!("{} {:?} {moment}{decides}: {}", one.rule, one.answer, one.why)
    };
    explained.iter().map(line).collect()
}

#[test]
fn a_recorded_exchange_meets_one_rule() {
    let rules = json!([
        {"name": "bank", "match": "host:bank.example", "level": "off"},
        {"name": "health", "match": "path:/health method:GET", "level": "metrics"},
        {"name": "worth", "match": "status:5xx | dur:>1s", "level": "full"},
        {"name": "rest", "match": "client:10.0.0.0/8", "level": "metadata"},
    ]);
    let control = control(rules, Level::Off);
    let whole = exchange("shop.example", "/x", 200, 1500);
    let client = client();
    let known =
        dashcam_filter::Client { address: &client.described.address, mode: "forward", ..Default::default() };
    let facts = Facts::of_exchange(&whole, Moment::End).with_client(Some(known));
    let explained = control.policy().explain(&facts);
    assert_eq!(
        lines(&explained),
        [
            "bank False connection: `host:bank.example` does not hold",
            "health False request: `path:\"/health\"` does not hold",
            "worth True end *end: `dur:1000001us..` holds",
            "rest True connection: `client:10.0.0.0/8` holds",
            "default True connection: it matches every exchange",
        ]
    );
    assert_eq!(explained[2].level, Level::Full);
    let at = |host: &str, target: &str| {
        let whole = exchange(host, target, 200, 5);
        let facts = Facts::of_exchange(&whole, Moment::End).with_client(Some(known));
        let explained = control.policy().explain(&facts);
        explained.into_iter().find_map(|one| Some((one.rule, one.decides?))).unwrap()
    };
    assert_eq!(at("bank.example", "/"), ("bank".to_owned(), When::Connection));
    assert_eq!(at("shop.example", "/health"), ("health".to_owned(), When::Request));
    assert_eq!(
        at("shop.example", "/"),
        ("rest".to_owned(), When::End),
        "the rule before it keeps it waiting"
    );
}

#[test]
fn of_a_described_exchange_some_facts_are_missing() {
    let rules = json!([
        {"name": "errors", "match": "host:a status:5xx", "level": "full"},
        {"name": "rest", "match": "-path:/health", "level": "metadata"},
    ]);
    let control = control(rules, Level::Off);
    let destination = Destination::parse(Scheme::Https, "a").unwrap();
    let request = sample::request("GET", "/x", &[]);
    let facts = Facts::of_request(&destination, &request);
    let explained = control.policy().explain(&facts);
    assert_eq!(
        lines(&explained),
        [
            "errors Unknown -: `status:500..599` is not known before the response",
            "rest True request: `path:\"/health\"` does not hold",
            "default True connection: it matches every exchange",
        ]
    );
    let facts = Facts { status: Some(503), ..facts };
    assert_eq!(
        lines(&control.policy().explain(&facts))[0],
        "errors True response *response: `host:a` holds, `status:500..599` holds"
    );
}

#[test]
fn without_rules_the_level_decides() {
    let control = control(json!([]), Level::Metadata);
    let explained = control.policy().explain(&Facts::default());
    assert_eq!(lines(&explained), ["default True connection *connection: there are no rules"]);
    assert_eq!(
        (explained[0].answer, Filter::default().evaluate(&Facts::default())),
        (Truth::True, Truth::True)
    );
}
