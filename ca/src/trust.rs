//! How clients are told to trust the root.

mod plan;

use std::path::Path;

pub use plan::{Plan, Step, install_plan, uninstall_plan};

/// How each kind of client is told to trust the root at `root`, as (client, text), in the order in which to
/// show them.
#[must_use]
pub fn instructions(root: &Path) -> Vec<(&'static str, String)> {
    let path = root.display().to_string();
    INSTRUCTIONS.iter().map(|(client, text)| (*client, text.replace("{root}", &path))).collect()
}

const INSTRUCTIONS: [(&str, &str); 12] = [
    ("Any program", "dashcam run -- COMMAND…    (sets all of the variables below for one program)"),
    ("curl", "curl --cacert '{root}' …    or: export CURL_CA_BUNDLE='{root}'"),
    (
        "Python",
        "export SSL_CERT_FILE='{root}'         (urllib, httpx, aiohttp)\n\
         export REQUESTS_CA_BUNDLE='{root}'    (requests)\n\
         These replace the usual roots; `dashcam run` sets a bundle of both.",
    ),
    (
        "Node.js",
        "export NODE_EXTRA_CA_CERTS='{root}'\n\
         export NODE_USE_ENV_PROXY=1           (from Node 24 on: fetch and http heed HTTPS_PROXY)",
    ),
    (
        "Java",
        "keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file '{root}'\n\
         java -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 …",
    ),
    ("Go", "export SSL_CERT_FILE='{root}'         (Linux; on macOS Go asks the keychain)"),
    (
        "Debian, Ubuntu, Alpine",
        "sudo cp '{root}' /usr/local/share/ca-certificates/dashcam.crt && sudo update-ca-certificates",
    ),
    ("RHEL, Fedora", "sudo cp '{root}' /etc/pki/ca-trust/source/anchors/dashcam.crt && sudo update-ca-trust"),
    (
        "macOS",
        "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '{root}'",
    ),
    ("Windows", "certutil -addstore -f Root ca.pem     (as administrator, after copying '{root}' there)"),
    (
        "Firefox",
        "Settings → Privacy & Security → Certificates → View Certificates → Authorities → Import… '{root}'",
    ),
    (
        "Chrome, Chromium on Linux",
        "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i '{root}'    (package libnss3-tools)",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_names_the_root() {
        for (client, text) in instructions(Path::new("/h/ca.pem")) {
            assert!(!text.contains("{root}"), "{client}");
            assert!(client == "Any program" || text.contains("'/h/ca.pem'"), "{client}: {text}");
        }
    }
}
