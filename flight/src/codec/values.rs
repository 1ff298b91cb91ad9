//! Plain values as bytes.

use std::sync::Arc;

use dashcam_exchange::{
    ConnectionEnd, ConnectionId, Detected, Direction, ExchangeId, Level, MessageCoding, MessageKind, Runtime,
    Scheme, Side, Stage, State, StoredAs, Timestamp, TunnelReason, UpstreamConnectionId, Verdict, Version,
};

use super::cursor::{Cursor, MOST_ELEMENTS, Malformed};

/// A value as bytes.
pub(crate) trait Code: Sized {
    /// Adds its bytes to `bytes`.
    fn write(&self, bytes: &mut Vec<u8>);

    /// The value whose bytes come next.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed>;
}

/// Adds a number in as many bytes as it takes (LEB128).
#[inline]
pub(super) fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Adds bytes with their length before them.
#[inline]
pub(super) fn write_bytes(content: &[u8], bytes: &mut Vec<u8>) {
    write_number(content.len() as u64, bytes);
    bytes.extend_from_slice(content);
}

macro_rules! unsigned {
    ($($type:ty),*) => {$(
        impl Code for $type {
            #[inline]
            fn write(&self, bytes: &mut Vec<u8>) {
                write_number(u64::from(*self), bytes);
            }

            fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
                Self::try_from(cursor.number()?).map_err(|_| Malformed::Value)
            }
        }
    )*};
}
unsigned!(u16, u32, u64);

/// Zigzag: small numbers are short, whatever their sign.
impl Code for i64 {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        write_number(((*self << 1) ^ (*self >> 63)).cast_unsigned(), bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let number = cursor.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

impl Code for bool {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match cursor.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Value),
        }
    }
}

impl Code for String {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(cursor.bytes()?).map_err(|_| Malformed::Value)?;
        Ok(text.to_owned())
    }
}

impl Code for Arc<str> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        String::read(cursor).map(Self::from)
    }
}

impl Code for Vec<u8> {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_bytes(self, bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        cursor.bytes().map(<[u8]>::to_vec)
    }
}

impl<T: Code> Code for Option<T> {
    #[inline]
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        bool::read(cursor)?.then(|| T::read(cursor)).transpose()
    }
}

/// Adds the elements of a list with their number before them.
pub(super) fn write_list<T: Code>(list: &[T], bytes: &mut Vec<u8>) {
    debug_assert!(list.len() as u64 <= MOST_ELEMENTS);
    write_number(list.len() as u64, bytes);
    list.iter().for_each(|element| element.write(bytes));
}

/// The list that comes next. It grows as its elements are found: their number may be made up.
pub(super) fn read_list<T: Code>(cursor: &mut Cursor<'_>) -> Result<Vec<T>, Malformed> {
    let elements = cursor.elements()?;
    let mut list = Vec::new();
    for _ in 0..elements {
        list.push(T::read(cursor)?);
    }
    Ok(list)
}

macro_rules! ids {
    ($($type:ident),*) => {$(
        impl Code for $type {
            #[inline]
            fn write(&self, bytes: &mut Vec<u8>) {
                self.0.write(bytes);
            }

            fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
                i64::read(cursor).map(Self)
            }
        }
    )*};
}
ids!(ExchangeId, ConnectionId, UpstreamConnectionId, Timestamp);

/// Kinds are numbered in the order of their declaration.
macro_rules! kinds {
    ($($type:ident: $all:expr),* $(,)?) => {$(
        impl Code for $type {
            #[inline]
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.push(*self as u8);
            }

            fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
                let all: &[Self] = $all;
                all.get(usize::from(cursor.byte()?)).copied().ok_or(Malformed::UnknownKind)
            }
        }
    )*};
}
kinds! {
    ConnectionEnd: Self::ALL,
    Detected: Self::ALL,
    Direction: Self::ALL,
    Level: &Self::ALL,
    MessageCoding: Self::ALL,
    StoredAs: Self::ALL,
    MessageKind: Self::ALL,
    Runtime: Self::ALL,
    Scheme: &[Self::Http, Self::Https],
    Side: Self::ALL,
    Stage: Self::ALL,
    State: Self::ALL,
    TunnelReason: Self::ALL,
    Verdict: Self::ALL,
    Version: &[Self::Http10, Self::Http11, Self::Http2],
}
