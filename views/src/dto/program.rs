//! Programs that open connections.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The program on this machine that opened a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Program {
    /// Its name, as its user would call it.
    pub name: String,
    /// Its process's number.
    pub pid: u32,
    /// Where its executable is; null if that could not be read.
    #[schema(required)]
    pub path: Option<String>,
    /// Its command line, without the values of its arguments unless `program_arguments` is set.
    #[schema(required)]
    pub command: Option<String>,
    /// The container or service that it belongs to, such as `docker 0123456789ab` or `nginx.service`; null if none is
    /// known.
    #[schema(required)]
    pub service: Option<String>,
    /// Its control group, which names the service.
    #[schema(required)]
    pub cgroup: Option<String>,
}

impl From<dashcam_exchange::Program> for Program {
    fn from(program: dashcam_exchange::Program) -> Self {
        let service = program.service();
        let dashcam_exchange::Program { name, pid, path, command, cgroup } = program;
        Self { name, pid, path, command, service, cgroup }
    }
}
