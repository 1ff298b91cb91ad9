//! The program behind a client's connection, which is known some time after the connection, or never.

use std::sync::{Arc, Mutex, MutexGuard};

use dashcam_exchange::{ConnectionId, Program};

use dashcam_filter::Client;

use crate::lock::lock;

/// The program behind a connection, as far as it is known. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownProgram(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) program: Option<Program>,
    /// The connection, if it was handed over without its program.
    pub(crate) without: Option<ConnectionId>,
}

impl Known {
    /// The facts that filters may ask for; `None` while none is known.
    pub(crate) fn facts(&self) -> Option<Client<'_>> {
        let program = self.program.as_ref()?;
        Some(Client { program: Some(&program.name), pid: Some(program.pid), ..Client::default() })
    }
}

impl KnownProgram {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Known> {
        lock(&self.0)
    }

    /// The program's name, if it is known.
    pub(crate) fn name(&self) -> Option<String> {
        self.lock().program.as_ref().map(|program| program.name.clone())
    }
}
