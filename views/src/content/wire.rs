//! Fields of Protocol Buffers, as they stand on the wire.

use super::cursor::Cursor;

/// The greatest number of a field.
const LARGEST_FIELD: u64 = (1 << 29) - 1;

/// The value of a field on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'b> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'b [u8]),
    GroupStart,
    GroupEnd,
    Fixed32(u32),
}

/// The next field, its number and value; `None` where there is none.
pub(super) fn field<'b>(cursor: &mut Cursor<'b>) -> Option<(u64, Value<'b>)> {
    let mut ahead = *cursor;
    let key = ahead.varint()?;
    let number = key >> 3;
    if number == 0 || number > LARGEST_FIELD {
        return None;
    }
    let value = match key & 7 {
        0 => Value::Varint(ahead.varint()?),
        1 => Value::Fixed64(ahead.u64_le()?),
        2 => {
            let length = ahead.varint()?;
            Value::Bytes(ahead.take_long(length)?)
        }
        3 => Value::GroupStart,
        4 => Value::GroupEnd,
        5 => Value::Fixed32(ahead.u32_le()?),
        _ => return None,
    };
    *cursor = ahead;
    Some((number, value))
}
