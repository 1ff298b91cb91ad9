//! Fields by which a client says for whom it asks.

/// Returns whether a field says for whom somebody asks, by which address, name or certificate: only a trusted
/// client may say so. Case makes no difference, nor does `_` for `-`: CGI, and what goes by it, makes both
/// the same.
pub(crate) fn is_claim(name: &[u8]) -> bool {
    let [first, second, third, ..] = name else { return false };
    // Most names begin otherwise.
    if !matches!(first | 0x20, b'c' | b'f' | b'p' | b's' | b't' | b'w' | b'x') {
        return false;
    }
    claims_like([plain(*first), plain(*second), plain(*third)]).iter().any(|claim| is(name, claim))
}

/// The names of such fields, by their beginning; `*` stands for whatever follows.
fn claims_like(beginning: [u8; 3]) -> &'static [&'static str] {
    match &beginning {
        b"cf-" => &["cf-connecting-ip*"],
        b"cli" => &["client-cert", "client-cert-chain", "client-ip"],
        b"fas" => &["fastly-client-ip"],
        b"fly" => &["fly-client-ip"],
        b"for" => &["forwarded"],
        b"fro" => &["front-end-https"],
        b"pro" => &["proxy-client-ip"],
        b"ssl" => &["ssl-client-*"],
        b"tru" => &["true-client-ip"],
        b"wl-" => &["wl-proxy-client-*"],
        b"x-a" => &["x-amzn-mtls-*", "x-arr-*"],
        b"x-c" => &["x-client-cert*", "x-client-dn", "x-client-ip", "x-client-verify", "x-cluster-client-ip"],
        b"x-e" => &["x-envoy-external-address"],
        b"x-f" => &["x-forwarded*"],
        b"x-o" => &["x-original-forwarded-for", "x-originating-ip"],
        b"x-r" => &["x-real-ip", "x-real-port", "x-remote-addr", "x-remote-ip"],
        b"x-s" => &["x-ssl-*"],
        b"x-t" => &["x-tls-client-*"],
        _ => &[],
    }
}

fn is(name: &[u8], claim: &str) -> bool {
    let (claim, fits) = match claim.strip_suffix('*') {
        Some(beginning) => (beginning, name.len() >= beginning.len()),
        None => (claim, name.len() == claim.len()),
    };
    fits && name.iter().zip(claim.bytes()).all(|(byte, other)| plain(*byte) == other)
}

fn plain(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims() {
        for claim in [
            "X-Forwarded-For",
            "x_forwarded_for",
            "X-Forwarded_Proto",
            "X-Forwarded-Client-Cert",
            "Forwarded",
            "X-Real-IP",
            "X_REAL_IP",
            "Client-Cert",
            "Client_Cert-Chain",
            "SSL-Client-Cert",
            "Ssl_Client_S_DN",
            "X-SSL-Client-Verify",
            "X-Client-Cert",
            "X-ARR-ClientCert",
            "True-Client-IP",
            "CF-Connecting-IPv6",
            "WL-Proxy-Client-IP",
            "Front-End-Https",
            "Fastly-Client-IP",
            "Proxy-Client-IP",
        ] {
            assert!(is_claim(claim.as_bytes()), "{claim}");
        }
        for other in [
            "",
            "X",
            "X-",
            "Host",
            "Cookie",
            "Content-Type",
            "X-Request-Id",
            "X-Client-Data",
            "X-Real",
            "SSL",
            "Forward",
            "Sec-Fetch-Site",
            "Transfer-Encoding",
            "From",
            "X-Requested-With",
            "Client-Certs",
            "X-Client-IPs",
            "Trailer",
        ] {
            assert!(!is_claim(other.as_bytes()), "{other}");
        }
    }
}
