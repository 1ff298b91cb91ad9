//! The table of clients: the way in which each kind learns to trust the root. The whole text is for `dashcam ca`, the
//! cure for messages about a client that did not trust it.

/// A kind of client. In its texts `{root}` is the root's file.
pub(super) struct Client {
    /// Its name for people.
    pub(super) name: &'static str,
    /// The instructions, as lines to type.
    pub(super) text: &'static str,
    /// The same as a part of a sentence: "set …"; "" where it is none of a client's.
    pub(super) cure: &'static str,
    /// Names of the runtimes that a ClientHello or a User-Agent shows, as in the API, to which the cure applies.
    pub(super) runtimes: &'static [&'static str],
}

/// The cure for a client of which nothing is known.
pub(super) const GENERAL: &str =
    "let it trust '{root}' (`dashcam ca` shows how), or start it with `dashcam run`";

/// The clients, in the order in which `dashcam ca` shows them.
pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "Any program",
        text: "dashcam run -- COMMAND…    (sets all of the variables below for one program)",
        cure: "",
        runtimes: &[],
    },
    Client {
        name: "curl",
        text: "curl --cacert '{root}' …    or: export CURL_CA_BUNDLE='{root}'",
        cure: "set CURL_CA_BUNDLE to '{root}', or give it --cacert",
        runtimes: &["curl"],
    },
    Client {
        name: "git",
        text: "git config --global http.sslCAInfo '{root}'    or: export GIT_SSL_CAINFO='{root}'",
        cure: "set GIT_SSL_CAINFO to '{root}'",
        runtimes: &["git"],
    },
    Client {
        name: "Wget",
        text: "wget --ca-certificate='{root}' …",
        cure: "give it --ca-certificate='{root}', or put ca_certificate='{root}' into ~/.wgetrc",
        runtimes: &["wget"],
    },
    Client {
        name: "Python",
        text: "export SSL_CERT_FILE='{root}'         (urllib, httpx, aiohttp)\n\
               export REQUESTS_CA_BUNDLE='{root}'    (requests)\n\
               These replace the usual roots; `dashcam run` sets a bundle of both.",
        cure: "set SSL_CERT_FILE (urllib, httpx, aiohttp) and REQUESTS_CA_BUNDLE (requests) to '{root}'",
        runtimes: &["python"],
    },
    Client {
        name: "Node.js",
        text: "export NODE_EXTRA_CA_CERTS='{root}'\n\
               export NODE_USE_ENV_PROXY=1           (from Node 24 on: fetch and http heed HTTPS_PROXY)",
        cure: "set NODE_EXTRA_CA_CERTS to '{root}'",
        runtimes: &["node", "bun"],
    },
    Client {
        name: "Deno",
        text: "export DENO_CERT='{root}'",
        cure: "set DENO_CERT to '{root}'",
        runtimes: &["deno"],
    },
    Client {
        name: "Java",
        text: "keytool -importcert -noprompt -cacerts -storepass changeit -alias dashcam -file '{root}'\n\
               java -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 …",
        cure: "import '{root}' into its trust store (keytool -importcert -cacerts -alias dashcam)",
        runtimes: &["java"],
    },
    Client {
        name: "Go",
        text: "export SSL_CERT_FILE='{root}'         (Linux; on macOS Go asks the keychain)",
        cure: "set SSL_CERT_FILE to '{root}', unless the program names roots of its own",
        runtimes: &["go"],
    },
    Client {
        name: "Ruby and other programs with OpenSSL",
        text: "export SSL_CERT_FILE='{root}'",
        cure: "set SSL_CERT_FILE to '{root}', unless the program names roots of its own",
        runtimes: &["openssl", "ruby"],
    },
    Client {
        name: "PHP",
        text: "php -d openssl.cafile='{root}' -d curl.cainfo='{root}' …",
        cure: "set openssl.cafile and curl.cainfo in php.ini to '{root}'",
        runtimes: &["php"],
    },
    Client {
        name: "Rust (rustls)",
        text: "export SSL_CERT_FILE='{root}'         (programs that read the system's roots)",
        cure: "set SSL_CERT_FILE to '{root}'; a program that has its roots built in can't be told",
        runtimes: &["rustls"],
    },
    Client {
        name: "Programs with GnuTLS",
        text: "sudo dashcam ca install --yes    (they read the system's file of roots; no variable names another)\n\
               The root is '{root}'.",
        cure: "let this system trust '{root}' (sudo dashcam ca install --yes)",
        runtimes: &["gnutls"],
    },
    Client {
        name: "Debian, Ubuntu, Alpine",
        text: "sudo cp '{root}' /usr/local/share/ca-certificates/dashcam.crt && sudo update-ca-certificates",
        cure: "",
        runtimes: &[],
    },
    Client {
        name: "RHEL, Fedora",
        text: "sudo cp '{root}' /etc/pki/ca-trust/source/anchors/dashcam.crt && sudo update-ca-trust",
        cure: "",
        runtimes: &[],
    },
    Client {
        name: "macOS",
        text: "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '{root}'",
        cure: "",
        runtimes: &[],
    },
    Client {
        name: "Windows",
        text: "certutil -addstore -f Root ca.pem     (as administrator, after copying '{root}' there)",
        cure: "",
        runtimes: &[],
    },
    Client {
        name: "Firefox",
        text: "Settings → Privacy & Security → Certificates → View Certificates → Authorities → Import… '{root}'",
        cure: "import '{root}' in its settings (Certificates, Authorities), or use `dashcam browser`",
        runtimes: &["firefox"],
    },
    Client {
        name: "Chrome, Chromium on Linux",
        text: "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n dashcam -i '{root}'    (package libnss3-tools)",
        cure: "add '{root}' to its roots (`dashcam ca` shows how), or use `dashcam browser`",
        runtimes: &["chromium"],
    },
];
