//! The ring, as its writer has it: entries are gathered in blocks, and blocks written into segments, the oldest of which
//! is overwritten.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use dashcam_exchange::Timestamp;

use crate::index::{Index, Segment};
use crate::layout::{BLOCK_HEADER, BlockHeader, FileHeader, Layout, SEGMENT_HEADER, SegmentHeader};

/// The size of a ring, in time and in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Entries are kept for at least this long, unless that takes more bytes.
    pub age: Duration,
    /// Bytes of the file at most.
    pub bytes: u64,
}

/// The ring, as its writer has it.
#[derive(Debug)]
pub(crate) struct Ring {
    file: File,
    layout: Layout,
    age: i64,
    index: Index,
    /// The number of the segment that is being filled; its first block begins it in the file.
    sequence: u64,
    /// Bytes of it that are written.
    used: usize,
    /// Changes with each segment, and when entries are lost: those who keep what is in a segment begin again.
    generation: u64,
    /// Places that the file has so far.
    places: u32,
    /// One that was taken for a segment that could not be written.
    spare: Option<u32>,
    /// True if there is no room for another one.
    is_full: bool,
    /// The block that is being made: room for the headers, and its entries.
    block: Vec<u8>,
    exchanges: u32,
    overwritten: u64,
    squeezed: u64,
}

/// Room for headers before the entries of a block.
const HEADERS: usize = SEGMENT_HEADER + BLOCK_HEADER;

impl Ring {
    /// Begins a ring in `file`, which is empty.
    pub(crate) fn begin(file: File, size: Size, started_at: Timestamp) -> io::Result<Self> {
        let layout = Layout::of(size.bytes);
        file.write_all_at(&FileHeader { layout, started_at }.bytes(), 0)?;
        file.set_len(layout.offset(0))?;
        Ok(Self {
            file,
            layout,
            age: i64::try_from(size.age.as_micros()).unwrap_or(i64::MAX),
            index: Index::default(),
            sequence: 1,
            used: 0,
            generation: 1,
            places: 0,
            spare: None,
            is_full: false,
            block: vec![0; HEADERS],
            exchanges: 0,
            overwritten: 0,
            squeezed: 0,
        })
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The file, to be read.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Bytes of entries that one call of [`Ring::add`] may add.
    pub(crate) fn largest(&self) -> usize {
        self.layout.largest_block()
    }

    /// How often a segment was overwritten.
    pub(crate) fn overwritten(&self) -> u64 {
        self.overwritten
    }

    /// How often that was before it was old enough.
    pub(crate) fn squeezed(&self) -> u64 {
        self.squeezed
    }

    /// Adds what `write` adds, which is told a number that changes with the segment. It stays together in one segment: if
    /// it does not fit into this one, it is written again for the next.
    ///
    /// # Errors
    /// When it is larger than a segment, or the block before it can't be written: it is left out.
    pub(crate) fn add(
        &mut self,
        at: Timestamp,
        mut write: impl FnMut(u64, &mut Vec<u8>),
    ) -> Result<(), AddError> {
        let before = self.block.len();
        write(self.generation, &mut self.block);
        if self.fits() {
            return Ok(());
        }
        self.block.truncate(before);
        let flushed = self.flush(at);
        if self.used > 0 {
            (self.sequence, self.used) = (self.sequence + 1, 0);
        }
        self.generation += 1;
        flushed?;
        write(self.generation, &mut self.block);
        if self.fits() {
            return Ok(());
        }
        self.block.truncate(HEADERS);
        self.generation += 1;
        Err(AddError::TooLarge)
    }

    /// Counts an exchange that ends in the block.
    pub(crate) fn count_exchange(&mut self) {
        self.exchanges += 1;
    }

    /// Writes the block, as written `at`. Afterwards it is empty, whether it could be written or not.
    pub(crate) fn flush(&mut self, at: Timestamp) -> io::Result<()> {
        if self.block.len() == HEADERS {
            return Ok(());
        }
        let written = self.write_block(at);
        self.generation += u64::from(written.is_err());
        self.block.truncate(HEADERS);
        self.exchanges = 0;
        written
    }

    fn fits(&self) -> bool {
        let begun = if self.used == 0 { SEGMENT_HEADER } else { self.used };
        begun + self.block.len() - SEGMENT_HEADER <= self.layout.segment_bytes as usize
    }

    fn write_block(&mut self, at: Timestamp) -> io::Result<()> {
        let entries = &self.block[HEADERS..];
        let length = u32::try_from(entries.len()).expect("a block fits into its segment");
        let header =
            BlockHeader { sequence: self.sequence, length, exchanges: self.exchanges, written_at: at };
        let header = header.bytes(entries);
        self.block[SEGMENT_HEADER..HEADERS].copy_from_slice(&header);
        let (slot, begins) = match self.used {
            0 => (self.take_place(at), true),
            _ => (self.index.lock().back().map_or(0, |segment| segment.slot), false),
        };
        let from = if begins {
            let header = SegmentHeader { sequence: self.sequence, began_at: at };
            self.block[..SEGMENT_HEADER].copy_from_slice(&header.bytes());
            0
        } else {
            SEGMENT_HEADER
        };
        let offset = self.layout.offset(slot) + self.used as u64;
        if let Err(error) = self.file.write_all_at(&self.block[from..], offset) {
            self.spare = begins.then_some(slot);
            return Err(error);
        }
        self.used += self.block.len() - from;
        self.note((slot, begins), at);
        Ok(())
    }

    fn note(&mut self, (slot, begins): (u32, bool), at: Timestamp) {
        let mut segments = self.index.lock();
        if begins {
            segments.push_back(Segment {
                sequence: self.sequence,
                slot,
                from: at,
                until: at,
                exchanges: 0,
                used: 0,
            });
        }
        if let Some(segment) = segments.back_mut() {
            segment.until = at;
            segment.exchanges += u64::from(self.exchanges);
            segment.used = u32::try_from(self.used).unwrap_or(u32::MAX);
        }
    }

    /// A place for another segment: the oldest's if that is old enough, else one that was never used, else the oldest's.
    fn take_place(&mut self, at: Timestamp) -> u32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let oldest = self.index.lock().front().copied();
        let is_old = oldest.is_some_and(|oldest| at.0.saturating_sub(oldest.until.0) >= self.age);
        if !is_old && let Some(place) = self.another_place() {
            return place;
        }
        // Readers are not to look for what is about to be overwritten.
        let taken = self.index.lock().pop_front();
        self.overwritten += u64::from(taken.is_some());
        self.squeezed += u64::from(!is_old && taken.is_some());
        // Without any the first place is written all the same, and is not to be given away again.
        self.places = self.places.max(1);
        taken.map_or(0, |taken| taken.slot)
    }

    /// A place at the end of the file, with room on its disk.
    fn another_place(&mut self) -> Option<u32> {
        let place = self.places;
        if place >= self.layout.segments || (self.is_full && place > 0) {
            return None;
        }
        match allocate(&self.file, self.layout.offset(place), u64::from(self.layout.segment_bytes)) {
            Ok(()) => {
                self.places += 1;
                Some(place)
            }
            Err(error) => {
                tracing::warn!(%error, segments = place, "the flight recorder's file can't grow: it stays as large as it is");
                self.is_full = true;
                None
            }
        }
    }
}

/// Reserves room on the disk, so that writing finds it.
#[cfg(target_os = "linux")]
fn allocate(file: &File, offset: u64, length: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), offset, length) {
        // Not every file system can: then writing finds out.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => file.set_len(offset + length),
        reserved => Ok(reserved?),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(file: &File, offset: u64, length: u64) -> io::Result<()> {
    file.set_len(offset + length)
}

/// The reason for which an entry is not in the ring.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddError {
    /// It is larger than a segment.
    #[error("it is larger than a segment of the ring")]
    TooLarge,
    /// The block before it could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
impl Ring {
    /// The same ring, whose file is another handle from now on.
    pub(crate) fn over(self, file: File) -> Self {
        Self { file, ..self }
    }
}
