//! The software of a client: its ClientHello says most, and its User-Agent which program uses the TLS library.

use dashcam_exchange::Runtime;

/// Beginnings of words in a User-Agent, and the software that says so. The first that fits counts: browsers name each
/// other.
const PRODUCTS: &[(&str, Runtime)] = &[
    ("Bun/", Runtime::Bun),
    ("Deno/", Runtime::Deno),
    ("Firefox/", Runtime::Firefox),
    ("Chrome/", Runtime::Chromium),
    ("HeadlessChrome/", Runtime::Chromium),
    ("git/", Runtime::Git),
    ("curl/", Runtime::Curl),
    ("Wget/", Runtime::Wget),
    ("Go-http-client/", Runtime::Go),
    ("Java/", Runtime::Java),
    ("Java-http-client/", Runtime::Java),
    ("node", Runtime::Node),
    ("undici", Runtime::Node),
    ("Python", Runtime::Python),
    ("python-", Runtime::Python),
    ("aiohttp/", Runtime::Python),
    ("PHP", Runtime::Php),
    ("Ruby", Runtime::Ruby),
];

/// The client's software, by the shape of its hello and by its User-Agent. Everybody can say everything in a User-Agent:
/// it counts only where the hello is that of a library, and the program is known to use it.
pub(crate) fn guess(hello: Option<Runtime>, user_agent: Option<&str>) -> Option<Runtime> {
    let said = user_agent.and_then(by_user_agent);
    let users: &[Runtime] = match hello {
        None => return said,
        Some(Runtime::Openssl) => {
            &[Runtime::Curl, Runtime::Git, Runtime::Php, Runtime::Python, Runtime::Ruby, Runtime::Wget]
        }
        Some(Runtime::Gnutls) => &[Runtime::Curl, Runtime::Git, Runtime::Wget],
        Some(Runtime::Rustls) => &[Runtime::Curl, Runtime::Deno],
        Some(program) => return Some(program),
    };
    said.filter(|said| users.contains(said)).or(hello)
}

fn by_user_agent(user_agent: &str) -> Option<Runtime> {
    let names = |product: &str| user_agent.split_whitespace().any(|word| word.starts_with(product));
    PRODUCTS.iter().find(|(product, _)| names(product)).map(|(_, runtime)| *runtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hello_goes_before_the_user_agent() {
        const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
        for (hello, user_agent, expect) in [
            (None, None, None),
            (None, Some("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/128.0"), Some(Runtime::Firefox)),
            (None, Some(CHROME), Some(Runtime::Chromium)),
            (Some(Runtime::Openssl), None, Some(Runtime::Openssl)),
            (Some(Runtime::Openssl), Some("curl/7.88.1"), Some(Runtime::Curl)),
            (Some(Runtime::Openssl), Some("python-requests/2.32.3"), Some(Runtime::Python)),
            (Some(Runtime::Openssl), Some(CHROME), Some(Runtime::Openssl)),
            (Some(Runtime::Gnutls), Some("git/2.39.5"), Some(Runtime::Git)),
            (Some(Runtime::Gnutls), Some("Wget/1.21.3"), Some(Runtime::Wget)),
            (Some(Runtime::Gnutls), Some("Go-http-client/1.1"), Some(Runtime::Gnutls)),
            (Some(Runtime::Rustls), Some("Deno/2.1"), Some(Runtime::Deno)),
            (Some(Runtime::Python), Some(CHROME), Some(Runtime::Python)),
        ] {
            assert_eq!(guess(hello, user_agent), expect, "{hello:?} {user_agent:?}");
        }
    }

    /// Each runtime has a cure in the table of clients.
    #[test]
    fn every_runtime_has_its_cure() {
        let root = std::path::Path::new("/h/ca.pem");
        let general = dashcam_ca::trust::cure(None, root);
        for runtime in Runtime::ALL {
            assert_ne!(dashcam_ca::trust::cure(Some(runtime.as_str()), root), general, "{runtime}");
        }
    }
}
