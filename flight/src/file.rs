//! A ring's file, read with distrust: by the run that writes it, and by the next one if that was killed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use dashcam_exchange::Timestamp;

use crate::index::{Index, Position, Segment};
use crate::layout::{BLOCK_HEADER, BlockHeader, FileHeader, Layout, SEGMENT_HEADER, SegmentHeader};

/// The reason for which a file can't be read as a ring.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is none, or of another version of dashcam.
    #[error("it is no ring of this version of dashcam")]
    NoRing,
    /// The disk fails.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A block that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) written_at: Timestamp,
    /// Its entries, to be read with [`crate::Entry::read_all`].
    pub(crate) entries: Vec<u8>,
    /// The number of exchanges that end in it, as its writer says.
    pub(crate) exchanges: u32,
}

/// Returns whether `file` is empty, or was made for a ring: another file is nobody's to overwrite.
///
/// # Errors
/// When the disk fails.
pub fn may_replace(file: &File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut magic = [0; 8];
    match file.read_exact_at(&mut magic, 0) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| FileHeader::is_one(&magic)),
    }
}

/// A ring's file to be read.
#[derive(Debug)]
pub(crate) struct RingFile {
    file: File,
    layout: Layout,
    pub(crate) started_at: Timestamp,
}

impl RingFile {
    /// Reads the header of `file`.
    pub(crate) fn open(file: File) -> Result<Self, ReadError> {
        let mut header = [0; 32];
        if let Err(error) = file.read_exact_at(&mut header, 0) {
            let is_short = error.kind() == io::ErrorKind::UnexpectedEof;
            return Err(if is_short { ReadError::NoRing } else { error.into() });
        }
        let FileHeader { layout, started_at } = FileHeader::read(&header).ok_or(ReadError::NoRing)?;
        Ok(Self { file, layout, started_at })
    }

    /// The segments that lie in the file, the oldest first. No more is allocated than the file has room for.
    pub(crate) fn segments(&self) -> io::Result<Vec<Segment>> {
        let length = self.file.metadata()?.len();
        let mut segments = Vec::new();
        for slot in (0..self.layout.segments).take_while(|slot| self.layout.offset(*slot) < length) {
            let mut header = [0; SEGMENT_HEADER];
            match self.file.read_exact_at(&mut header, self.layout.offset(slot)) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                read => read?,
            }
            if let Some(SegmentHeader { sequence, began_at }) = SegmentHeader::read(&header) {
                let (from, until) = (began_at, began_at);
                segments.push(Segment { sequence, slot, from, until, exchanges: 0, used: 0 });
            }
        }
        segments.sort_unstable_by_key(|segment| segment.sequence);
        // Two of one number can't be: whoever made them up is not believed.
        segments.dedup_by_key(|segment| segment.sequence);
        Ok(segments)
    }

    /// The whole blocks of a segment between two offsets, and where they end. Empty if another segment is there by now.
    fn blocks(&self, segment: &Segment, (from, until): (u32, u32)) -> io::Result<(Vec<Block>, u32)> {
        let from = from.max(SEGMENT_HEADER as u32);
        let mut blocks = Vec::new();
        let header = self.read(segment.slot, (0, SEGMENT_HEADER as u32))?;
        let header = header.first_chunk().and_then(SegmentHeader::read);
        if header.is_none_or(|header| header.sequence != segment.sequence) {
            return Ok((blocks, from));
        }
        let bytes = self.read(segment.slot, (from, until))?;
        let mut left = bytes.as_slice();
        while let Some((header, entries)) = BlockHeader::read(left, segment.sequence) {
            left = &left[BLOCK_HEADER + entries.len()..];
            let BlockHeader { written_at, exchanges, .. } = header;
            blocks.push(Block { written_at, entries: entries.to_vec(), exchanges });
        }
        let read = u32::try_from(bytes.len() - left.len()).unwrap_or(u32::MAX);
        Ok((blocks, from.saturating_add(read)))
    }

    /// The bytes of a segment's place between two offsets, as far as the file has them.
    fn read(&self, slot: u32, (from, until): (u32, u32)) -> io::Result<Vec<u8>> {
        let until = until.min(self.layout.segment_bytes);
        let begin = self.layout.offset(slot) + u64::from(from);
        let there = self.file.metadata()?.len().saturating_sub(begin);
        let wanted = u64::from(until.saturating_sub(from)).min(there);
        let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(0)];
        let mut read = 0;
        while read < bytes.len() {
            match self.file.read_at(&mut bytes[read..], begin + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// A walk through a ring's blocks, from the oldest on.
#[derive(Debug)]
pub(crate) struct Walk {
    file: RingFile,
    /// The index of a ring that is being written; else the segments that the file had.
    source: Source,
    next: Position,
    /// Segments that were overwritten before they were read.
    pub(crate) missed: u64,
    /// Segments that have no whole block, or end in one that is torn.
    pub(crate) damaged: u64,
}

#[derive(Debug)]
enum Source {
    Live(Index),
    Found(std::vec::IntoIter<Segment>),
}

impl Walk {
    /// Through a ring that is being written.
    pub(crate) fn live(file: RingFile, index: Index) -> Self {
        let sequence = index.at_or_behind(0).map_or(1, |oldest| oldest.sequence);
        Self {
            file,
            source: Source::Live(index),
            next: Position { sequence, offset: 0 },
            missed: 0,
            damaged: 0,
        }
    }

    /// Through what a run has left.
    pub(crate) fn found(file: RingFile) -> io::Result<Self> {
        let segments = file.segments()?;
        let next = Position { sequence: 0, offset: 0 };
        Ok(Self { file, source: Source::Found(segments.into_iter()), next, missed: 0, damaged: 0 })
    }

    /// The next blocks, all of one segment; `None` at the end: of what is there so far, in a ring that is being written.
    pub(crate) fn blocks(&mut self) -> io::Result<Option<Vec<Block>>> {
        match &mut self.source {
            Source::Found(segments) => {
                let Some(segment) = segments.next() else { return Ok(None) };
                let (blocks, _) = self.file.blocks(&segment, (0, u32::MAX))?;
                self.damaged += u64::from(blocks.is_empty());
                Ok(Some(blocks))
            }
            Source::Live(index) => {
                let Some(segment) = index.at_or_behind(self.next.sequence) else { return Ok(None) };
                if segment.sequence > self.next.sequence {
                    self.missed += segment.sequence - self.next.sequence;
                    self.next = Position { sequence: segment.sequence, offset: 0 };
                }
                let is_last = index.head().is_none_or(|head| head.sequence == segment.sequence);
                if self.next.offset >= segment.used {
                    if is_last {
                        return Ok(None);
                    }
                    self.next = Position { sequence: segment.sequence + 1, offset: 0 };
                    return Ok(Some(Vec::new()));
                }
                let (blocks, end) = self.file.blocks(&segment, (self.next.offset, segment.used))?;
                if end < segment.used {
                    // Overwritten meanwhile, or damaged: the rest of it is not to be had.
                    self.missed += 1;
                    self.next = Position { sequence: segment.sequence + 1, offset: 0 };
                } else {
                    self.next.offset = end;
                }
                Ok(Some(blocks))
            }
        }
    }

    /// Where it is.
    pub(crate) fn position(&self) -> Position {
        self.next
    }
}
