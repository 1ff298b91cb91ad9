//! The shop's pages: HTML, style, script, pictures, a form, cookies and redirects.

use std::io;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::codings;
use crate::goods;
use crate::image;
use crate::origin::answer::{Answer, text, whole, with};
use crate::places::SHOP;

const STYLE: &str = "body { font: 16px/1.5 system-ui; margin: 2rem auto; max-width: 40rem; color: #1d2228 }\n\
h1 { color: #14743e }\nli { margin: .25rem 0 }\n";
const SCRIPT: &str = "// Marks the product that was looked at last.\n\
const last = localStorage.getItem('last');\n\
document.querySelectorAll('li').forEach((item) => {\n\
  if (item.dataset.id === last) item.classList.add('last');\n\
  item.addEventListener('click', () => localStorage.setItem('last', item.dataset.id));\n\
});\n";

pub(super) async fn answer(request: Request<Incoming>, https_port: u16) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/old") => {
            Ok(with(text(301, ""), &[("location", &format!("https://{SHOP}:{https_port}/"))]))
        }
        (&Method::GET, "/") => {
            let page = whole(200, "text/html; charset=utf-8", codings::gzip(page().as_bytes())?);
            let cookies = [
                ("content-encoding", "gzip"),
                ("set-cookie", "theme=light; Path=/; Max-Age=31536000; SameSite=Lax"),
                ("set-cookie", "visit=v-20261; Path=/; Secure; HttpOnly; SameSite=Lax"),
            ];
            Ok(with(page, &cookies))
        }
        (&Method::GET, "/style.css") => Ok(kept("text/css", STYLE)),
        (&Method::GET, "/app.js") => Ok(kept("text/javascript", SCRIPT)),
        (&Method::GET, "/logo.svg") => Ok(kept("image/svg+xml", image::SVG)),
        (&Method::GET, "/photo.png") => {
            let seed = head.uri.query().and_then(|query| query.strip_prefix("product=")?.parse().ok());
            Ok(whole(200, "image/png", image::png(seed.unwrap_or_default())?))
        }
        (&Method::POST, "/login") => {
            let form = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let is_right = form.starts_with(b"user=customer-");
            let session = "session=s3ss10n-9f86d081884c7d659a2feaa0c55ad015; Path=/; Secure; HttpOnly";
            match is_right {
                true => Ok(with(text(303, ""), &[("location", "/account"), ("set-cookie", session)])),
                false => Ok(text(403, "This is not the right password.\n")),
            }
        }
        (&Method::GET, "/account") => match head.headers.get("cookie") {
            Some(_) => Ok(whole(
                200,
                "text/html; charset=utf-8",
                "<!doctype html><title>Account</title><p>Orders: 3\n",
            )),
            None => Ok(with(text(302, ""), &[("location", "/login")])),
        },
        _ => Ok(text(404, "There is no such page.\n")),
    }
}

/// A file that a browser may keep, and asks for again by its tag.
fn kept(content_type: &'static str, body: &'static str) -> Answer {
    let tag = format!("\"{:08x}\"", crc32fast::hash(body.as_bytes()));
    with(whole(200, content_type, body), &[("etag", &tag), ("cache-control", "max-age=3600")])
}

fn page() -> String {
    let item = |number: u64| format!("<li data-id=\"{number}\">{}</li>\n", goods::product_name(number));
    let items: String = (1..=12).map(item).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Outdoor shop</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n<script src=\"/app.js\" defer></script>\n\
         <h1><img src=\"/logo.svg\" alt=\"\"> Outdoor shop</h1>\n<ul>\n{items}</ul>\n\
         <img src=\"/photo.png?product=7\" alt=\"A ridge at noon\">\n</html>\n"
    )
}
