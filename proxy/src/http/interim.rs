//! Interim responses on their way to the client, between the two sides of an exchange. One task polls both: first the
//! upstream's side, then the client's, which takes what is there. So nobody need be woken.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Mutex;
use std::task::Poll;

use dashcam_exchange::ResponseHead;

use crate::net::lock::lock;

/// Heads that the client's side has not taken, at most.
const MOST: usize = 8;

/// Interim responses of one request.
#[derive(Debug, Default)]
pub(crate) struct Interims(Mutex<VecDeque<ResponseHead>>);

impl Interims {
    /// Leaves `head` for the client's side, as soon as there is room.
    pub(crate) async fn put(&self, head: ResponseHead) {
        let mut head = Some(head);
        poll_fn(|_| {
            let mut waiting = lock(&self.0);
            if waiting.len() == MOST {
                return Poll::Pending;
            }
            waiting.extend(head.take());
            Poll::Ready(())
        })
        .await;
    }

    /// The next of them, in the order in which they came.
    pub(crate) fn take(&self) -> Option<ResponseHead> {
        lock(&self.0).pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use dashcam_exchange::{Headers, Version};

    use super::*;

    fn head(status: u16) -> ResponseHead {
        let (reason, headers) = (String::new(), Headers::default());
        ResponseHead { version: Version::Http11, status, reason, headers }
    }

    #[test]
    fn a_full_line_goes_on_once_one_is_taken() {
        let interims = Interims::default();
        let mut cx = Context::from_waker(Waker::noop());
        for status in 102..=109 {
            assert!(pin!(interims.put(head(status))).poll(&mut cx).is_ready());
        }
        let mut ninth = pin!(interims.put(head(110)));
        assert!(ninth.as_mut().poll(&mut cx).is_pending());
        assert_eq!(interims.take().map(|head| head.status), Some(102));
        assert!(ninth.as_mut().poll(&mut cx).is_ready());
        let rest: Vec<_> = std::iter::from_fn(|| interims.take()).map(|head| head.status).collect();
        assert_eq!(rest, [103, 104, 105, 106, 107, 108, 109, 110]);
    }
}
