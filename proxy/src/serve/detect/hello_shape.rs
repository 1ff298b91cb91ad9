//! The shape of a ClientHello: the choices and their order, which each TLS software makes in its own way.

use std::borrow::Cow;

use dashcam_exchange::Runtime;

/// Extensions that differ between connections of one program: the name, padding, the offer by ALPN and Chromium's
/// settings for it, and those of resumed sessions.
const VARYING: [u16; 8] = [0, 16, 21, 41, 42, 44, 17513, 17613];
/// Chromium's settings for a protocol that ALPN chooses (application_settings), in both of its numbers.
const APPLICATION_SETTINGS: [u16; 2] = [17513, 17613];

/// The shape of a ClientHello.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HelloShape {
    /// A digest of everything but what differs between connections of one program.
    pub(crate) digest: u64,
    /// The software that makes such a hello, if it is one of those that are known.
    pub(crate) runtime: Option<Runtime>,
    /// True if values without a meaning are strewn in (RFC 8701).
    has_grease: bool,
}

/// The software that makes hellos with these properties. `proxy/src/serve/detect/hellos` has one of each.
struct Known {
    runtime: Runtime,
    /// The first cipher suites.
    ciphers: &'static [u16],
    /// The last ones.
    last: &'static [u16],
    /// Extensions that are there.
    extensions: &'static [u16],
    /// True if values without a meaning are strewn in (RFC 8701).
    has_grease: bool,
}

const NONE: Known =
    Known { runtime: Runtime::Openssl, ciphers: &[], last: &[], extensions: &[], has_grease: false };

const KNOWN: &[Known] = &[
    Known {
        runtime: Runtime::Chromium,
        ciphers: &[0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f],
        extensions: &[27],
        has_grease: true,
        ..NONE
    },
    Known { runtime: Runtime::Firefox, ciphers: &[0x1301, 0x1303, 0x1302], extensions: &[28, 34], ..NONE },
    Known {
        runtime: Runtime::Go,
        ciphers: &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8],
        last: &[0x1301, 0x1302, 0x1303],
        ..NONE
    },
    Known { runtime: Runtime::Java, ciphers: &[0x1302, 0x1301, 0x1303], extensions: &[17, 50], ..NONE },
    Known {
        runtime: Runtime::Rustls,
        ciphers: &[0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8],
        ..NONE
    },
    Known {
        runtime: Runtime::Node,
        ciphers: &[0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e, 0xc027],
        ..NONE
    },
    Known {
        runtime: Runtime::Php,
        ciphers: &[0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e, 0x00a2],
        ..NONE
    },
    Known {
        runtime: Runtime::Python,
        ciphers: &[0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8],
        ..NONE
    },
    Known {
        runtime: Runtime::Openssl,
        ciphers: &[0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8],
        ..NONE
    },
    Known { runtime: Runtime::Gnutls, ciphers: &[0x1302, 0x1303, 0x1301, 0x1304], ..NONE },
    Known {
        runtime: Runtime::Bun,
        ciphers: &[0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030],
        extensions: &[5, 18],
        ..NONE
    },
];

impl Known {
    fn fits(&self, ciphers: &[u16], extensions: &[u16], has_grease: bool) -> bool {
        let settings = |extension: &u16| APPLICATION_SETTINGS.contains(extension);
        self.has_grease == has_grease
            && ciphers.starts_with(self.ciphers)
            && ciphers.ends_with(self.last)
            && self.extensions.iter().all(|extension| extensions.contains(extension))
            // Others have no such thing.
            && (self.runtime == Runtime::Chromium || !extensions.iter().any(settings))
    }
}

impl HelloShape {
    /// The shape of the ClientHello in `records`, which have all of it; none if it is malformed.
    pub(super) fn of(records: &[u8]) -> Option<Self> {
        let message = message(records);
        let Choices { mut ciphers, mut extensions } = choices(&message)?;
        let has_grease = ciphers.iter().any(|value| is_grease(*value));
        ciphers.retain(|value| !is_grease(*value));
        extensions.retain(|(kind, _)| !is_grease(*kind));
        let kinds: Vec<u16> = extensions.iter().map(|(kind, _)| *kind).collect();
        let known = KNOWN.iter().find(|known| known.fits(&ciphers, &kinds, has_grease));
        let digest = digest(&ciphers, extensions);
        Some(Self { digest, runtime: known.map(|known| known.runtime), has_grease })
    }

    /// Returns whether it is a browser's: Firefox', or one with values without a meaning, which browsers alone strew in
    /// (Chromium and what is made of it, Safari).
    pub(crate) fn is_browser(&self) -> bool {
        self.has_grease || self.runtime == Some(Runtime::Firefox)
    }
}

/// The cipher suites and extensions of a hello, in their order.
struct Choices<'a> {
    ciphers: Vec<u16>,
    extensions: Vec<(u16, &'a [u8])>,
}

/// The handshake message in `records`: mostly they are one.
fn message(records: &[u8]) -> Cow<'_, [u8]> {
    let mut pieces = Vec::new();
    let mut rest = records;
    while let Some((head, behind)) = rest.split_at_checked(5) {
        let size = usize::from(u16::from_be_bytes([head[3], head[4]]));
        let (piece, behind) = behind.split_at(size.min(behind.len()));
        pieces.push(piece);
        rest = behind;
    }
    match pieces[..] {
        [whole] => Cow::Borrowed(whole),
        _ => Cow::Owned(pieces.concat()),
    }
}

/// Reads a ClientHello (RFC 8446 §4.1.2).
fn choices(message: &[u8]) -> Option<Choices<'_>> {
    // Type, length, version and random.
    let rest = message.get(4 + 2 + 32..)?;
    let (_session, rest) = vector8(rest)?;
    let (ciphers, rest) = vector16(rest)?;
    let (_compressions, rest) = vector8(rest)?;
    let (mut rest, _) = vector16(rest).unwrap_or_default();
    let mut extensions = Vec::with_capacity(20);
    while let Some((kind, behind)) = rest.split_first_chunk() {
        let (data, behind) = vector16(behind)?;
        extensions.push((u16::from_be_bytes(*kind), data));
        rest = behind;
    }
    Some(Choices { ciphers: numbers(ciphers).collect(), extensions })
}

fn vector8(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

fn vector16(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// Returns whether a value is one of those without a meaning (RFC 8701).
fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

/// FNV-1a over the cipher suites, the kinds of extensions, and the groups and signatures that are offered. Extensions come
/// in any order (Chromium and rustls change it each time).
fn digest(ciphers: &[u16], mut extensions: Vec<(u16, &[u8])>) -> u64 {
    const SUPPORTED_GROUPS: u16 = 10;
    const SIGNATURE_ALGORITHMS: u16 = 13;
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |value: u16| {
        for byte in value.to_be_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    ciphers.iter().copied().for_each(&mut add);
    extensions.retain(|(kind, _)| !VARYING.contains(kind));
    extensions.sort_unstable_by_key(|(kind, _)| *kind);
    for (kind, data) in extensions {
        add(kind);
        if kind == SUPPORTED_GROUPS || kind == SIGNATURE_ALGORITHMS {
            numbers(data).filter(|value| !is_grease(*value)).for_each(&mut add);
        }
    }
    hash
}

#[cfg(test)]
mod tests;
