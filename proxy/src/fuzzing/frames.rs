//! WebSocket frames read at once from bytes that are all there, as RFC 6455 says it, without extensions.

use dashcam_exchange::MessageKind;

/// The messages in `wire`, and whether all of it could be understood and ends behind a message.
pub(super) fn messages(wire: &[u8]) -> (Vec<(MessageKind, Vec<u8>)>, bool) {
    let (mut rest, mut found) = (wire, Vec::new());
    let mut fragments: Option<(MessageKind, Vec<u8>)> = None;
    while !rest.is_empty() {
        let Some((first, payload, behind)) = frame(rest) else { return (found, false) };
        rest = behind;
        let last = first & 0x80 != 0;
        match (first & 0x0f, fragments.take()) {
            (kind @ 8..=10, open) => {
                let kind = [MessageKind::Close, MessageKind::Ping, MessageKind::Pong][usize::from(kind - 8)];
                found.push((kind, payload));
                fragments = open;
            }
            (0, Some((kind, mut before))) => {
                before.extend(payload);
                if last { found.push((kind, before)) } else { fragments = Some((kind, before)) }
            }
            (kind @ 1..=2, None) => {
                let kind = if kind == 1 { MessageKind::Text } else { MessageKind::Binary };
                if last { found.push((kind, payload)) } else { fragments = Some((kind, payload)) }
            }
            _ => return (found, false),
        }
    }
    (found, fragments.is_none())
}

/// The first byte of the frame at the front of `bytes`, its payload unmasked, and what is behind it; `None` if it is
/// not all there or breaks the rules that a frame can break by itself.
fn frame(bytes: &[u8]) -> Option<(u8, Vec<u8>, &[u8])> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match second & 0x7f {
        126 => rest
            .split_first_chunk::<2>()
            .map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
        127 => rest.split_first_chunk::<8>().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        short => (u64::from(short), rest),
    };
    let (mask, rest) = if second & 0x80 != 0 { rest.split_first_chunk::<4>()? } else { (&[0; 4], rest) };
    let control = first & 0x08 != 0;
    if first & 0x70 != 0 || (control && (length > 125 || first & 0x80 == 0)) {
        return None;
    }
    let (payload, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((first, payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect(), behind))
}
