//! Types of Protocol Buffers that views know.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The descriptor set that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DescriptorSet {
    /// Its size in bytes; 0: there is none.
    pub size: u64,
    /// The names of its `.proto` files.
    pub files: Vec<String>,
    /// The names of its messages, in order.
    pub messages: Vec<String>,
    /// The methods of its services, as paths of gRPC have them: `pkg.Service/Method`.
    pub methods: Vec<String>,
}
