//! The contents of a body as a view shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::Conversation;

/// The contents of a body, in the form that suits them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Shown {
    /// Text, laid out for reading.
    Text(ShownText),
    /// Rows with the same columns.
    Table(Table),
    /// Fields within fields.
    Tree(Tree),
    /// Parts, each in its own form.
    Sections(Sections),
    /// A call of a language model, or its answer.
    Conversation(Conversation),
    /// Bytes.
    Hex(Hex),
}

impl Shown {
    /// Text in a language.
    pub(crate) fn text(language: Language, text: String) -> Self {
        Self::Text(ShownText { language, text })
    }

    /// A tree of nodes.
    pub(crate) fn tree(nodes: Vec<Node>) -> Self {
        Self::Tree(Tree { nodes })
    }
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// JSON, or several documents of it.
    Json,
    /// XML.
    Xml,
    /// HTML.
    Html,
    /// Style sheets.
    Css,
    /// JavaScript.
    Javascript,
    /// GraphQL.
    Graphql,
    /// The diagnostic notation of CBOR (RFC 8949 §8), also for MessagePack.
    Diagnostic,
    /// Any other text.
    Plain,
}

/// Text, laid out for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownText {
    /// Its language.
    pub language: Language,
    /// The text.
    pub text: String,
}

/// Rows with the same columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a cell for each column.
    pub rows: Vec<Vec<String>>,
    /// True if rows are left out: there are too many.
    pub more: bool,
}

/// Fields within fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tree {
    /// The outermost.
    pub nodes: Vec<Node>,
}

/// A field, and those in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// Its name or number; null for one of a list.
    #[schema(required)]
    pub name: Option<String>,
    /// Its type, in a word or two.
    #[serde(rename = "type")]
    #[schema(required)]
    pub kind: Option<String>,
    /// Its value, which may have several lines; null where the fields in it are all.
    #[schema(required)]
    pub value: Option<String>,
    /// The fields in it.
    #[schema(no_recursion)]
    pub nodes: Vec<Node>,
}

impl Node {
    /// A field with a value.
    pub(crate) fn leaf(name: impl Into<String>, kind: &str, value: impl Into<String>) -> Self {
        let (name, kind) = (Some(name.into()), Some(kind.to_owned()));
        Self { name, kind, value: Some(value.into()), nodes: Vec::new() }
    }

    /// A field with others in it.
    pub(crate) fn branch(name: impl Into<String>, kind: &str, nodes: Vec<Self>) -> Self {
        Self { name: Some(name.into()), kind: Some(kind.to_owned()), value: None, nodes }
    }
}

/// Parts, each in its own form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sections {
    /// The parts.
    pub sections: Vec<Section>,
}

/// A part with a title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    /// The title.
    pub title: String,
    /// The part.
    #[schema(no_recursion)]
    pub shown: Shown,
}

/// Bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hex {
    /// How many bytes stand before these.
    pub offset: u64,
    /// The bytes in base64.
    pub data: String,
    /// The decoded size of the body, as far as it is known.
    pub size: u64,
    /// True if there are bytes behind these.
    pub more: bool,
}
