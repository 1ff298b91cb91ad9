//! Rust's reqwest.

use std::fmt::Write as _;

use dashcam_exchange::Exchange;

use super::SnippetFormat;
use super::literal::{bytes, with_braces};
use super::request::{Content, Request};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "reqwest", title: "Rust reqwest", write };

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let request = Request::new(exchange, body);
    let mut text = request.comments("//");
    text.push_str(
        "// Cargo.toml: reqwest = { version = \"0.12\", features = [\"blocking\"] }\n\
         use reqwest::Method;\nuse reqwest::blocking::Client;\nuse reqwest::redirect::Policy;\n\n\
         fn main() -> Result<(), Box<dyn std::error::Error>> {\n    \
             let client = Client::builder().redirect(Policy::none()).build()?;\n    \
             let response = client\n",
    );
    let (method, url) = (bytes(request.method.as_bytes()), with_braces(&request.url));
    let _ = writeln!(text, "        .request(Method::from_bytes({method})?, {url})");
    for field in &request.fields {
        let value = match std::str::from_utf8(&field.value).ok().filter(|value| value.is_ascii()) {
            Some(value) => with_braces(value),
            None => format!("&{}[..]", bytes(&field.value)),
        };
        let _ = writeln!(text, "        .header({}, {value})", with_braces(&field.name));
    }
    match &request.body {
        Content::None => {}
        Content::Text(body) => {
            let _ = writeln!(text, "        .body({})", with_braces(body));
        }
        Content::Bytes(body) => {
            let _ = writeln!(text, "        .body(&{}[..])", bytes(body));
        }
    }
    text.push_str(
        "        .send()?;\n    println!(\"{}\", response.status());\n    \
         println!(\"{}\", response.text()?);\n    Ok(())\n}\n",
    );
    text
}
