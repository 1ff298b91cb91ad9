//! Heads whose fields have the same names, and which of their values repeat.

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

/// The template for a head.
#[derive(Debug)]
pub(super) enum Chosen {
    /// It has this number.
    There(i64),
    /// It is to be made, and [`Kind::made`] to be told.
    New,
    /// None: the head is the first of its kind.
    None,
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

    /// Returns whether a head is of this kind.
    pub(super) fn is_of(&self, fields: &[Field<'_>]) -> bool {
        self.fields.len() == fields.len()
            && self
                .fields
                .iter()
                .zip(fields)
                .all(|(learned, field)| learned.received == field.received && *learned.name == *field.name)
    }

    /// The template for a head of this kind, in `epoch`.
    pub(super) fn choose(&mut self, fields: &[Field<'_>], epoch: i64) -> Chosen {
        self.enter(epoch);
        if let Some(template) = self.templates.iter().find(|template| template.is_for(fields)) {
            return Chosen::There(template.id);
        }
        self.learn(fields);
        self.seen = (self.seen + 1).min(2);
        // The second one tells what repeats.
        if self.seen < 2 { Chosen::None } else { Chosen::New }
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
            .map(|(learned, field)| (field.name, field.received, (!learned.varies).then_some(field.value)))
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
    pub(super) fn own<'k>(&'k self, id: i64, fields: &'k [Field<'k>]) -> impl Iterator<Item = &'k [u8]> {
        let template = self.templates.iter().find(move |template| template.id == id);
        let values = template.map_or(&[][..], |template| &template.values);
        let is_own =
            |(field, value): &(&Field<'_>, &Option<Box<[u8]>>)| value.is_none() && field.received.is_none();
        fields.iter().zip(values).filter(is_own).map(|(field, _)| field.value)
    }
}

impl Template {
    fn is_for(&self, fields: &[Field<'_>]) -> bool {
        self.values
            .iter()
            .zip(fields)
            .all(|(value, field)| value.as_ref().is_none_or(|value| **value == *field.value))
    }
}
