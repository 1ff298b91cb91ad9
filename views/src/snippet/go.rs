//! Go's net/http.

use std::fmt::Write as _;

use dashcam_exchange::Exchange;

use super::SnippetFormat;
use super::literal::go;
use super::request::{Content, Request};

pub(super) const FORMAT: SnippetFormat = SnippetFormat { name: "go", title: "Go net/http", write };

const END: &str = "\tclient := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
\t\treturn http.ErrUseLastResponse
\t}}
\tresponse, err := client.Do(request)
\tif err != nil {
\t\tpanic(err)
\t}
\tdefer response.Body.Close()
\ttext, err := io.ReadAll(response.Body)
\tif err != nil {
\t\tpanic(err)
\t}
\tfmt.Println(response.Status)
\tfmt.Println(string(text))
}
";

fn write(exchange: &Exchange, body: &[u8]) -> String {
    let request = Request::new(exchange, body);
    let body = match &request.body {
        Content::None => None,
        Content::Text(text) => Some(go(text.as_bytes())),
        Content::Bytes(bytes) => Some(go(bytes)),
    };
    let mut text = request.comments("//");
    let strings = if body.is_some() { "\t\"strings\"\n" } else { "" };
    let _ = writeln!(text, "package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"net/http\"\n{strings})\n");
    text.push_str("func main() {\n");
    let reader = match body {
        Some(body) => {
            let _ = writeln!(text, "\tbody := strings.NewReader({body})");
            "body"
        }
        None => "nil",
    };
    let (method, url) = (go(request.method.as_bytes()), go(request.url.as_bytes()));
    let _ = writeln!(text, "\trequest, err := http.NewRequest({method}, {url}, {reader})");
    text.push_str("\tif err != nil {\n\t\tpanic(err)\n\t}\n");
    for field in &request.fields {
        let value = go(&field.value);
        let _ = match field.name.eq_ignore_ascii_case("host") {
            true => writeln!(text, "\trequest.Host = {value}"),
            false => writeln!(text, "\trequest.Header.Add({}, {value})", go(field.name.as_bytes())),
        };
    }
    text.push_str(END);
    text
}
