//! A part of a budget that is given back in drop.

use super::{Full, Share};

/// An amount taken from a [`Share`], given back when this is dropped.
#[derive(Debug)]
pub struct Held {
    share: Share,
    amount: usize,
}

impl Held {
    /// Nothing yet, of `share`.
    #[must_use]
    pub fn nothing(share: Share) -> Self {
        Self { share, amount: 0 }
    }

    /// How much it is.
    #[must_use]
    pub fn amount(&self) -> usize {
        self.amount
    }

    /// The account that it was taken from.
    #[must_use]
    pub fn share(&self) -> &Share {
        &self.share
    }

    /// Takes `more` as well.
    ///
    /// # Errors
    ///
    /// Nothing more was taken.
    pub fn take(&mut self, more: usize) -> Result<(), Full> {
        if more > 0 {
            self.share.take(more)?;
            self.amount += more;
        }
        Ok(())
    }

    /// Makes room in `buffer` for `extra` bytes if they can be taken: all of its capacity is held.
    ///
    /// # Errors
    ///
    /// Nothing more was taken, and `buffer` is as it was.
    pub fn grow(&mut self, buffer: &mut Vec<u8>, extra: usize) -> Result<(), Full> {
        let before = buffer.capacity();
        let needed = buffer.len().saturating_add(extra);
        if needed > before {
            // Twice as much each time, unless that can't be had.
            let mut after = needed.max(before * 2);
            if let Err(full) = self.take(after - before) {
                if after == needed {
                    return Err(full);
                }
                after = needed;
                self.take(after - before)?;
            }
            buffer.reserve_exact(after - buffer.len());
        }
        Ok(())
    }

    /// Gives back `amount` of it, or all if it is less.
    pub fn give_back(&mut self, amount: usize) {
        let amount = amount.min(self.amount);
        if amount > 0 {
            self.amount -= amount;
            self.share.give_back(amount);
        }
    }

    /// Takes over what `other` is, of the same account.
    pub fn join(&mut self, mut other: Self) {
        self.amount += std::mem::take(&mut other.amount);
    }

    /// As [`Held::grow`], with `spare` where no other room is.
    ///
    /// # Errors
    ///
    /// Nothing more was taken, and `buffer` is as it was.
    pub fn grow_with(&mut self, buffer: &mut Vec<u8>, extra: usize, spare: &mut Self) -> Result<(), Full> {
        let Err(full) = self.grow(buffer, extra) else { return Ok(()) };
        let missing = buffer.len().saturating_add(extra) - buffer.capacity();
        if spare.amount < missing {
            return Err(full);
        }
        self.join(spare.split(missing));
        buffer.reserve_exact(extra);
        Ok(())
    }

    /// Parts with `amount` of it, or all if it is less.
    #[must_use]
    pub fn split(&mut self, amount: usize) -> Self {
        let amount = amount.min(self.amount);
        self.amount -= amount;
        Self { share: self.share.clone(), amount }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.amount > 0 {
            self.share.give_back(self.amount);
        }
    }
}
