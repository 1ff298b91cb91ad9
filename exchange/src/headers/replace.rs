//! Values replaced by others, so that nothing of the old ones stays in memory.

use super::{Field, Headers};
use crate::grammar::is_token;

impl Headers {
    /// Puts the values that `change(name, value)` gives in the place of theirs; the others stay as they came. Returns
    /// whether there was any: if not, nothing is copied. The old values are nowhere in the list's memory then.
    pub fn replace_values(&mut self, mut change: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>) -> bool {
        let mut changed: Option<Self> = None;
        for (index, field) in self.fields.iter().enumerate() {
            let (name, value) = self.field(*field);
            match (change(name, value), &mut changed) {
                (None, None) => {}
                (None, Some(changed)) => changed.store_value(name, (self.rest(*field), *field), value),
                (Some(value), changed) => {
                    let changed = changed.get_or_insert_with(|| self.beginning(index));
                    changed.store_value(name, (self.rest(*field), *field), &value);
                }
            }
        }
        let any = changed.is_some();
        if let Some(changed) = changed {
            *self = changed;
        }
        any
    }

    /// The first `fields` fields.
    fn beginning(&self, fields: usize) -> Self {
        let mut beginning = Self::with_capacity(self.fields.len(), self.bytes.len());
        for field in &self.fields[..fields] {
            let (name, value) = self.field(*field);
            beginning.store_value(name, (self.rest(*field), *field), value);
        }
        beginning
    }

    /// All that stands between a field's colon and its line's end.
    fn rest(&self, field: Field) -> &[u8] {
        &self.bytes[field.rest as usize..field.end as usize]
    }

    /// Adds the field `name` with `value`, between the white space that `field` has in its `rest`.
    fn store_value(&mut self, name: &[u8], (rest, field): (&[u8], Field), value: &[u8]) {
        let white = ((field.value - field.rest) as usize, (field.end - field.value_end) as usize);
        self.doubtful |= !is_token(name);
        self.store(name, [&rest[..white.0], value, &rest[rest.len() - white.1..]], white);
    }
}
