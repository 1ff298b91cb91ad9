//! The numbers of a segment: columns, each packed into as few bytes a number as its range needs, and compressed by itself.

use super::compression::{compressed, decompressed};
use super::wanted::Wanted;
use crate::StoreError;

/// A column of numbers. `Optional` ones are one more than their value, and 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The exchange.
    Id,
    /// When it began, in unix microseconds.
    StartedAt,
    /// Its client connection; optional.
    Connection,
    /// The exchange that it repeats; optional.
    ReplayOf,
    /// Bytes of the request's body.
    RequestSize,
    /// Bytes of the response's body.
    ResponseSize,
    /// Microseconds from start to end; optional.
    Duration,
    /// Microseconds from start to the response's head; optional.
    ResponseStart,
    /// 1 if one of its bodies is stored in part only.
    Truncated,
    /// Which of `Names::destinations`.
    Destination,
    /// Which of `Names::methods`.
    Method,
    /// Which of `Names::statuses`.
    Status,
    /// Which of `Names::types`.
    Type,
    /// Which of `Names::outcomes`.
    Outcome,
}

/// Bytes of a column before its numbers.
const HEADING: usize = 17;
/// Bytes of a column that is not worth compressing.
const PLAIN: usize = 64;

/// All of them, in the order in which they are stored.
pub(super) const ALL: [Column; 14] = [
    Column::Id,
    Column::StartedAt,
    Column::Connection,
    Column::ReplayOf,
    Column::RequestSize,
    Column::ResponseSize,
    Column::Duration,
    Column::ResponseStart,
    Column::Truncated,
    Column::Destination,
    Column::Method,
    Column::Status,
    Column::Type,
    Column::Outcome,
];

/// The columns; those that were read are of the same length, and others are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbers([Vec<i64>; ALL.len()]);

impl Column {
    /// Neighbours are near each other: the differences are stored.
    fn is_ascending(self) -> bool {
        matches!(self, Self::Id | Self::StartedAt | Self::Connection)
    }

    /// The columns that say which names an exchange has.
    fn is_name(self) -> bool {
        self as usize >= Self::Destination as usize
    }
}

impl Numbers {
    /// A column.
    pub(crate) fn of(&self, column: Column) -> &[i64] {
        &self.0[column as usize]
    }

    /// The number of the exchange at `row`; `None` if the column was not wanted.
    pub(crate) fn at(&self, column: Column, row: usize) -> Option<i64> {
        self.of(column).get(row).copied()
    }

    /// The number of the exchange at `row` in an optional column.
    pub(crate) fn optional(&self, column: Column, row: usize) -> Option<i64> {
        self.at(column, row)?.checked_sub(1).filter(|number| *number >= 0)
    }

    /// Adds a number to a column.
    pub(crate) fn push(&mut self, column: Column, number: i64) {
        self.0[column as usize].push(number);
    }

    /// Adds an optional number, which is not negative.
    pub(crate) fn push_optional(&mut self, column: Column, number: Option<i64>) {
        self.push(column, number.map_or(0, |number| number.saturating_add(1)));
    }

    /// The same in the opposite order.
    pub(super) fn reversed(mut self) -> Self {
        self.0.iter_mut().for_each(|column| column.reverse());
        self
    }

    /// As bytes: of each column its length, whether it is compressed, and its numbers.
    pub(super) fn pack(&self) -> Result<Vec<u8>, StoreError> {
        let (mut bytes, mut plain) = (Vec::new(), Vec::new());
        for column in ALL {
            plain.clear();
            match column.is_ascending() {
                true => pack(&differences(self.of(column)), &mut plain),
                false => pack(self.of(column), &mut plain),
            }
            let small = if plain.len() > PLAIN { Some(compressed(&plain)?) } else { None };
            let small = small.filter(|small| small.len() < plain.len());
            let part = small.as_deref().unwrap_or(&plain);
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.push(small.is_some().into());
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    /// Reads of what [`Numbers::pack`] wrote of `rows` exchanges those columns that are wanted; `None` if they are damaged.
    /// Names have numbers below `names`.
    pub(super) fn unpack(mut bytes: &[u8], rows: usize, names: [usize; 5], wanted: Wanted) -> Option<Self> {
        let mut all = Self::default();
        for column in ALL {
            let (length, rest) = bytes.split_first_chunk()?;
            let (is_small, rest) = rest.split_first()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (part, rest) = rest.split_at_checked(length)?;
            bytes = rest;
            if wanted.has(column) {
                let largest = rows * size_of::<i64>() + HEADING;
                let plain = if *is_small == 0 { None } else { Some(decompressed(part, largest).ok()?) };
                all.0[column as usize] = column.numbers(plain.as_deref().unwrap_or(part), rows, names)?;
            }
        }
        bytes.is_empty().then_some(all)
    }
}

impl Column {
    /// Reads its numbers; `None` if they are damaged.
    fn numbers(self, mut bytes: &[u8], rows: usize, names: [usize; 5]) -> Option<Vec<i64>> {
        let mut numbers = unpack(&mut bytes, rows)?;
        if self.is_ascending() {
            sum(&mut numbers);
        }
        let is_named = match self.is_name() {
            true => {
                let names = i64::try_from(names[self as usize - Self::Destination as usize]).ok()?;
                numbers.iter().all(|number| (0..names).contains(number))
            }
            false => true,
        };
        (bytes.is_empty() && is_named).then_some(numbers)
    }
}

fn differences(numbers: &[i64]) -> Vec<i64> {
    let mut before = 0;
    numbers.iter().map(|number| number.wrapping_sub(std::mem::replace(&mut before, *number))).collect()
}

fn sum(differences: &mut [i64]) {
    let mut before = 0_i64;
    for number in differences {
        before = before.wrapping_add(*number);
        *number = before;
    }
}

/// The first number, the least of the others, the width in bytes of their distances from it, and the distances,
/// little-endian. (Of differences, the first is a number of another kind.)
pub(super) fn pack(numbers: &[i64], bytes: &mut Vec<u8>) {
    let Some((first, others)) = numbers.split_first() else { return };
    let least = others.iter().copied().min().unwrap_or(0);
    let most = others.iter().copied().max().unwrap_or(0);
    let width = match most.wrapping_sub(least).cast_unsigned() {
        0 => 0_u8,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&least.to_le_bytes());
    bytes.push(width);
    for number in others {
        bytes.extend_from_slice(&number.wrapping_sub(least).to_le_bytes()[..width.into()]);
    }
}

/// Reads what [`pack`] wrote of `rows` numbers, and leaves what follows.
pub(super) fn unpack(bytes: &mut &[u8], rows: usize) -> Option<Vec<i64>> {
    let Some(others) = rows.checked_sub(1) else { return Some(Vec::new()) };
    let (first, rest) = bytes.split_first_chunk()?;
    let (least, rest) = rest.split_first_chunk()?;
    let (width, rest) = rest.split_first()?;
    let width = usize::from(*width);
    let (packed, rest) = rest.split_at_checked(others.checked_mul(width)?)?;
    let least = i64::from_le_bytes(*least);
    let mut numbers = Vec::with_capacity(rows);
    numbers.push(i64::from_le_bytes(*first));
    match width {
        0 => numbers.resize(rows, least),
        1 => numbers.extend(packed.iter().map(|byte| least.wrapping_add(i64::from(*byte)))),
        2 => numbers.extend(wide::<2>(packed, least)),
        4 => numbers.extend(wide::<4>(packed, least)),
        8 => numbers.extend(wide::<8>(packed, least)),
        _ => return None,
    }
    *bytes = rest;
    Some(numbers)
}

fn wide<const WIDTH: usize>(packed: &[u8], least: i64) -> impl Iterator<Item = i64> {
    packed.as_chunks::<WIDTH>().0.iter().map(move |bytes| {
        let mut number = [0; 8];
        number[..WIDTH].copy_from_slice(bytes);
        least.wrapping_add(i64::from_le_bytes(number))
    })
}
