//! Programs that neither variables nor files bring, and the way to bring each.

use std::net::SocketAddr;
use std::path::Path;

use super::pointers::reachable;

/// Programs by their names, and the cure; `PROXY` and `PORT` stand for the proxy's address and its port.
pub(super) const CURES: &[(&[&str], &str)] = &[
    (&["deno"], "node:http2 looks at no proxy in Deno: use fetch"),
    (&["bun"], "the package ws looks at no proxy in Bun: use the WebSocket of Bun itself"),
    (
        &["elixir", "erl", "escript", "iex", "mix"],
        "httpc wants to be told: httpc:set_options([{proxy, {{\"127.0.0.1\", PORT}, []}}, {https_proxy, \
         {{\"127.0.0.1\", PORT}, []}}])",
    ),
    (&["go"], "Go never uses a proxy for localhost and 127.*: give it another name of this machine"),
    (&["hey"], "it looks at no variable: hey -x http://PROXY"),
    (&["links"], "it looks at no variable: links -https-proxy PROXY -http-proxy PROXY"),
    (&["lua", "lua5.3", "lua5.4", "luajit"], "LuaSec knows no proxy: use `dashcam run --deep`"),
    (&["php"], "streams in `php -r` look at no proxy: put the code into a file, or use curl"),
    (
        &["tclsh", "tclsh8.6", "wish"],
        "Tcl's http wants to be told, and its tls knows no proxy: use `dashcam run --deep`",
    ),
    (&["wget2"], "it speaks TLS to a proxy for https: use wget or curl"),
];

/// The cure for a program that made no connection.
pub(crate) fn cure(program: &Path, proxy: SocketAddr) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let known = CURES.iter().find(|(names, _)| names.contains(&name.as_ref()));
    let proxy = reachable(proxy);
    match known {
        Some((_, cure)) => {
            cure.replace("PROXY", &proxy.to_string()).replace("PORT", &proxy.port().to_string())
        }
        None => format!(
            "if it does make requests, it looks at no proxy variable: give it the proxy http://{proxy} in its own \
             options, or use `dashcam run --deep` (Linux)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_program_has_its_own_cure() {
        let proxy = "0.0.0.0:8080".parse().unwrap();
        assert!(cure(Path::new("/usr/bin/links"), proxy).contains("-https-proxy 127.0.0.1:8080"));
        assert!(cure(Path::new("erl"), proxy).contains("{proxy, {{\"127.0.0.1\", 8080}, []}}"));
        assert!(cure(Path::new("./mine"), proxy).contains("http://127.0.0.1:8080"));
    }
}
