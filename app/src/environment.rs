//! The variables that bring a program's traffic to dashcam and make it trust the certificate.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The targets of the variables.
#[derive(Debug)]
pub(crate) struct Pointers<'a> {
    /// The forward listener.
    pub(crate) proxy: SocketAddr,
    /// The user name and the password that it asks for.
    pub(crate) credential: Option<(&'a str, &'a str)>,
    /// Our root alone, for programs that add it to theirs.
    pub(crate) root: &'a Path,
    /// The system's roots and ours, for programs that take it in place of theirs.
    pub(crate) bundle: &'a Path,
    /// The same as a Java trust store, if one could be made.
    pub(crate) java_store: Option<&'a Path>,
}

/// The password of Java trust stores, which hold no secret.
pub(crate) const JAVA_STORE_PASSWORD: &str = "changeit";

/// For most programs, in both cases: some read only the one.
const PROXY: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// A file of roots to take in place of one's own: OpenSSL, Go and Ruby; Nix; requests; httplib2; curl; git;
/// cargo; pip; gRPC; the command lines of AWS and Google.
const BUNDLE: [&str; 11] = [
    "SSL_CERT_FILE",
    "NIX_SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "CARGO_HTTP_CAINFO",
    "PIP_CERT",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "AWS_CA_BUNDLE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
];

/// A file with a root to add to one's own: Node.js and Deno.
const ADDED: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/// The variables to set; `current` is the environment as it is.
pub(crate) fn variables(
    pointers: &Pointers<'_>,
    current: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, OsString)> {
    let user = pointers.credential.map(|(user, password)| format!("{}:{}@", in_url(user), in_url(password)));
    let proxy = OsString::from(format!("http://{}{}", user.unwrap_or_default(), reachable(pointers.proxy)));
    let mut variables: Vec<(&'static str, OsString)> = Vec::new();
    variables.extend(PROXY.map(|name| (name, proxy.clone())));
    // Loopback is to be recorded too, so the list is empty; but what a user excludes stays excluded.
    let excluded = current("NO_PROXY").or_else(|| current("no_proxy")).unwrap_or_default();
    variables.extend(["NO_PROXY", "no_proxy"].map(|name| (name, excluded.clone())));
    variables.extend(BUNDLE.map(|name| (name, pointers.bundle.into())));
    variables.extend(ADDED.map(|name| (name, pointers.root.into())));
    variables.push(("NODE_USE_ENV_PROXY", "1".into()));
    variables.push(("JAVA_TOOL_OPTIONS", java_options(pointers, current("JAVA_TOOL_OPTIONS"), &excluded)));
    variables
}

/// A text as a URL has it before the host.
fn in_url(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// An address that a client on this machine can connect to.
pub(crate) fn reachable(proxy: SocketAddr) -> SocketAddr {
    let ip = match proxy {
        SocketAddr::V4(address) if address.ip().is_unspecified() => [127, 0, 0, 1].into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, proxy.port())
}

fn java_options(pointers: &Pointers<'_>, current: Option<OsString>, excluded: &OsStr) -> OsString {
    let proxy = reachable(pointers.proxy);
    let mut options = current.filter(|options| !options.is_empty()).unwrap_or_default();
    let mut add = |option: &OsStr| {
        if !options.is_empty() {
            options.push(" ");
        }
        options.push(option);
    };
    for scheme in ["http", "https"] {
        add(format!("-D{scheme}.proxyHost={}", proxy.ip()).as_ref());
        add(format!("-D{scheme}.proxyPort={}", proxy.port()).as_ref());
    }
    // Java leaves loopback out unless told otherwise.
    let excluded = excluded.to_string_lossy().split(',').map(str::trim).collect::<Vec<_>>().join("|");
    add(format!("-Dhttp.nonProxyHosts={excluded}").as_ref());
    if let Some(store) = pointers.java_store {
        let mut option = OsString::from("-Djavax.net.ssl.trustStore=");
        option.push(quoted(store));
        add(&option);
        add(format!("-Djavax.net.ssl.trustStorePassword={JAVA_STORE_PASSWORD}").as_ref());
    }
    options
}

/// The options are split at white space outside of quotes.
fn quoted(path: &Path) -> OsString {
    if !path.to_string_lossy().contains(char::is_whitespace) {
        return path.into();
    }
    let mut quoted = OsString::from("\"");
    quoted.push(path);
    quoted.push("\"");
    quoted
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn set(proxy: &str, current: &[(&str, &str)]) -> HashMap<&'static str, String> {
        let pointers = Pointers {
            proxy: proxy.parse().unwrap(),
            credential: None,
            root: Path::new("/h/ca.pem"),
            bundle: Path::new("/h/bundle.pem"),
            java_store: Some(Path::new("/my home/java.p12")),
        };
        let current: HashMap<_, _> = current.iter().copied().collect();
        let variables = variables(&pointers, |name| current.get(name).map(OsString::from));
        variables.into_iter().map(|(name, value)| (name, value.into_string().unwrap())).collect()
    }

    #[test]
    fn every_program_finds_the_proxy_and_the_roots() {
        let set = set("127.0.0.1:8080", &[]);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            assert_eq!(set[name], "http://127.0.0.1:8080", "{name}");
        }
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"] {
            assert_eq!(set[name], "/h/bundle.pem", "{name}");
        }
        assert_eq!(
            (set["NODE_EXTRA_CA_CERTS"].as_str(), set["NODE_USE_ENV_PROXY"].as_str()),
            ("/h/ca.pem", "1")
        );
    }

    #[test]
    fn a_password_is_in_the_url() {
        let pointers = Pointers {
            proxy: "127.0.0.1:8080".parse().unwrap(),
            credential: Some(("me", "a:b@c/")),
            root: Path::new("/h/ca.pem"),
            bundle: Path::new("/h/bundle.pem"),
            java_store: None,
        };
        let variables = variables(&pointers, |_| None);
        let url =
            variables.iter().find(|(name, _)| *name == "HTTPS_PROXY").map(|(_, url)| url.to_str().unwrap());
        assert_eq!(url, Some("http://me:a%3Ab%40c%2F@127.0.0.1:8080"));
    }

    #[test]
    fn loopback_is_recorded_unless_the_user_excludes_it() {
        let free = set("127.0.0.1:8080", &[]);
        assert_eq!((free["NO_PROXY"].as_str(), free["no_proxy"].as_str()), ("", ""));
        let kept = set("127.0.0.1:8080", &[("no_proxy", "localhost, a")]);
        assert_eq!((kept["NO_PROXY"].as_str(), kept["no_proxy"].as_str()), ("localhost, a", "localhost, a"));
        assert!(kept["JAVA_TOOL_OPTIONS"].contains("-Dhttp.nonProxyHosts=localhost|a "));
    }

    #[test]
    fn a_listener_on_all_addresses_is_reached_on_loopback() {
        assert_eq!(set("0.0.0.0:1", &[])["HTTP_PROXY"], "http://127.0.0.1:1");
        assert_eq!(set("[::]:1", &[])["HTTP_PROXY"], "http://[::1]:1");
    }

    #[test]
    fn java_options_are_added_to_the_users() {
        let options =
            set("127.0.0.1:8080", &[("JAVA_TOOL_OPTIONS", "-Xmx1g")]).remove("JAVA_TOOL_OPTIONS").unwrap();
        assert!(options.starts_with("-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=8080 "), "{options}");
        assert!(options.contains(r#"-Djavax.net.ssl.trustStore="/my home/java.p12" "#), "{options}");
    }
}
