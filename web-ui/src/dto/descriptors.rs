//! Types of Protocol Buffers that views know.

use dashcam_views::content::Descriptors;
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

impl DescriptorSet {
    /// A set of `size` bytes.
    #[must_use]
    pub fn of(set: &Descriptors, size: u64) -> Self {
        Self {
            size,
            files: set.files().to_vec(),
            messages: set.messages().map(str::to_owned).collect(),
            methods: set.methods().map(str::to_owned).collect(),
        }
    }
}
