//! A call of a language model.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A call of a language model, or its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// The API whose shape it has: `openai-chat`, `openai-responses`, `anthropic`, `gemini`, `ollama` or `cohere`.
    pub api: String,
    /// The model.
    #[schema(required)]
    pub model: Option<String>,
    /// True if it came in pieces, which are joined here.
    pub streamed: bool,
    /// The messages, oldest first.
    pub turns: Vec<Turn>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// Further parameters of the call, by name.
    pub settings: Vec<(String, String)>,
    /// Why the model stopped.
    #[schema(required)]
    pub stop_reason: Option<String>,
    /// The tokens that were counted.
    #[schema(required)]
    pub tokens: Option<TokenCounts>,
    /// The error that the API answered with.
    #[schema(required)]
    pub error: Option<String>,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// The speaker: `system`, `user`, `assistant`, `tool` or another word of the API.
    pub role: String,
    /// The speaker's name.
    #[schema(required)]
    pub name: Option<String>,
    /// The parts of the message.
    pub parts: Vec<TurnPart>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TurnPart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// The model's reasoning.
    Thinking {
        /// The text, as far as it is in clear.
        text: String,
    },
    /// An image, a sound or a file.
    Media {
        /// Its media type.
        #[schema(required)]
        media_type: Option<String>,
        /// Its size in bytes, where it is in the message itself.
        #[schema(required)]
        size: Option<u64>,
        /// Its URL, id or name, where it is elsewhere.
        #[schema(required)]
        source: Option<String>,
    },
    /// A call of a tool.
    ToolCall {
        /// The id of the call.
        #[schema(required)]
        id: Option<String>,
        /// The tool.
        name: String,
        /// The arguments, as JSON.
        arguments: String,
    },
    /// The result of a call.
    ToolResult {
        /// The id of the call.
        #[schema(required)]
        id: Option<String>,
        /// The tool.
        #[schema(required)]
        name: Option<String>,
        /// The result.
        text: String,
    },
    /// Anything else.
    Other {
        /// Its type, as the API names it.
        #[serde(rename = "type")]
        of: String,
        /// It, as JSON.
        text: String,
    },
}

/// A tool that a model may call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its description.
    #[schema(required)]
    pub description: Option<String>,
    /// The schema of its parameters, as JSON.
    #[schema(required)]
    pub parameters: Option<String>,
}

/// Tokens, as the API counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenCounts {
    /// Tokens of the request.
    #[schema(required)]
    pub input: Option<u64>,
    /// Tokens of the answer.
    #[schema(required)]
    pub output: Option<u64>,
    /// Tokens of the request that were cached.
    #[schema(required)]
    pub cached: Option<u64>,
    /// Tokens of the answer that are reasoning.
    #[schema(required)]
    pub reasoning: Option<u64>,
}
