//! Content codings, undone as pieces come. What they yield is bounded by what came in: a bomb is an error.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Bytes that may come out of a coding whatever came in, and for each byte that did.
const FREE: u64 = 1 << 20;
const FOR_EACH: u64 = 200;
/// The largest window that a zstd frame may ask for, 8 MiB (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;
/// Bytes that DEFLATE looks back, and a decoder's tables.
const DEFLATE_WINDOW: usize = 48 << 10;
/// Bytes of a block of zstd, twice.
const ZSTD_BLOCK: usize = 256 << 10;
/// Codings one within the other, at most.
const MOST: usize = 4;
const BUFFER: usize = 16 << 10;

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        match name.to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The codings of a body, in the order in which they were applied.
///
/// # Errors
/// When one of them is unknown, or there are too many.
pub(super) fn named<'h>(names: impl Iterator<Item = &'h [u8]>) -> Result<Vec<Coding>, Unknown> {
    let is_none =
        |name: &&[u8]| name.eq_ignore_ascii_case(b"identity") || name.eq_ignore_ascii_case(b"aws-chunked");
    let codings: Result<Vec<_>, _> =
        names.filter(|name| !is_none(name)).map(|name| Coding::of(name).ok_or(Unknown)).collect();
    codings.and_then(|codings| if codings.len() > MOST { Err(Unknown) } else { Ok(codings) })
}

/// A coding that can't be undone.
#[derive(Debug)]
pub(super) struct Unknown;

/// The decoders of one body, one behind the other.
pub(super) struct Decoders {
    layers: Vec<Layer>,
    came: u64,
    gone: u64,
    most: u64,
    /// Bytes that the outermost one says that it needs to look back, once that has come.
    window: usize,
}

/// One decoder, which writes into memory.
enum Layer {
    Gzip(MultiGzDecoder<Bounded>),
    /// zlib or the bare stream: the first two bytes tell.
    Unsure(Vec<u8>),
    Zlib(ZlibDecoder<Bounded>),
    Raw(DeflateDecoder<Bounded>),
    Brotli(Box<brotli::DecompressorWriter<Bounded>>),
    Zstd(zstd::stream::write::Decoder<'static, Bounded>),
}

/// Memory that takes so much.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    most: u64,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + bytes.len()) as u64 > self.most {
            return Err(io::Error::other("it yields too much"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoders {
    /// Decoders for `codings` of a body that may have `most` bytes, decoded.
    pub(super) fn new(codings: &[Coding], most: u64) -> Self {
        let layers = codings.iter().rev().filter_map(|coding| Layer::new(*coding)).collect();
        Self { layers, came: 0, gone: 0, most, window: 0 }
    }

    /// Returns as much as can be decoded once `bytes` have come.
    ///
    /// # Errors
    /// When they can't be decoded, or yield too much: what came out before comes with it.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        if self.came == 0 {
            self.window = self.layers.first().map_or(0, |layer| layer.window(bytes));
        }
        self.came += bytes.len() as u64;
        let room = self.room();
        let mut bytes = bytes.to_vec();
        for layer in &mut self.layers {
            let written = layer.write(&bytes, room);
            bytes = layer.take();
            if written.is_err() {
                return Err(bytes);
            }
        }
        self.gone += bytes.len() as u64;
        Ok(bytes)
    }

    /// Returns the rest, at the end.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let room = self.room();
        let mut bytes: Vec<u8> = Vec::new();
        for layer in &mut self.layers {
            let is_ok = bytes.is_empty() || layer.write(&bytes, room).is_ok();
            if is_ok {
                layer.end();
            }
            bytes = layer.take();
        }
        bytes
    }

    /// Bytes that the decoders hold, about.
    pub(super) fn footprint(&self) -> usize {
        let each = |layer: &Layer| BUFFER + layer.sink_capacity();
        self.window + self.layers.iter().map(each).sum::<usize>()
    }

    fn room(&self) -> u64 {
        self.most.min(FREE + self.came.saturating_mul(FOR_EACH)).saturating_sub(self.gone)
    }
}

impl Layer {
    fn new(coding: Coding) -> Option<Self> {
        let sink = Bounded::default();
        Some(match coding {
            Coding::Gzip => Self::Gzip(MultiGzDecoder::new(sink)),
            Coding::Deflate => Self::Unsure(Vec::new()),
            Coding::Brotli => Self::Brotli(Box::new(brotli::DecompressorWriter::new(sink, BUFFER))),
            Coding::Zstd => {
                let mut decoder = zstd::stream::write::Decoder::new(sink).ok()?;
                decoder.window_log_max(ZSTD_WINDOW_LOG).ok()?;
                Self::Zstd(decoder)
            }
        })
    }

    fn write(&mut self, bytes: &[u8], room: u64) -> io::Result<()> {
        if let Self::Unsure(head) = self {
            head.extend_from_slice(bytes);
            let [method, flags, ..] = head[..] else { return Ok(()) };
            let is_zlib = method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31);
            let head = std::mem::take(head);
            let sink = Bounded::default();
            *self = if is_zlib {
                Self::Zlib(ZlibDecoder::new(sink))
            } else {
                Self::Raw(DeflateDecoder::new(sink))
            };
            return self.write(&head, room);
        }
        if let Some(sink) = self.sink() {
            sink.most = room;
        }
        let written = match self {
            Self::Gzip(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Unsure(_) => Ok(()),
            Self::Zlib(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Raw(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Brotli(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Zstd(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
        };
        // Zeros behind the end are padding.
        if bytes.iter().all(|byte| *byte == 0) { Ok(()) } else { written }
    }

    /// No more comes.
    fn end(&mut self) {
        let ended = match self {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Raw(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Zstd(decoder) => decoder.flush(),
            Self::Unsure(_) => Ok(()),
        };
        // A body that was cut off is decoded as far as it goes.
        drop(ended);
    }

    /// How far a body that begins with `start` looks back.
    fn window(&self, start: &[u8]) -> usize {
        match self {
            Self::Gzip(_) | Self::Unsure(_) | Self::Zlib(_) | Self::Raw(_) => DEFLATE_WINDOW,
            Self::Brotli(_) => 1 << brotli_window_log(start.first().copied().unwrap_or_default()),
            // The frame's header: magic number, descriptor, and the window where it is no single segment.
            Self::Zstd(_) => match start {
                [_, _, _, _, descriptor, window, ..] if descriptor & 0x20 == 0 => {
                    let base = 1_usize << (10 + (window >> 3)).min(30);
                    (base + base / 8 * usize::from(window & 7)).min(1 << ZSTD_WINDOW_LOG)
                }
                _ => ZSTD_BLOCK,
            },
        }
    }

    fn sink_capacity(&self) -> usize {
        let sink = match self {
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Unsure(head) => return head.capacity(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Raw(decoder) => decoder.get_ref(),
            Self::Brotli(decoder) => decoder.get_ref(),
            Self::Zstd(decoder) => decoder.get_ref(),
        };
        sink.bytes.capacity()
    }

    fn sink(&mut self) -> Option<&mut Bounded> {
        Some(match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Unsure(_) => return None,
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Raw(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
        })
    }

    fn take(&mut self) -> Vec<u8> {
        self.sink().map(|sink| std::mem::take(&mut sink.bytes)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Decoders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoders").field("came", &self.came).field("gone", &self.gone).finish_non_exhaustive()
    }
}

/// The size of a brotli stream's window, as a power of two, by its first byte (RFC 7932 §9.1).
fn brotli_window_log(first: u8) -> u32 {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        // A large window is refused.
        (_, 0, 1) => 16,
        (_, 0, more) => 8 + u32::from(more),
        (_, more, _) => 17 + u32::from(more),
    }
}

/// All that `bytes` hold, decoded; `None` if that can't be done, or is more than `most`.
pub(super) fn at_once(coding: Coding, bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut decoders = Decoders::new(&[coding], most as u64);
    let mut decoded = decoders.push(bytes).ok()?;
    decoded.extend(decoders.finish());
    Some(decoded)
}

/// A message of permessage-deflate that needs none before it, inflated; as far as it goes, if it was cut.
pub(super) fn inflated(bytes: &[u8], is_cut: bool, most: usize) -> Option<Vec<u8>> {
    let mut decoder = DeflateDecoder::new(Bounded { bytes: Vec::new(), most: most as u64 });
    decoder.write_all(bytes).ok()?;
    if !is_cut {
        decoder.write_all(&[0, 0, 0xff, 0xff]).ok()?;
    }
    decoder.flush().ok()?;
    Some(std::mem::take(&mut decoder.get_mut().bytes))
}
