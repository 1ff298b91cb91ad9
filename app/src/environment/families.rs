//! The table of programs: what each family needs so that its traffic comes to dashcam, and why.

use super::family::{Family, File, NONE, Stay, Value, lasting};

/// The programs.
pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "most programs",
        why: "They go through the proxy that these name, in the one case or the other.",
        variables: &[
            ("HTTP_PROXY", Value::Set("{{proxy}}")),
            ("http_proxy", Value::Set("{{proxy}}")),
            ("HTTPS_PROXY", Value::Set("{{proxy}}")),
            ("https_proxy", Value::Set("{{proxy}}")),
            ("ALL_PROXY", Value::Set("{{proxy}}")),
            ("all_proxy", Value::Set("{{proxy}}")),
            ("NO_PROXY", Value::Excluded),
            ("no_proxy", Value::Excluded),
        ],
        ..NONE
    },
    Family {
        name: "OpenSSL, Go, Ruby, uv, Nix",
        why: "They read a file of roots in place of their own.",
        variables: &[
            ("SSL_CERT_FILE", Value::Set("{{bundle}}")),
            ("NIX_SSL_CERT_FILE", Value::Set("{{bundle}}")),
        ],
        ..NONE
    },
    Family {
        name: "GnuTLS, GLib and others that read the system's roots",
        why: "No variable names another file, so ours lies over it.",
        laid: &[
            ("{{bundle}}", "/etc/ssl/certs/ca-certificates.crt"),
            ("{{bundle}}", "/etc/pki/tls/certs/ca-bundle.crt"),
            ("{{bundle}}", "/etc/ssl/ca-bundle.pem"),
            ("{{bundle}}", "/etc/ssl/cert.pem"),
        ],
        ..NONE
    },
    Family {
        name: "curl, git, cargo, pip, gRPC, AWS, Google Cloud",
        why: "Each has a variable of its own for a file of roots.",
        variables: &[
            ("CURL_CA_BUNDLE", Value::Set("{{bundle}}")),
            ("GIT_SSL_CAINFO", Value::Set("{{bundle}}")),
            ("CARGO_HTTP_CAINFO", Value::Set("{{bundle}}")),
            ("PIP_CERT", Value::Set("{{bundle}}")),
            ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", Value::Set("{{bundle}}")),
            ("AWS_CA_BUNDLE", Value::Set("{{bundle}}")),
            ("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", Value::Set("{{bundle}}")),
        ],
        ..NONE
    },
    Family {
        name: "Python",
        why: "requests and httplib2 have variables for roots. http.client, urllib3, aiohttp, httpx with a transport, \
              Tornado, Twisted and geventhttpclient don't look at the proxy, and certifi at no other roots: each is \
              changed when it is imported.",
        variables: &[
            ("REQUESTS_CA_BUNDLE", Value::Set("{{bundle}}")),
            ("HTTPLIB2_CA_CERTS", Value::Set("{{bundle}}")),
            ("PYTHONPATH", Value::Before("{{lasting}}/python")),
        ],
        files: &[
            lasting("python/sitecustomize.py", include_str!("clients/python/sitecustomize.py")),
            lasting("python/dashcam_clients.py", include_str!("clients/python/dashcam_clients.py")),
            lasting("python/dashcam_async.py", include_str!("clients/python/dashcam_async.py")),
        ],
        ..NONE
    },
    Family {
        name: "Node.js",
        why: "It looks at the proxy from version 24 on, and not in all libraries: a file that is loaded first brings \
              the others.",
        variables: &[
            ("NODE_EXTRA_CA_CERTS", Value::Set("{{root}}")),
            ("NODE_USE_ENV_PROXY", Value::Set("1")),
            ("NODE_OPTIONS", Value::Word { text: "--require={{lasting}}/node.cjs", is_quotable: true }),
        ],
        files: &[lasting("node.cjs", include_str!("clients/node.cjs"))],
        ..NONE
    },
    Family {
        name: "Bun",
        why: "fetch looks at the proxy; WebSocket and node:http2 do not.",
        variables: &[(
            "BUN_OPTIONS",
            Value::Word { text: "--preload={{lasting}}/node.cjs", is_quotable: false },
        )],
        ..NONE
    },
    Family {
        name: "npm, pnpm, Yarn",
        why: "A `cafile` in an npmrc would win over Node's roots, and Yarn looks at its own variables only.",
        variables: &[
            ("npm_config_cafile", Value::Set("{{bundle}}")),
            ("YARN_HTTP_PROXY", Value::Set("{{proxy}}")),
            ("YARN_HTTPS_PROXY", Value::Set("{{proxy}}")),
        ],
        ..NONE
    },
    Family {
        name: "Deno",
        why: "It reads a root to add to its own.",
        variables: &[("DENO_CERT", Value::Set("{{root}}"))],
        ..NONE
    },
    Family {
        name: "Java",
        why: "It reads its options only, and a trust store in a format of its own.",
        variables: &[("JAVA_TOOL_OPTIONS", Value::Java)],
        ..NONE
    },
    Family {
        name: "wget",
        why: "Built with GnuTLS, it reads roots from the system and from its settings only.",
        variables: &[("WGETRC", Value::Set("{{passing}}/wgetrc"))],
        files: &[File {
            path: "wgetrc",
            text: "ca_certificate = {{bundle}}\n",
            stay: Stay::Passing { behind: &["{{$WGETRC}}", "{{$HOME}}/.wgetrc"] },
        }],
        ..NONE
    },
    Family {
        name: "Mercurial",
        why: "Debian's settings name the system's file of roots, and localhost goes by no proxy.",
        variables: &[(
            "HGRCPATH",
            Value::After {
                default: "/etc/mercurial/hgrc:/etc/mercurial/hgrc.d:{{$HOME}}/.hgrc:{{$HOME}}/.config/hg/hgrc",
                text: "{{passing}}/hgrc",
            },
        )],
        files: &[File {
            path: "hgrc",
            text: "[web]\ncacerts = {{bundle}}\n[http_proxy]\nalways = True\n",
            stay: Stay::Passing { behind: &[] },
        }],
        ..NONE
    },
    Family {
        name: "Perl",
        why: "LWP looks at the proxy if it is told to, and Debian's at roots of its own.",
        variables: &[
            ("PERL_LWP_ENV_PROXY", Value::Set("1")),
            ("PERL_LWP_SSL_CA_FILE", Value::Set("{{bundle}}")),
        ],
        ..NONE
    },
    Family {
        name: "PHP",
        why: "curl's roots are a setting there, and streams look at no proxy.",
        variables: &[("PHP_INI_SCAN_DIR", Value::BeforeDefault("{{passing}}/php"))],
        files: &[
            File {
                path: "php/dashcam.ini",
                text: "curl.cainfo = \"{{bundle}}\"\nopenssl.cafile = \"{{bundle}}\"\n\
                       auto_prepend_file = \"{{lasting}}/prepend.php\"\n",
                stay: Stay::Passing { behind: &[] },
            },
            lasting("prepend.php", include_str!("clients/prepend.php")),
        ],
        ..NONE
    },
    Family {
        name: "Ruby",
        why: "Net::HTTP leaves loopback out, whatever NO_PROXY says.",
        variables: &[("RUBYOPT", Value::Word { text: "-r{{lasting}}/ruby.rb", is_quotable: false })],
        files: &[lasting("ruby.rb", include_str!("clients/ruby.rb"))],
        ..NONE
    },
    Family {
        name: "Guile",
        why: "It reads roots from a folder.",
        variables: &[("GUILE_TLS_CERTIFICATE_DIRECTORY", Value::Set("{{passing}}/roots"))],
        files: &[File {
            path: "roots/dashcam.pem",
            text: "",
            stay: Stay::Passing { behind: &["{{bundle}}"] },
        }],
        ..NONE
    },
    Family {
        name: "Chromium, Chrome, Edge, Brave",
        why: "They have roots of their own; a policy adds one. They never use a proxy for localhost: `dashcam browser` makes \
              them.",
        files: &[File {
            path: "chromium/policies/managed/dashcam.json",
            text: "{\"CACertificates\": [\"{{root_base64}}\"]}\n",
            stay: Stay::Passing { behind: &[] },
        }],
        laid: &[
            ("{{passing}}/chromium", "/etc/chromium"),
            ("{{passing}}/chromium", "/etc/chromium-browser"),
            ("{{passing}}/chromium", "/etc/opt/chrome"),
            ("{{passing}}/chromium", "/etc/opt/edge"),
            ("{{passing}}/chromium", "/etc/brave"),
        ],
        ..NONE
    },
    Family {
        name: "Firefox",
        why: "It has roots of its own, and uses no proxy for localhost; a policy changes both.",
        files: &[File {
            path: "firefox/policies.json",
            text: "{\"policies\": {\"Certificates\": {\"Install\": [\"{{root}}\"]}, \"Preferences\": \
                   {\"network.proxy.allow_hijacking_localhost\": {\"Value\": true, \"Status\": \"default\"}}}}\n",
            stay: Stay::Passing { behind: &[] },
        }],
        laid: &[
            ("{{passing}}/firefox", "/etc/firefox/policies"),
            ("{{passing}}/firefox", "/usr/lib/firefox/distribution"),
            ("{{passing}}/firefox", "/usr/lib64/firefox/distribution"),
            ("{{passing}}/firefox", "/usr/lib/firefox-esr/distribution"),
        ],
        ..NONE
    },
    Family {
        name: "Subversion",
        why: "It reads the proxy from its settings only.",
        files: &[File {
            path: "svn-servers",
            text: "\n[global]\nhttp-proxy-host = {{host}}\nhttp-proxy-port = {{port}}\n\
                   http-proxy-username = {{user}}\nhttp-proxy-password = {{password}}\n\
                   ssl-authority-files = {{root}}\n",
            stay: Stay::Passing { behind: &["/etc/subversion/servers"] },
        }],
        laid: &[("{{passing}}/svn-servers", "/etc/subversion/servers")],
        ..NONE
    },
];
