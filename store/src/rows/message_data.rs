//! The data of a message as it is stored: how long it is, and parts of it, while no more than a part is decompressed.

use std::io::{self, Read};

use crate::StoreError;

/// No pack or message that was written is larger: what says that it is is damaged.
pub(crate) const LARGEST_PAYLOAD: usize = 16 << 20;

/// Bytes of a compressed message in which its first block, 128 KiB at most, surely ends.
const FIRST_BLOCK: u32 = 256 << 10;

/// The largest window that a message's frame may ask for: none that was written holds more than this.
const WINDOW_LOG: u32 = 24;

/// The payload of a message whose `data` is stored with `compression`; it had `size` bytes at most.
pub(crate) fn whole(compression: &str, data: Vec<u8>, size: u64) -> Result<Vec<u8>, StoreError> {
    match compression {
        "none" => Ok(data),
        "zstd" => {
            let most = usize::try_from(size).map_or(LARGEST_PAYLOAD, |size| size.min(LARGEST_PAYLOAD));
            zstd::bulk::decompress(&data, most).map_err(|error| unreadable(error.to_string()))
        }
        other => Err(unreadable(format!("its compression is {other:?}"))),
    }
}

/// The first `most` bytes of a message that is stored as `stored` is, and how many bytes it has. `start` is its beginning, as
/// long as [`wanted`] says.
pub(crate) fn beginning(
    (compression, octets): (&str, u64),
    start: &[u8],
    most: u32,
) -> Result<(Vec<u8>, u64), StoreError> {
    match compression {
        "none" => Ok((start[..start.len().min(most as usize)].to_vec(), octets)),
        "zstd" => {
            let size = zstd::zstd_safe::get_frame_content_size(start).ok().flatten();
            let size = size
                .filter(|size| *size <= LARGEST_PAYLOAD as u64)
                .ok_or_else(|| unreadable("its size is missing"))?;
            let wanted = size.min(u64::from(most));
            Ok((part(compression, start, 0, wanted)?, size))
        }
        other => Err(unreadable(format!("its compression is {other:?}"))),
    }
}

/// How many of the stored bytes [`beginning`] needs for `most` bytes.
pub(crate) fn wanted(most: u32) -> i64 {
    // A block of 128 KiB takes no more than that: what is wanted beyond one is there as well.
    i64::from(most.saturating_mul(2).saturating_add(FIRST_BLOCK))
}

/// At most `most` bytes of a compressed message, from the byte `from` on.
pub(crate) fn part(compression: &str, data: &[u8], from: u64, most: u64) -> Result<Vec<u8>, StoreError> {
    if compression != "zstd" {
        return Err(unreadable(format!("its compression is {compression:?}")));
    }
    let read = || -> io::Result<Vec<u8>> {
        let mut decoder = zstd::Decoder::with_buffer(data)?;
        decoder.window_log_max(WINDOW_LOG)?;
        let mut whole = decoder.take(LARGEST_PAYLOAD as u64);
        io::copy(&mut whole.by_ref().take(from), &mut io::sink())?;
        let mut part = Vec::new();
        whole.take(most).read_to_end(&mut part)?;
        Ok(part)
    };
    read().map_err(|error| unreadable(error.to_string()))
}

fn unreadable(why: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("a message cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_what_is_compressed() {
        let data: Vec<u8> = (0..1_000_000_u32).flat_map(|at| (at / 3).to_le_bytes()).collect();
        let stored = zstd::bulk::compress(&data, 1).unwrap();
        for most in [0, 1, 65_536] {
            let start = &stored[..stored.len().min(usize::try_from(wanted(most)).unwrap())];
            let found = beginning(("zstd", 0), start, most).unwrap();
            assert!(found == (data[..most as usize].to_vec(), data.len() as u64), "{most}");
        }
        assert!(part("zstd", &stored, 1_000_001, 1 << 20).unwrap() == data[1_000_001..1_000_001 + (1 << 20)]);
        assert_eq!(part("zstd", &stored, 3_999_999, 10).unwrap(), data[3_999_999..]);
        assert_eq!(part("zstd", &stored, 4_000_000, 10).unwrap(), b"");
        assert_eq!(beginning(("none", 9), b"abc", 2).unwrap(), (b"ab".to_vec(), 9));
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        let stored = zstd::bulk::compress(&vec![7; 1 << 20], 1).unwrap();
        part("zstd", &stored[..stored.len() - 5], 0, 1 << 20).unwrap_err();
        beginning(("zstd", 0), b"no frame", 10).unwrap_err();
        beginning(("lzma", 0), b"", 10).unwrap_err();
    }
}
