//! The site that dashcam itself is to clients of its proxy (`http://dashcam.test/`): the certificate, how to trust it, and
//! whether that worked. It knows nothing of what is recorded.

mod profile;

use dashcam_ca::Authority;
use dashcam_exchange::{Destination, RequestHead, ResponseHead, Scheme, Version};

use crate::body::Body;
use crate::exchange::message::Response;
use crate::exchange::observed::Observed;
use crate::exchange::route::{Route, RouteKind};
use crate::h1::encode::standard_reason;

/// The site's name. No resolver knows it, and none ever will (RFC 6761 §6.2).
pub(crate) const HOST: &str = "dashcam.test";
/// Nothing but the site's own style, and the image that shows that its certificate is trusted.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https://dashcam.test; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TRUSTED: &str = "<img src=\"https://dashcam.test/trusted.svg\" alt=\"Not trusted yet:\"> dashcam's \
                       certificate, as this browser sees it. Reload this page to look again.";

/// The site.
#[derive(Debug)]
pub(crate) struct SetupSite {
    /// `None` where it is switched off.
    authority: Option<Authority>,
}

/// A file of the site.
struct File {
    status: u16,
    content_type: &'static str,
    /// The name that it is to be kept under, if it is to be kept.
    kept_as: Option<&'static str>,
    body: Vec<u8>,
}

impl SetupSite {
    /// The site of a dashcam with this authority, or none.
    pub(crate) fn new(authority: &Authority, is_on: bool) -> Self {
        Self { authority: is_on.then(|| authority.clone()) }
    }

    /// Returns whether a client that names `destination` to its proxy means this site.
    pub(crate) fn is_at(&self, destination: &Destination) -> bool {
        destination.host == HOST && self.authority.is_some()
    }

    /// Returns whether a request on `route` for `destination` is for this site: a reverse listener's upstream may have
    /// its name.
    pub(crate) fn is_asked(&self, route: &Route, destination: &Destination) -> bool {
        self.is_at(destination) && route.kind == RouteKind::Forward
    }

    /// The answer to a request with `head` that came over `scheme`.
    pub(crate) fn answer(&self, head: &RequestHead, scheme: Scheme) -> Response {
        let is_read = matches!(head.method.as_str(), "GET" | "HEAD");
        let path = head.target.split(['?', '#']).next().unwrap_or_default();
        let file =
            if is_read { self.file(path, scheme, head) } else { File::text(405, "Only GET and HEAD.\n") };
        let is_image = file.status == 200 && path == "/trusted.svg";
        let mut headers = vec![
            ("Content-Type", file.content_type.to_owned()),
            ("Content-Length", file.body.len().to_string()),
            ("Cache-Control", "no-store".to_owned()),
            ("Content-Security-Policy", POLICY.to_owned()),
            // Other sites learn nothing of it, not even whether it is there.
            (
                "Cross-Origin-Resource-Policy",
                if is_image { "cross-origin" } else { "same-origin" }.to_owned(),
            ),
            ("X-Frame-Options", "DENY".to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
            ("Referrer-Policy", "strict-origin".to_owned()),
        ];
        if scheme == Scheme::Https {
            // Browsers heed it there only.
            headers.push(("Cross-Origin-Opener-Policy", "same-origin".to_owned()));
        }
        if let Some(name) = file.kept_as {
            headers.push(("Content-Disposition", format!("attachment; filename=\"{name}\"")));
        }
        if file.status == 405 {
            headers.push(("Allow", "GET, HEAD".to_owned()));
        }
        Response {
            head: ResponseHead {
                version: Version::Http11,
                status: file.status,
                reason: standard_reason(file.status).to_owned(),
                headers: headers.into_iter().collect(),
            },
            body: Body::from_bytes(file.body),
            observed: Observed::default(),
            upgrade: None,
            close: false,
            reset: None,
        }
    }

    fn file(&self, path: &str, scheme: Scheme, head: &RequestHead) -> File {
        let Some(authority) = &self.authority else { return File::text(404, "There is no such page.\n") };
        let root = authority.certificate();
        match path {
            "/" => File::page(page(authority)),
            "/check" => File::page(check(scheme)),
            "/style.css" => File::new("text/css; charset=utf-8", include_str!("style.css")),
            "/trusted.svg" if scheme == Scheme::Https && is_from_this_site(head) => {
                File::new("image/svg+xml", include_str!("trusted.svg"))
            }
            "/ca.pem" => File::new("application/x-pem-file", root.pem()).kept_as("dashcam-ca.pem"),
            "/ca.cer" => File::new("application/x-x509-ca-cert", root.der()).kept_as("dashcam-ca.cer"),
            "/ca.mobileconfig" => File::new("application/x-apple-aspen-config", profile::profile(root.der())),
            _ => File::text(404, "There is no such page: see http://dashcam.test/\n"),
        }
    }
}

impl File {
    fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type, kept_as: None, body: body.into() }
    }

    fn page(body: String) -> Self {
        Self::new("text/html; charset=utf-8", body)
    }

    fn text(status: u16, body: &str) -> Self {
        Self { status, ..Self::new("text/plain; charset=utf-8", body) }
    }

    fn kept_as(self, name: &'static str) -> Self {
        Self { kept_as: Some(name), ..self }
    }
}

/// Returns whether a page of this site asks: a site of others that shows the image would learn that a visitor trusts
/// dashcam. Pages can't choose this field.
fn is_from_this_site(head: &RequestHead) -> bool {
    let referer = head.headers.text("referer").unwrap_or_default();
    ["http://dashcam.test/", "https://dashcam.test/"].iter().any(|own| referer.starts_with(own))
}

fn page(authority: &Authority) -> String {
    let certificate = authority.certificate();
    let check = match certificate.permitted() {
        Some(permitted) => format!(
            "The certificate is good for these hosts only: {}. Whether it is trusted can be seen there, \
             not here.",
            escaped(&permitted)
        ),
        None => TRUSTED.to_owned(),
    };
    include_str!("page.html")
        .replace("{check}", &check)
        .replace("{fingerprint}", &authority.fingerprint())
        .replace("{host}", HOST)
}

fn check(scheme: Scheme) -> String {
    let (title, text) = match scheme {
        Scheme::Https => (
            "This client trusts dashcam",
            "It opened this page over HTTPS with a certificate that dashcam issued. If it warned you \
             before, it does not trust the certificate yet.",
        ),
        Scheme::Http => (
            "This is not over HTTPS",
            "Your proxy works, but the certificate was not needed here. Open \
             <a href=\"https://dashcam.test/check\">https://dashcam.test/check</a> in its place.",
        ),
    };
    include_str!("check.html").replace("{title}", title).replace("{text}", text).replace("{host}", HOST)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
