//! Which keys occur more than once, by their hashes: 8 bytes per row, and no table of all keys.

use xxhash_rust::xxh3::xxh3_64;

use crate::source::texts::Texts;

const BUCKETS: usize = 256;

/// Hashes of the rows seen so far, apart by their first byte.
pub(in crate::source) struct KeyHashes {
    buckets: Vec<Vec<i64>>,
}

impl Default for KeyHashes {
    fn default() -> Self {
        KeyHashes { buckets: vec![Vec::new(); BUCKETS] }
    }
}

impl KeyHashes {
    /// Adds rows.
    pub fn extend(&mut self, hashes: &[i64]) {
        for hash in hashes {
            if let Some(bucket) = self.buckets.get_mut(bucket_of(*hash)) {
                bucket.push(*hash);
            }
        }
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: KeyHashes) {
        for (ours, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            ours.extend(theirs);
        }
    }

    /// The hashes that occur more than once in all `parts` together, ascending.
    pub fn repeated(parts: Vec<KeyHashes>) -> Vec<i64> {
        let mut repeated = Vec::new();
        let mut parts: Vec<_> = parts.into_iter().map(|part| part.buckets.into_iter()).collect();
        for _ in 0..BUCKETS {
            let mut hashes: Vec<i64> = parts.iter_mut().filter_map(Iterator::next).flatten().collect();
            hashes.sort_unstable();
            let runs = hashes.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
            repeated.extend(runs.filter_map(|run| run.first()));
        }
        repeated
    }
}

/// Buckets ascend as signed hashes do.
fn bucket_of(hash: i64) -> usize {
    usize::try_from((hash >> 56) + 128).unwrap_or_default()
}

/// The hash of each row's key: of its columns' values, each behind a mark (0 null, 1 text) and its length.
pub(in crate::source) fn hash_keys(columns: &[&Texts], rows: usize) -> Vec<i64> {
    let mut key = Vec::with_capacity(64);
    (0..rows)
        .map(|row| {
            key.clear();
            for column in columns {
                append(&mut key, column.get(row));
            }
            xxh3_64(&key).cast_signed()
        })
        .collect()
}

fn append(key: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => key.push(0),
        Some(text) => {
            key.push(1);
            key.extend_from_slice(&text.len().to_le_bytes());
            key.extend_from_slice(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn texts(values: &[Option<&str>]) -> Texts {
        Texts::of(&(Arc::new(StringArray::from(values.to_vec())) as ArrayRef)).expect("text")
    }

    #[test]
    fn keys_are_equal_only_if_every_column_is() {
        let first = texts(&[Some("a"), Some("ab"), Some("a"), Some("a"), Some("a")]);
        let second = texts(&[Some("bc"), Some("c"), None, Some("bc"), Some("0")]);
        let hashes = hash_keys(&[&first, &second], 5);
        assert_eq!(hashes[0], hashes[3]);
        let mut distinct = hashes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 4);
    }

    proptest! {
        #[test]
        fn repeated_hashes_are_those_that_occur_twice(
            parts in prop::collection::vec(prop::collection::vec(prop_oneof![any::<i64>(), -3..3_i64], 0..50), 0..4)
        ) {
            let mut counts = std::collections::BTreeMap::new();
            for hash in parts.iter().flatten() {
                *counts.entry(*hash).or_insert(0) += 1;
            }
            let expected: Vec<i64> = counts.iter().filter(|(_, count)| **count > 1).map(|(hash, _)| *hash).collect();
            let parts = parts.iter().map(|hashes| {
                let mut part = KeyHashes::default();
                part.extend(hashes);
                part
            });
            prop_assert_eq!(KeyHashes::repeated(parts.collect()), expected);
        }
    }
}
