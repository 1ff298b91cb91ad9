//! Text, in the charset in which a browser would read it.

use super::view::ViewSpec;
use crate::decode::{Scanned, Writer};

/// Bytes that become text at once: room for them is taken for the worst of charsets.
const PIECE: usize = 32 << 10;

/// Shows all that is text as it is, whatever its head calls it.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "text", media_types: &["*/*"], render };

fn render(body: &Scanned) -> Option<String> {
    let (mut writer, mut text) = (Writer::new(body.encoding?), String::with_capacity(body.bytes.len()));
    body.bytes.chunks(PIECE).for_each(|piece| text.push_str(&writer.push(piece, false)));
    // A character that the cut went through is left out: that is what no piece being the last does.
    Some(text + &writer.push(&[], !body.truncated))
}
