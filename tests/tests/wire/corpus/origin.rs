//! An origin that answers what it knows, and keeps all bytes that reach it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use dashcam_tests::origin::Origin;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bytes::{Expected, Match, compare};

/// The known targets and their answers.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) request: Expected,
    pub(super) answer: Vec<u8>,
    /// Closes after the answer.
    pub(super) closes: bool,
}

/// The bytes of each connection, and whether it has ended.
pub(super) type Seen = Arc<Mutex<Vec<(Vec<u8>, bool)>>>;

/// Answers each of `known`, in their order, over whichever connections they come.
pub(super) async fn start(known: impl FnOnce(&str) -> Result<Vec<Known>>) -> Result<(Origin, Seen)> {
    let seen = Seen::default();
    let plan = Arc::new(Mutex::new(Vec::new()));
    let (of_all, plan_of_all) = (Arc::clone(&seen), Arc::clone(&plan));
    let origin = Origin::raw(move |mut stream| {
        let (seen, plan) = (Arc::clone(&of_all), Arc::clone(&plan_of_all));
        async move {
            let index = change(&seen, |seen| {
                seen.push((Vec::new(), false));
                seen.len() - 1
            });
            let (mut buffer, mut answered) = (vec![0; 64 << 10], 0);
            while let Ok(read) = stream.read(&mut buffer).await
                && read > 0
            {
                change(&seen, |seen| seen[index].0.extend_from_slice(&buffer[..read]));
                while let Some((answer, closes)) = change(&seen, |seen| {
                    change(&plan, |plan: &mut Vec<Known>| next(plan, &seen[index].0, &mut answered))
                }) {
                    stream.write_all(&answer).await?;
                    stream.flush().await?;
                    if closes {
                        return Ok(stream.shutdown().await?);
                    }
                }
            }
            change(&seen, |seen| seen[index].1 = true);
            Ok(())
        }
    })
    .await?;
    let known = known(&origin.address().to_string())?;
    change(&plan, |plan| *plan = known);
    Ok((origin, seen))
}

/// The answer to what stands behind the `answered` bytes, if that is what is known next.
fn next(plan: &mut Vec<Known>, received: &[u8], answered: &mut usize) -> Option<(Vec<u8>, bool)> {
    let Match::Whole(length) = compare(&plan.first()?.request, &received[*answered..]) else { return None };
    *answered += length;
    let known = plan.remove(0);
    Some((known.answer, known.closes))
}

pub(super) fn change<T, R>(of: &Mutex<T>, with: impl FnOnce(&mut T) -> R) -> R {
    with(&mut of.lock().unwrap_or_else(PoisonError::into_inner))
}
