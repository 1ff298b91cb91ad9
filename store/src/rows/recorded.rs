//! The declaration of what is recorded: each column once, with its place in `docs/SCHEMA.md`, the schema that it came
//! with, and how it is written and read.

/// A column of a table or a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Its type; behind a comma, `key`, `computed` (by a view) or `interned` (rows have a number, and views its name).
    pub(crate) kind: &'static str,
    /// The schema that it came with. In a recording of an older one it is NULL.
    pub(crate) since: i64,
    /// Its meaning, in the words of `docs/SCHEMA.md`; `None` for one that shares the line before.
    #[cfg(test)]
    pub(crate) meaning: Option<&'static str>,
}

impl Column {
    /// Returns whether rows have it, rather than a view over them.
    pub(crate) fn is_stored(&self) -> bool {
        !self.kind.ends_with(", computed")
    }
}

/// The names of those that are stored, as they stand in a statement: in the order in which they are bound and read.
pub(crate) fn names(columns: &[Column]) -> String {
    let stored = columns.iter().filter(|column| column.is_stored());
    stored.map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// Declares columns, and makes of them a list, the function that binds them and the one that reads them, in one order.
///
/// Each entry is `since SCHEMA { NAME TYPE MEANING; … } bind STATEMENT; read PATTERN = VALUE;`. The statement pushes as
/// many values as the entry has columns, and the value takes as many. What the patterns name is there for the block
/// behind the type that is read.
macro_rules! recorded {
    (
        $(#[$about:meta])*
        $COLUMNS:ident;
        $bind:ident($row:ident: $Row:ty, $values:ident);
        $read:ident($columns:ident $(, $given:ident: $Given:ty)*) -> $Read:ty $build:block
        $(
            since $since:literal { $( $name:ident $kind:literal $($meaning:literal)?; )+ }
            $( bind $write:expr; read $found:pat = $take:expr; )?
        )+
    ) => {
        $(#[$about])*
        pub(crate) const $COLUMNS: &[$crate::rows::recorded::Column] = &[$($(
            $crate::rows::recorded::Column {
                name: stringify!($name),
                kind: $kind,
                since: $since,
                #[cfg(test)]
                meaning: $crate::rows::recorded::meaning(&[$($meaning)?]),
            },
        )+)+];

        /// Binds the columns of a row.
        pub(crate) fn $bind<'r>($row: &'r $Row, $values: &mut $crate::rows::values::Values<'_, '_, 'r>) {
            $($( $write; )?)+
        }

        /// Reads the columns of a row.
        pub(crate) fn $read(
            $columns: &mut $crate::rows::columns::Columns<'_>,
            $($given: $Given,)*
        ) -> Result<$Read, $crate::StoreError> {
            $($( let $found = $take; )?)+
            Ok($build)
        }
    };
}
pub(crate) use recorded;

/// The meaning of a column, if it was given one.
#[cfg(test)]
pub(crate) const fn meaning(given: &[&'static str]) -> Option<&'static str> {
    given.first().copied()
}
