//! The decision about a value, and the place of the name that it has.

use super::treatment::Treatment;

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// A header field.
    Header,
    /// A cookie, in `Cookie` or `Set-Cookie`.
    Cookie,
    /// A parameter of a URL.
    Query,
    /// A field of a form.
    Form,
    /// A member of a JSON object.
    Json,
}

/// The decision about the value of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision<'s> {
    /// It is replaced, if [`Treatment::takes`] it.
    Replace(Treatment<'s>),
    /// It is left as it is: no detector looks at it.
    Keep,
    /// Its name says nothing: it is a text like others, for detectors to look at.
    Look,
}
