//! Which protocols a side of TLS names by ALPN (RFC 7301).

/// HTTP's protocols; no others are ours to speak.
const SPOKEN: [&[u8]; 3] = [b"h2", b"http/1.1", b"http/1.0"];

/// Protocols to name, the preferred first. Without any the extension is left out, as by a peer that does not know it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Alpn(Vec<&'static [u8]>);

impl Alpn {
    /// HTTP/2, or else HTTP/1.1.
    pub(crate) fn http2_and_http1() -> Self {
        Self::of([b"h2".as_slice(), b"http/1.1"])
    }

    /// HTTP/1.1 only.
    pub(crate) fn http1() -> Self {
        Self::of([b"http/1.1".as_slice()])
    }

    /// Those of `names` that we speak, in their order: of what a client offers, or the one that an upstream chose.
    pub(crate) fn of<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let spoken = |name: &'a [u8]| SPOKEN.into_iter().find(|spoken| *spoken == name);
        Self(names.into_iter().filter_map(spoken).collect())
    }

    /// As rustls wants them.
    pub(crate) fn names(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|name| name.to_vec()).collect()
    }

    /// As rustls wants them on a server: whoever speaks HTTP/1.1 speaks HTTP/1.0 with those who offer nothing newer.
    pub(crate) fn names_for_clients(&self) -> Vec<Vec<u8>> {
        let mut names = self.names();
        if self.0.contains(&b"http/1.1".as_slice()) && !self.0.contains(&b"http/1.0".as_slice()) {
            names.push(b"http/1.0".to_vec());
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_speak_in_its_order() {
        let offered = [b"\x1a\x1a".as_slice(), b"http/1.1", b"spdy/3", b"h2"];
        assert_eq!(Alpn::of(offered).names(), [b"http/1.1".to_vec(), b"h2".to_vec()]);
        assert_eq!(Alpn::of([]), Alpn::default());
        assert_eq!(Alpn::of([b"h2".as_slice()]).names_for_clients(), [b"h2".to_vec()]);
        assert_eq!(Alpn::http1().names_for_clients(), [b"http/1.1".to_vec(), b"http/1.0".to_vec()]);
        assert!(Alpn::default().names_for_clients().is_empty());
    }
}
