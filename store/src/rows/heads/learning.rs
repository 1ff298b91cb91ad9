//! Heads whose fields have the same names, and which of their values repeat.

use dashcam_exchange::Headers;

use super::fold::{Field, is_secret};

/// Changes of a value from which on it counts as each head's own.
const CHANGES: u8 = 4;
/// Templates of one kind of head at most.
const TEMPLATES: usize = 8;

/// Heads whose fields have the same names in the same order.
#[derive(Debug)]
pub(super) struct Kind {
    fields: Vec<Learned>,
    templates: Vec<Template>,
    /// The mark of the epoch that has the templates.
    epoch: i64,
    /// How many of them were seen, as far as that matters: none, one, or more.
    seen: u8,
}

/// A field of them.
#[derive(Debug)]
struct Learned {
    name: Box<[u8]>,
    received: Option<usize>,
    /// Its value is each head's own.
    varies: bool,
    changes: u8,
    /// The value that it had last, unless it varies.
    last: Box<[u8]>,
}

/// A template, with the values that it has.
#[derive(Debug)]
struct Template {
    id: i64,
    values: Vec<Option<Box<[u8]>>>,
}

impl Kind {
    pub(super) fn of(fields: &[Field<'_>]) -> Self {
        let learned = fields.iter().map(|field| Learned {
            name: field.name.into(),
            received: field.received,
            varies: field.received.is_none() && is_secret(field.name),
            changes: 0,
            last: if field.received.is_none() { field.value.into() } else { Box::default() },
        });
        Self { fields: learned.collect(), templates: Vec::new(), epoch: 0, seen: 0 }
    }

    /// Returns whether `head` is of this kind: the same names, and those fields as `received` that others had so.
    pub(super) fn is_of(&self, head: &Headers, received: Option<&Headers>) -> bool {
        self.fields.len() == head.len()
            && self.fields.iter().zip(head.iter()).all(|(learned, field)| match learned.received {
                Some(place) => received.and_then(|received| received.at(place)) == Some(field),
                None => *learned.name == *field.0,
            })
    }

    /// The number of the template for a head of this kind in `epoch`, if there is one.
    pub(super) fn template(&mut self, head: &Headers, epoch: i64) -> Option<i64> {
        self.enter(epoch);
        self.templates.iter().find(|template| template.is_for(head)).map(|template| template.id)
    }

    /// Learns from a head that no template is for. Returns whether one is to be made of it.
    pub(super) fn meet(&mut self, fields: &[Field<'_>]) -> bool {
        self.learn(fields);
        self.seen = (self.seen + 1).min(2);
        // The second one tells what repeats.
        self.seen == 2
    }

    /// From now on its templates are those of `epoch`.
    pub(super) fn enter(&mut self, epoch: i64) {
        if self.epoch != epoch {
            self.templates.clear();
            self.epoch = epoch;
        }
    }

    /// Learns from a head that no template is for.
    fn learn(&mut self, fields: &[Field<'_>]) {
        let is_full = self.templates.len() >= TEMPLATES;
        for (learned, field) in self.fields.iter_mut().zip(fields) {
            if learned.varies || learned.received.is_some() || *learned.last == *field.value {
                continue;
            }
            learned.changes += 1;
            learned.last = field.value.into();
            // The second head of a kind tells most: an id, a time or a length is another one in each.
            learned.varies = is_full || self.seen == 1 || learned.changes >= CHANGES;
        }
        if is_full {
            self.templates.clear();
        }
    }

    /// The fields of a template for a head: name, place in the head as received, and the value that repeats.
    pub(super) fn parts<'k>(
        &'k self,
        fields: &'k [Field<'k>],
    ) -> impl Iterator<Item = (&'k [u8], Option<usize>, Option<&'k [u8]>)> {
        self.fields
            .iter()
            .zip(fields)
            .map(|(learned, field)| (field.name, learned.received, (!learned.varies).then_some(field.value)))
    }

    /// A template with this number was made of `fields`.
    pub(super) fn made(&mut self, id: i64, fields: &[Field<'_>]) {
        let value = |(learned, field): (&Learned, &Field<'_>)| {
            (!learned.varies && learned.received.is_none()).then(|| field.value.into())
        };
        let values = self.fields.iter().zip(fields).map(value).collect();
        // The newest is the likeliest.
        self.templates.insert(0, Template { id, values });
    }

    /// The values of a head that its template, which has this number, has not.
    pub(super) fn own<'k>(&'k self, id: i64, head: &'k Headers) -> impl Iterator<Item = &'k [u8]> {
        let template = self.templates.iter().find(move |template| template.id == id);
        let values = template.map_or(&[][..], |template| &template.values);
        self.fields
            .iter()
            .zip(values)
            .zip(head.iter())
            .filter(|((learned, value), _)| value.is_none() && learned.received.is_none())
            .map(|(_, (_, value))| value)
    }
}

impl Template {
    fn is_for(&self, head: &Headers) -> bool {
        self.values
            .iter()
            .zip(head.iter())
            .all(|(value, field)| value.as_ref().is_none_or(|value| **value == *field.1))
    }
}
