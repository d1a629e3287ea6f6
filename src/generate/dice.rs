//! Chance, repeatable: whole numbers only, so that a spec gives the same bytes on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of chance is for. A purpose never disturbs another: data without dirt is the data
/// with dirt, less the dirt.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Who a customer is.
    Person,
    /// What happens to a customer.
    Journey,
    /// How a customer's rows are delivered.
    Delivery,
    /// What is spent on a day.
    Spend,
}

/// A stream of chance that belongs to one subject.
#[derive(Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of (seed, subject, purpose).
    pub fn new(seed: u64, subject: u64, purpose: Purpose) -> Self {
        let tag: u64 = match purpose {
            Purpose::Person => 1,
            Purpose::Journey => 2,
            Purpose::Delivery => 3,
            Purpose::Spend => 4,
        };
        let mut key = [0; 32];
        for (place, word) in key.chunks_exact_mut(8).zip([seed, subject, tag, 0]) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Dice(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 to `count` − 1; 0 for a `count` of 0.
    pub fn below(&mut self, count: u32) -> u32 {
        // Multiply and shift: the product's upper half is below `count`, so it fits.
        ((u64::from(self.0.next_u32()) * u64::from(count)) >> 32) as u32
    }

    /// A number from 0 to `count` − 1, for large counts.
    pub fn below_u64(&mut self, count: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(count)) >> 64) as u64
    }

    /// A number from `range.0` to `range.1`, both included.
    pub fn between(&mut self, range: (u32, u32)) -> u32 {
        range.0 + self.below(range.1.saturating_sub(range.0) + 1)
    }

    /// True `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// True `per_million` times in a million.
    pub fn rare(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < per_million
    }

    /// One of `choices`, each as likely as the next; `None` of none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices.get(self.below(count) as usize)
    }

    /// An index into `cumulative`, ascending sums of weights, as likely as its weight.
    pub fn weighted(&mut self, cumulative: &[u32]) -> usize {
        let total = cumulative.last().copied().unwrap_or(0);
        let drawn = self.below(total);
        cumulative.partition_point(|sum| *sum <= drawn)
    }
}

/// Ascending sums of `weights`, for [`Dice::weighted`].
pub fn cumulative(weights: impl IntoIterator<Item = u32>) -> Vec<u32> {
    weights
        .into_iter()
        .scan(0_u32, |sum, weight| {
            *sum = sum.saturating_add(weight);
            Some(*sum)
        })
        .collect()
}
