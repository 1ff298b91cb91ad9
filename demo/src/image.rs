//! Pictures: a PNG that is computed, and an SVG.

use std::io;

use crate::codings;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 100;

/// A logo.
pub(crate) const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\" width=\"64\" \
height=\"64\"><rect width=\"64\" height=\"64\" rx=\"12\" fill=\"#14743e\"/><path d=\"M12 46 28 20l10 16 6-9 8 \
19z\" fill=\"#fff\"/><circle cx=\"46\" cy=\"17\" r=\"5\" fill=\"#fdd663\"/></svg>\n";

/// A landscape in the colours that `seed` chooses, as PNG.
pub(crate) fn png(seed: u64) -> io::Result<Vec<u8>> {
    let tone = u8::try_from(seed % 80).unwrap_or_default();
    let mut pixels = Vec::new();
    for y in 0..HEIGHT {
        // The row's filter: none.
        pixels.push(0);
        for x in 0..WIDTH {
            pixels.extend(pixel(x, y, tone));
        }
    }
    let size = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[size.as_slice(), &[8, 2, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &codings::zlib(&pixels)?);
    chunk(&mut png, b"IEND", &[]);
    Ok(png)
}

/// Sky, and two ridges before it.
fn pixel(x: u32, y: u32, tone: u8) -> [u8; 3] {
    let ridge = |height: u32, width: u32| height + (x % (2 * width)).abs_diff(width) * 24 / width;
    let shade = u8::try_from(y).unwrap_or_default();
    if y > ridge(58, 47) {
        [20, 90 + tone / 2, 60]
    } else if y > ridge(38, 31) {
        [70, 110, 120 + tone]
    } else {
        [150 + tone, 190, 255 - shade / 2]
    }
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut checked = crc32fast::Hasher::new();
    checked.update(kind);
    checked.update(data);
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(checked.finalize().to_be_bytes());
}
