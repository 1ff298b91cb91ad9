//! Descriptors of Protocol Buffers: kept, used by views, and removed.

use hyper::Method;
use serde_json::json;

use crate::instance::{Instance, exchange};

/// A set as `protoc` writes it: `shop.Order` with the field `sku`, and the service `shop.Orders`, which finds one by another.
const SET: &str = "\n\x51\n\x07a.proto\x12\x04shop\
    \x22\x14\n\x05Order\x12\x0b\n\x03sku\x18\x01\x20\x01\x28\x09\
    \x32\x2a\n\x06Orders\x12\x20\n\x04Find\x12\x0b.shop.Order\x1a\x0b.shop.Order";

#[tokio::test]
async fn a_set_is_kept_and_bodies_are_read_with_it() {
    let instance = Instance::start().await;
    let fields = [("Content-Type", "application/x-protobuf")];
    let bodies = ["/shop.Orders/Find", "/other"].iter().zip(1..);
    instance.record(bodies.map(|(target, id)| exchange(id, "a", target, &fields, b"\n\x02a1"))).await;
    let name = async |path: &str| {
        let viewed = instance.get(path).await.json();
        let node = viewed["shown"]["nodes"][0].clone();
        (node["name"].as_str().unwrap().to_owned(), viewed["note"].clone())
    };
    assert_eq!(name("/exchanges/1/response/view?name=protobuf").await, ("1".to_owned(), json!(null)));
    let named = name("/exchanges/1/response/view?name=protobuf&message=shop.Order").await;
    assert_eq!(named.1, "There are no descriptors: it is read without shop.Order.");
    assert_eq!(instance.get("/descriptors").await.json()["size"], 0);
    let kept = instance.call(Method::PUT, "/descriptors", SET).await.json();
    let expect = json!({"size": SET.len(), "files": ["a.proto"], "messages": ["shop.Order"],
        "methods": ["shop.Orders/Find"]});
    assert_eq!((&kept, &instance.get("/descriptors").await.json()), (&expect, &expect));

    let typed = ("sku".to_owned(), json!("Read as shop.Order."));
    assert_eq!(name("/exchanges/1/response/view?name=protobuf").await, typed);
    assert_eq!(name("/exchanges/2/response/view?name=protobuf").await.0, "1");
    assert_eq!(name("/exchanges/2/response/view?name=protobuf&message=shop.Order").await, typed);

    // Another one takes its place; one that can't be read does not.
    let refused = instance.call(Method::PUT, "/descriptors", "syntax = \"proto3\";").await;
    assert_eq!(refused.error(), (422, "invalid".to_owned()));
    let large = instance.call(Method::PUT, "/descriptors", &SET.repeat(60_000)).await;
    assert_eq!(large.error(), (413, "too_large".to_owned()));
    assert_eq!(instance.get("/descriptors").await.json()["files"], json!(["a.proto"]));
    assert_eq!(instance.call(Method::DELETE, "/descriptors", "").await.status, 204);
    assert_eq!(instance.call(Method::DELETE, "/descriptors", "").await.status, 404);
    assert_eq!(name("/exchanges/1/response/view?name=protobuf").await.0, "1");
    // A file that somebody copies there counts at once.
    std::fs::write(instance.home.path().join("descriptors.binpb"), SET).unwrap();
    assert_eq!(name("/exchanges/1/response/view?name=protobuf").await, typed);
    instance.stop().await;
}
