//! The operator's face of a recording.

mod access;
mod background;
mod leases;
mod rewrite;
mod runs;
mod seals;
mod snapshots;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use dashcam_exchange::{ExchangeId, Timestamp};

use crate::SettingsChange;
use crate::StoreError;
use crate::database::cache::Cache;
use crate::database::durability::Durability;
use crate::delete;
use crate::jobs;
use crate::retention::Retention;
use crate::rows::pack::Packing;
use crate::rows::{notes, pins, presets, settings};
use crate::shared::Shared;
use crate::state::WriterState;

/// How long a deletion goes on to give pages back. [`Admin::retain`] does the rest …
const AT_ONCE: Duration = Duration::from_millis(300);
/// … for at most so long at a time.
const SHRINKING: Duration = Duration::from_secs(5);

/// The face of a recording that keeps it: its bounds, pins, deletion, and how it is stored. Errors are the same for all:
/// the disk refuses, another program keeps the recording locked, or it is closed, not open yet, or opened to be read only.
#[derive(Debug, Clone)]
pub struct Admin(pub(crate) Arc<Shared>);

impl Admin {
    /// Sets the bounds of the recording. They are kept from now on, or as soon as it is open, behind each append;
    /// [`Admin::retain`] does it where nothing is appended.
    ///
    /// # Errors
    /// When the store is closed.
    pub async fn set_retention(&self, bounds: Retention) -> Result<(), StoreError> {
        self.0.standing.keep_within(bounds);
        let work = move |state: &mut WriterState| {
            state.keeper.keep_within(bounds);
            Ok(())
        };
        match self.0.run(work).await {
            Err(StoreError::NotOpen { .. }) => Ok(()),
            set => set,
        }
    }

    /// Sets what a commit waits for, from the next one on.
    ///
    /// # Errors
    /// When the store is not open or can't be opened again.
    pub async fn set_durability(&self, durability: Durability) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.durability = durability;
            state.connection.as_ref().map_or(Ok(()), |connection| durability.set(connection))
        };
        self.0.run(work).await
    }

    /// Sets how many bytes of the database the connection that writes keeps in memory: 16 MiB at first.
    ///
    /// # Errors
    /// When the store is not open or can't be opened again.
    pub async fn set_cache(&self, bytes: u64) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.cache = Cache::of(bytes);
            state.connection.as_ref().map_or(Ok(()), |connection| state.cache.set(connection))
        };
        self.0.run(work).await
    }

    /// Says how bodies are stored that come from now on.
    ///
    /// # Errors
    /// When the store is not open.
    pub async fn set_packing(&self, packing: Packing) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.packer.set(packing);
            Ok(())
        };
        self.0.run(work).await
    }

    /// Deletes the oldest exchanges that are beyond the bounds, in steps between which appends have their turn, and gives
    /// free pages back where there are many, for a few seconds. Says how many exchanges went since the store was opened. A file that is gone is noticed, and a new one begun.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn retain(&self) -> Result<u64, StoreError> {
        if !self.0.run(|state| Ok(state.is_at_its_path())).await? {
            self.0.take_what_is_there().await?;
        }
        let writer = self.0.writer().await?;
        let step = |state: &mut WriterState| {
            state.keeper.look_again();
            state.seals.look_again();
            let more = jobs::retain::keep(state)?;
            state.wipe_log();
            Ok((more, state.keeper.standing().deleted()))
        };
        let deleted = loop {
            let (more, deleted) = writer.run(step).await?;
            if !more {
                break deleted;
            }
        };
        delete::shrink(&writer, jobs::shrink::some, SHRINKING).await?;
        Ok(deleted)
    }

    /// Makes one segment: the packed facts of a block of exchanges, from which lists and counts are made sooner than from
    /// rows. False if there is nothing to do, or no time for it. Nothing depends on it but time: call it again and again,
    /// in the background.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn index(&self) -> Result<bool, StoreError> {
        self.noted(self.index_step().await)
    }

    async fn index_step(&self) -> Result<bool, StoreError> {
        if self.is_held_up().await? {
            return Ok(false);
        }
        let progress = self.0.run(|state| Ok(jobs::index::progress(state))).await?;
        let indexing = || self.0.indexing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(progress) = progress.filter(|progress| !indexing().is_done(*progress)) else {
            return Ok(false);
        };
        let (path, left) = (self.0.path.clone(), indexing().hopeless.clone());
        let shrinks = self.0.standing.bounds() != Retention::default();
        let cpu_time = self.0.cpu_time.clone();
        let make = move |connection: &rusqlite::Connection| {
            cpu_time.of(|| jobs::index::make((connection, &path), progress, &left, shrinks))
        };
        let Some(made) = self.0.search(make).await? else {
            indexing().done(progress);
            return Ok(false);
        };
        let block = made.block;
        if !self.0.run(move |state| jobs::index::store(state, &made)).await? {
            indexing().hopeless.insert(block);
        }
        Ok(true)
    }

    /// Keeps a change of the settings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn append_settings(&self, change: &SettingsChange) -> Result<(), StoreError> {
        let change = change.clone();
        let work = move |state: &mut WriterState| {
            // Kept in any case: should there come to be a new file, it is to know them.
            state.known.settings = Some(change.clone());
            state.transaction(|connection| settings::write(connection, &change))
        };
        self.0.run(work).await
    }

    /// Deletes an exchange with its bodies and messages; `false` if there is none. One that is still open
    /// is not stored any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete(&self, id: ExchangeId) -> Result<bool, StoreError> {
        let writer = self.0.writer().await?;
        let deleted = delete::range(&writer, (id.0, id.0), true).await?;
        delete::shrink(&writer, jobs::shrink::behind_deletion, AT_ONCE).await?;
        Ok(deleted > 0)
    }

    /// Deletes every exchange that is stored, with those that are `pinned` or without, in steps between which appends
    /// have their turn; says how many. Connections, gaps and the settings' history stay.
    ///
    /// # Errors
    /// When the database cannot be written; what was deleted until then stays deleted.
    pub async fn delete_all(&self, pinned: bool) -> Result<u64, StoreError> {
        delete::all(&*self.0.writer().await?, pinned).await
    }

    /// Keeps an exchange whatever the bounds are; `false` if none with this number is stored (yet).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pin(&self, id: ExchangeId, at: Timestamp) -> Result<bool, StoreError> {
        let work = move |state: &mut WriterState| {
            let found = state.transaction(|connection| pins::pin(connection, id, at))?;
            state.keeper.recount();
            Ok(found)
        };
        self.0.run(work).await
    }

    /// Leaves an exchange to the bounds again; `false` if none with this number is stored.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn unpin(&self, id: ExchangeId) -> Result<bool, StoreError> {
        let work = move |state: &mut WriterState| {
            let found = state.transaction(|connection| pins::unpin(connection, id))?;
            state.keeper.unpinned(id.0);
            Ok(found)
        };
        self.0.run(work).await
    }

    /// Changes the note of an exchange, unless it would get too many tags ([`MOST_TAGS`](crate::MOST_TAGS)).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note(
        &self,
        id: ExchangeId,
        change: notes::NoteChange,
        at: Timestamp,
    ) -> Result<notes::Noted, StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| notes::change(connection, id, &change, at))
        };
        self.0.run(work).await
    }

    /// Keeps a filter under its name, in place of the one that had it; `false` if there are too many
    /// ([`MOST_PRESETS`](crate::MOST_PRESETS)).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_preset(&self, preset: presets::Preset) -> Result<bool, StoreError> {
        let work =
            move |state: &mut WriterState| state.transaction(|connection| presets::put(connection, &preset));
        self.0.run(work).await
    }

    /// Removes a filter that is kept under `name`; `false` if there is none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remove_preset(&self, name: String) -> Result<bool, StoreError> {
        let work =
            move |state: &mut WriterState| state.transaction(|connection| presets::remove(connection, &name));
        self.0.run(work).await
    }

    /// Pins those of `ids` that are stored; says how many were not pinned before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pin_these(&self, ids: Vec<ExchangeId>, at: Timestamp) -> Result<u64, StoreError> {
        let work = move |state: &mut WriterState| {
            let changed = state.transaction(|connection| pins::pin_these(connection, &ids, at))?;
            state.keeper.recount();
            Ok(changed)
        };
        self.0.run(work).await
    }

    /// Leaves those of `ids` to the bounds again; says how many were pinned.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn unpin_these(&self, ids: Vec<ExchangeId>) -> Result<u64, StoreError> {
        let work = move |state: &mut WriterState| {
            let changed = state.transaction(|connection| pins::unpin_these(connection, &ids))?;
            ids.iter().for_each(|id| state.keeper.unpinned(id.0));
            Ok(changed)
        };
        self.0.run(work).await
    }

    /// Deletes those of `ids` that have ended, those that are `pinned` among them or not; says how many there were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete_these(&self, ids: Vec<ExchangeId>, pinned: bool) -> Result<u64, StoreError> {
        let deleted = self.delete_step(ids, pinned).await?;
        self.finish_deleting().await?;
        Ok(deleted)
    }

    /// As [`Admin::delete_these`], for one of many steps: [`Admin::finish_deleting`] comes behind the last.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete_step(&self, ids: Vec<ExchangeId>, pinned: bool) -> Result<u64, StoreError> {
        delete::these(&*self.0.writer().await?, ids, pinned).await
    }

    /// Leaves nothing in the write-ahead log of what was deleted, and gives free pages back for a moment.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_deleting(&self) -> Result<(), StoreError> {
        let writer = self.0.writer().await?;
        writer.run(jobs::delete::wipe_log).await?;
        delete::shrink(&writer, jobs::shrink::behind_deletion, AT_ONCE).await
    }
}
