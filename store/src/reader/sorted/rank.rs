//! Places in a sorted list: a value, and the number of the exchange that has it.

use std::cmp::Ordering;

use dashcam_exchange::Summary;

use super::by::SortBy;

/// Bytes of a text by which exchanges are sorted; lists shorten longer ones.
const LONGEST: usize = 256;

/// An order of exchanges. Those without the value come last either way, and of those with the same one the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The value that decides.
    pub by: SortBy,
    /// The greatest first.
    pub descending: bool,
}

/// The place of an exchange in an order, as text too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(pub(super) Owned, pub(super) i64);

/// A value to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    None,
    Number(i64),
    Text(&'a str),
}

/// The same, held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owned {
    None,
    Number(i64),
    Text(String),
}

/// A place that knows its order: the lesser comes first in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ranked {
    place: Place,
    descending: bool,
}

impl Order {
    /// The place of a row.
    #[must_use]
    pub fn place(self, row: &Summary) -> Place {
        Place(self.by.of_row(row), row.id.0)
    }

    /// Returns whether the first place comes before the second.
    #[must_use]
    pub fn compare(self, one: &Place, other: &Place) -> Ordering {
        compare((one.0.as_value(), one.1), (other.0.as_value(), other.1), self.descending)
    }

    /// A key of a row: the lesser comes first.
    #[must_use]
    pub fn key(self, row: &Summary) -> impl Ord + use<> {
        let place = self.place(row);
        self.ranked(place.0, place.1)
    }

    pub(super) fn ranked(self, value: Owned, id: i64) -> Ranked {
        Ranked { place: Place(value, id), descending: self.descending }
    }
}

impl Place {
    /// Reads what its `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (value, id) = text.rsplit_once('~')?;
        let value = match value.split_at_checked(1)? {
            ("-", "") => Owned::None,
            ("n", number) => Owned::Number(number.parse().ok()?),
            ("t", text) => Owned::Text(text.to_owned()),
            _ => return None,
        };
        Some(Self(value, id.parse().ok()?))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Owned::None => write!(f, "-~{}", self.1),
            Owned::Number(number) => write!(f, "n{number}~{}", self.1),
            Owned::Text(text) => write!(f, "t{text}~{}", self.1),
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn number(number: Option<i64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }

    /// As much of a text as is compared.
    pub(super) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(&text[..text.floor_char_boundary(LONGEST)]))
    }

    pub(super) fn to_owned(self) -> Owned {
        match self {
            Self::None => Owned::None,
            Self::Number(number) => Owned::Number(number),
            Self::Text(text) => Owned::Text(text.to_owned()),
        }
    }
}

impl Owned {
    fn as_value(&self) -> Value<'_> {
        match self {
            Self::None => Value::None,
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl Ranked {
    pub(super) fn id(&self) -> i64 {
        self.place.1
    }

    /// Returns whether it comes before an exchange with this value.
    pub(super) fn is_before(&self, value: Value<'_>, id: i64) -> bool {
        compare((self.place.0.as_value(), self.place.1), (value, id), self.descending) == Ordering::Less
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let places = [&self.place, &other.place].map(|place| (place.0.as_value(), place.1));
        compare(places[0], places[1], self.descending)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare(one: (Value<'_>, i64), other: (Value<'_>, i64), descending: bool) -> Ordering {
    let values = match (one.0, other.0) {
        (Value::None, Value::None) => Ordering::Equal,
        (Value::None, _) => return Ordering::Greater,
        (_, Value::None) => return Ordering::Less,
        (Value::Number(one), Value::Number(other)) => one.cmp(&other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Number(_), Value::Text(_)) => Ordering::Less,
        (Value::Text(_), Value::Number(_)) => Ordering::Greater,
    };
    let values = if descending { values.reverse() } else { values };
    values.then_with(|| other.1.cmp(&one.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for value in
            [Owned::None, Owned::Number(-3), Owned::Text(String::new()), Owned::Text("a~b".to_owned())]
        {
            let place = Place(value, 7);
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        for bad in ["", "7", "~7", "x1~7", "n~7", "n1~", "-1~7"] {
            assert_eq!(Place::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_has_no_value_comes_last_either_way() {
        for descending in [false, true] {
            let order = Order { by: SortBy::Duration, descending };
            let mut places = [Place(Owned::None, 1), Place(Owned::Number(5), 2), Place(Owned::Number(5), 3)];
            places.sort_by(|one, other| order.compare(one, other));
            assert_eq!(places.map(|place| place.1), [3, 2, 1]);
        }
    }
}
