//! The layout of a ring's file: its header, segments of equal size behind it, blocks in these.
//!
//! All numbers are little-endian. Each header has a CRC-32 of itself, a block's of its content as well.
//!
//! ```text
//! file     header (4 KiB)  segment 0  segment 1  …
//! segment  header (32)     block      block      …
//! block    header (32)     entries
//! ```
//!
//! A segment has a sequence number, which each of its blocks repeats: so blocks of the segment that was there before are
//! none. Blocks end where the next bytes are no block.

use dashcam_exchange::Timestamp;

use crate::codec::VERSION;

/// Bytes before the first segment: a page, so that segments begin at one.
pub(crate) const FILE_HEADER: u64 = 4096;
/// Bytes of the header of a segment.
pub(crate) const SEGMENT_HEADER: usize = 32;
/// Bytes of the header of a block.
pub(crate) const BLOCK_HEADER: usize = 32;
/// Segments that a ring has if their size allows it: so much of it is forgotten at a time.
const SEGMENTS: u64 = 32;
/// Sizes of a segment, from … to …, in bytes.
const SEGMENT_SIZES: (u64, u64) = (256 << 10, 8 << 20);
/// The smallest ring.
pub const SMALLEST: u64 = 2 << 20;
/// The largest ring: 1 TiB.
pub const LARGEST: u64 = 1 << 40;

const FILE_MAGIC: [u8; 8] = *b"dcflight";
const SEGMENT_MAGIC: [u8; 4] = *b"dcSG";
const BLOCK_MAGIC: [u8; 4] = *b"dcBL";

/// How a ring's file is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) segment_bytes: u32,
    pub(crate) segments: u32,
}

impl Layout {
    /// For a ring of at most `bytes`, which are between [`SMALLEST`] and [`LARGEST`].
    pub(crate) fn of(bytes: u64) -> Self {
        let bytes = bytes.clamp(SMALLEST, LARGEST);
        let segment = (bytes / SEGMENTS).clamp(SEGMENT_SIZES.0, SEGMENT_SIZES.1) & !4095;
        let segments = (bytes - FILE_HEADER) / segment;
        let fits = "both are bounded by the sizes above";
        Self {
            segment_bytes: u32::try_from(segment).expect(fits),
            segments: u32::try_from(segments).expect(fits),
        }
    }

    /// Where a segment's place begins in the file.
    pub(crate) fn offset(self, slot: u32) -> u64 {
        FILE_HEADER + u64::from(slot) * u64::from(self.segment_bytes)
    }

    /// Bytes of the entries that a block has at most: it is alone in its segment.
    pub(crate) fn largest_block(self) -> usize {
        self.segment_bytes as usize - SEGMENT_HEADER - BLOCK_HEADER
    }

    fn is_possible(self) -> bool {
        let size = u64::from(self.segment_bytes);
        (SEGMENT_SIZES.0..=SEGMENT_SIZES.1).contains(&size) && self.segments > 0
    }
}

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) layout: Layout,
    /// When the run began that writes it.
    pub(crate) started_at: Timestamp,
}

/// The header of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Its number: ascending from 1 in the order in which segments were begun.
    pub(crate) sequence: u64,
    pub(crate) began_at: Timestamp,
}

/// The header of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockHeader {
    /// The number of its segment.
    pub(crate) sequence: u64,
    /// Bytes of its entries.
    pub(crate) length: u32,
    /// Exchanges that end in it.
    pub(crate) exchanges: u32,
    pub(crate) written_at: Timestamp,
}

impl FileHeader {
    pub(crate) fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&FILE_MAGIC);
        bytes[8..12].copy_from_slice(&u32::from(VERSION).to_le_bytes());
        bytes[12..16].copy_from_slice(&self.layout.segment_bytes.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.layout.segments.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.started_at.0.to_le_bytes());
        let sum = crc32fast::hash(&bytes[..28]);
        bytes[28..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Returns whether `bytes` begin a ring, of whatever version.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&FILE_MAGIC)
    }

    /// `None` if `bytes` are none of this version.
    pub(crate) fn read(bytes: &[u8; 32]) -> Option<Self> {
        let header = Self {
            layout: Layout { segment_bytes: number(bytes, 12), segments: number(bytes, 16) },
            started_at: Timestamp(i64::from_le_bytes(eight(bytes, 20))),
        };
        // The bytes read are those that it would be written as.
        (header.bytes() == *bytes && header.layout.is_possible()).then_some(header)
    }
}

impl SegmentHeader {
    pub(crate) fn bytes(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[..4].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.began_at.0.to_le_bytes());
        let sum = crc32fast::hash(&bytes[..28]);
        bytes[28..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8; SEGMENT_HEADER]) -> Option<Self> {
        let header = Self {
            sequence: u64::from_le_bytes(eight(bytes, 8)),
            began_at: Timestamp(i64::from_le_bytes(eight(bytes, 16))),
        };
        (header.bytes() == *bytes).then_some(header)
    }
}

impl BlockHeader {
    /// The header of a block of `entries`.
    pub(crate) fn bytes(&self, entries: &[u8]) -> [u8; BLOCK_HEADER] {
        let mut bytes = [0; BLOCK_HEADER];
        bytes[..4].copy_from_slice(&BLOCK_MAGIC);
        bytes[4..8].copy_from_slice(&self.length.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.written_at.0.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.exchanges.to_le_bytes());
        let sum = sum(&bytes, entries);
        bytes[28..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// The header of the block that begins `bytes`, and its entries; `None` if that is no block of segment `sequence`.
    pub(crate) fn read(bytes: &[u8], sequence: u64) -> Option<(Self, &[u8])> {
        let (header, behind) = bytes.split_first_chunk::<BLOCK_HEADER>()?;
        let found = Self {
            sequence: u64::from_le_bytes(eight(header, 8)),
            length: number(header, 4),
            exchanges: number(header, 24),
            written_at: Timestamp(i64::from_le_bytes(eight(header, 16))),
        };
        let entries = behind.get(..found.length as usize)?;
        let is_block = header[..4] == BLOCK_MAGIC
            && found.sequence == sequence
            && number(header, 28) == sum(header, entries);
        is_block.then_some((found, entries))
    }
}

fn sum(header: &[u8; BLOCK_HEADER], entries: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header[..28]);
    hasher.update(entries);
    hasher.finalize()
}

fn number(bytes: &[u8; 32], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn eight(bytes: &[u8; 32], at: usize) -> [u8; 8] {
    std::array::from_fn(|index| bytes[at + index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_divided_into_segments() {
        for (bytes, segment_bytes, segments) in [
            (SMALLEST, 256 << 10, 7),
            (0, 256 << 10, 7),
            (64 << 20, 2 << 20, 31),
            (256 << 20, 8 << 20, 31),
            (1 << 30, 8 << 20, 127),
        ] {
            let layout = Layout::of(bytes);
            assert_eq!(layout, Layout { segment_bytes, segments }, "{bytes}");
            assert!(layout.offset(layout.segments) <= bytes.max(SMALLEST) && layout.is_possible());
        }
    }

    #[test]
    fn headers_are_read_as_they_were_written_and_not_if_a_bit_has_changed() {
        let file = FileHeader { layout: Layout::of(1 << 24), started_at: Timestamp(7) };
        let segment = SegmentHeader { sequence: 3, began_at: Timestamp(9) };
        let block = BlockHeader { sequence: 3, length: 5, exchanges: 1, written_at: Timestamp(11) };
        assert_eq!(FileHeader::read(&file.bytes()), Some(file));
        assert_eq!(SegmentHeader::read(&segment.bytes()), Some(segment));
        let whole = [&block.bytes(b"hello")[..], b"hello", b"behind"].concat();
        assert_eq!(BlockHeader::read(&whole, 3), Some((block, &b"hello"[..])));
        assert_eq!(BlockHeader::read(&whole, 2), None, "a block of another segment");
        assert_eq!(BlockHeader::read(&whole[..36], 3), None, "torn");
        for bit in 0..32 * 8 {
            let flip = |mut bytes: [u8; 32]| {
                bytes[bit / 8] ^= 1 << (bit % 8);
                bytes
            };
            assert_eq!(FileHeader::read(&flip(file.bytes())), None, "{bit}");
            assert_eq!(SegmentHeader::read(&flip(segment.bytes())), None, "{bit}");
            let torn = [&flip(block.bytes(b"hello"))[..], b"hello"].concat();
            assert_eq!(BlockHeader::read(&torn, 3), None, "{bit}");
        }
    }
}
