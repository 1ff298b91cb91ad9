//! From a path to a thread that writes a database which is ours, up to date and safe to write, or to an error that
//! harmed nothing.

use std::path::Path;
use std::time::Duration;

use crate::StoreError;
use crate::cpu_time::CpuTime;
use crate::database::connect::write_to;
use crate::database::upgrade::bring_up_to_date;
use crate::file::database::lock;
use crate::file::exposure::{refuse_exposed_database, warn_of_readers};
use crate::rows::interruption::interrupt_all;
use crate::state::WriterState;
use crate::writer::Writer;

/// How long the first connection waits for a lock, while nobody can read: it is tried again.
const TRY: Duration = Duration::from_secs(1);

/// Opens for writing: locks, creates, migrates. What was open when the last run ended is interrupted now.
pub(crate) async fn writer(path: &Path, cpu_time: CpuTime) -> Result<Writer, StoreError> {
    refuse_exposed_database(path)?;
    let lock = lock(path)?;
    bring_up_to_date(path).await?;
    warn_of_readers(path);
    let connection = write_to(path)?;
    connection.busy_timeout(TRY)?;
    let mut state = WriterState::new(path.to_owned(), connection, lock)?;
    state.checkpoints.cpu_time = cpu_time.clone();
    let writer = Writer::start(state, cpu_time).map_err(|source| StoreError::unwritable(path, source))?;
    let begin = |state: &mut WriterState| {
        state.transaction(interrupt_all)?;
        state.be_patient()
    };
    match writer.run(begin).await {
        Ok(()) => Ok(writer),
        Err(error) => {
            writer.close().await;
            Err(error)
        }
    }
}
