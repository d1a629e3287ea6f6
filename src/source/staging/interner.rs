//! Dictionaries of ids, filled by several threads at once.

use std::borrow::Cow;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, AsArray, Int32Array, StringArray, StringBuilder};
use arrow::buffer::NullBuffer;
use arrow::compute::take;
use arrow::datatypes::Int32Type;
use xxhash_rust::xxh3::xxh3_64;

use crate::grouping::Grouped;
use crate::source::id_table::{Entry, IdTable, head};
use crate::source::ingested::Dictionary;
use crate::source::keyed_hash::{HEX_DIGITS, KeyedHash, from_hex, hex};
use crate::source::staging::references::Unused;
use crate::source::texts::Texts;
use crate::{Context, Error, Kind, Result};

const SHARDS: usize = 64;

/// Stands before the first key, and for the key of a reference that no id has.
const NO_KEY: i32 = -1;

/// The ids of one domain. Each thread brings a batch and takes each shard's lock once for it.
pub(in crate::source) struct Interner {
    /// What the ids are of, for messages.
    domain: &'static str,
    shards: Vec<Mutex<Shard>>,
    unused: Unused,
    /// References given away, the first of `unused` first.
    count: AtomicI32,
}

/// Ids that rows of earlier runs have, as they are published, each beside its reference. An id may have several.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::source) struct KnownIds {
    pub references: Int32Array,
    pub ids: StringArray,
}

impl Default for KnownIds {
    fn default() -> Self {
        KnownIds { references: Int32Array::from(Vec::<i32>::new()), ids: StringArray::from(Vec::<&str>::new()) }
    }
}

#[derive(Default)]
struct Shard {
    ids: IdTable,
    bytes: Vec<u8>,
}

impl Shard {
    fn insert(&mut self, hash: u64, text: &[u8], reference: i32) -> Result<(), std::num::TryFromIntError> {
        let entry = Entry { head: head(text), reference, length: u32::try_from(text.len())?, start: self.bytes.len() };
        self.bytes.extend_from_slice(text);
        let bytes = &self.bytes;
        self.ids.insert(hash, entry, |entry| xxh3_64(entry.text(bytes)));
        Ok(())
    }
}

impl Interner {
    /// Of a domain, with the references that its rows of earlier runs don't have.
    pub fn new(domain: &'static str, unused: Unused) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Interner { domain, shards, unused, count: AtomicI32::new(0) }
    }

    /// The reference of each row; null stays null. Only values that a row holds are taken in.
    pub fn intern(&self, texts: &Texts) -> Result<Int32Array> {
        let values = texts.values();
        let Some(keys) = texts.keys() else {
            return self.intern_values(values, |_| true);
        };
        let mut used = vec![false; values.len()];
        for key in keys.iter().flatten() {
            if let Some(slot) = usize::try_from(key).ok().and_then(|key| used.get_mut(key)) {
                *slot = true;
            }
        }
        let references = self.intern_values(values, |value| used.get(value).copied().unwrap_or(false))?;
        let by_row = take(&references, keys, None).context(Kind::Bug, || format!("{} references", self.domain))?;
        Ok(by_row.as_primitive::<Int32Type>().clone())
    }

    fn intern_values(&self, values: &StringArray, is_wanted: impl Fn(usize) -> bool) -> Result<Int32Array> {
        let mut references = vec![0; values.len()];
        let wanted = values.iter().enumerate().filter_map(|(row, text)| Some((text.filter(|_| is_wanted(row))?, row)));
        let mut hashed = Vec::with_capacity(values.len() - values.null_count());
        hashed.extend(wanted.map(|(text, row)| (xxh3_64(text.as_bytes()), row)));
        let hashed = Grouped::of(&hashed, SHARDS, |(hash, _)| shard_of(*hash));
        for (shard, range) in self.shards.iter().zip(hashed.ranges()) {
            let rows = hashed.items.get(range).unwrap_or_default();
            if rows.is_empty() {
                continue;
            }
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.ids.fetch(rows.iter().map(|(hash, _)| *hash));
            for (hash, row) in rows {
                if let Some(slot) = references.get_mut(*row) {
                    *slot = self.reference(&mut shard, *hash, values.value(*row).as_bytes())?;
                }
            }
        }
        Ok(Int32Array::new(references.into(), values.nulls().cloned()))
    }

    fn reference(&self, shard: &mut Shard, hash: u64, text: &[u8]) -> Result<i32> {
        if let Some(reference) = shard.ids.find(hash, head(text), text, &shard.bytes) {
            return Ok(reference);
        }
        let place = self.count.fetch_add(1, Ordering::Relaxed);
        let reference = self.unused.nth(place).ok_or_else(|| self.too_many())?;
        match shard.insert(hash, text, reference) {
            Ok(()) => Ok(reference),
            Err(_) => Err(self.too_many()),
        }
    }

    /// The dictionary of all that was taken in and of what was known: keys in byte order of what is published, the ids or
    /// their hash. What was taken in didn't have a look at what is known, so an id may have a reference of either.
    pub fn finish(self, hash: Option<&KeyedHash>, known: &KnownIds) -> Result<Dictionary> {
        let too_many = self.too_many();
        let shards: Vec<Shard> =
            self.shards.into_iter().map(|shard| shard.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        let ids =
            shards.iter().flat_map(|shard| shard.ids.iter().map(|entry| (entry.text(&shard.bytes), entry.reference)));
        let known = known.ids.iter().flatten().zip(known.references.values());
        if let Some(hash) = hash {
            let mut hashes: Vec<(u128, i32)> = ids.map(|(text, reference)| (hash.of(text), reference)).collect();
            hashes.sort_unstable();
            refuse_collisions(&hashes, self.domain)?;
            hashes.extend(known.filter_map(|(id, reference)| Some((from_hex(id)?, *reference))));
            hashes.sort_unstable();
            let bytes = hashes.len().saturating_mul(HEX_DIGITS);
            let published = hashes.iter().map(|(hash, reference)| (*hash, Cow::from(hex(*hash)), *reference));
            return dictionary(published, bytes).ok_or(too_many);
        }
        let known = known.map(|(id, reference)| (id.as_bytes(), *reference));
        let mut ids: Vec<(u128, &[u8], i32)> =
            ids.chain(known).map(|(text, reference)| (head(text), text, reference)).collect();
        ids.sort_unstable();
        let bytes = ids.iter().map(|(_, text, _)| text.len()).sum();
        let published = ids.iter().map(|(_, text, reference)| (*text, String::from_utf8_lossy(text), *reference));
        dictionary(published, bytes).ok_or(too_many)
    }

    fn too_many(&self) -> Error {
        Error::new(Kind::Data, format!("more {} ids than 2 GiB hold", self.domain))
    }
}

/// The dictionary of ids in their order, of `bytes` at most in all, each behind what tells it from others; None if they
/// are too many. A reference that no id has is null.
fn dictionary<'a, T: PartialEq>(
    ids: impl ExactSizeIterator<Item = (T, Cow<'a, str>, i32)> + Clone,
    bytes: usize,
) -> Option<Dictionary> {
    i32::try_from(bytes).ok()?;
    let last = ids.clone().map(|(_, _, reference)| reference).max().unwrap_or(-1);
    let mut key_of_ref = vec![NO_KEY; usize::try_from(last.checked_add(1)?).ok()?];
    let mut id_of_key = StringBuilder::with_capacity(ids.len(), bytes);
    let (mut key, mut previous) = (NO_KEY, None);
    for (told_by, id, reference) in ids {
        if previous.as_ref() != Some(&told_by) {
            key += 1;
            id_of_key.append_value(id);
            previous = Some(told_by);
        }
        if let Some(slot) = usize::try_from(reference).ok().and_then(|index| key_of_ref.get_mut(index)) {
            *slot = key;
        }
    }
    let has_gaps = key_of_ref.contains(&NO_KEY);
    let nulls = has_gaps.then(|| key_of_ref.iter().map(|key| *key != NO_KEY).collect::<NullBuffer>());
    Some(Dictionary { key_of_ref: Int32Array::new(key_of_ref.into(), nulls), id_of_key: id_of_key.finish() })
}

/// # Errors
/// Two ids have the same hash: they would count as one.
fn refuse_collisions(sorted: &[(u128, i32)], domain: &str) -> Result<()> {
    let are_alike = |pair: &[(u128, i32)]| matches!(pair, [(first, _), (second, _)] if first == second);
    match sorted.windows(2).any(are_alike) {
        true => Err(Error::new(Kind::Data, format!("two {domain} ids have the same keyed hash"))
            .hint("with another privacy.key they will not; it needs a new publish.location")),
        false => Ok(()),
    }
}

/// The shard is taken from the hash's middle: its ends place the entry within the table.
fn shard_of(hash: u64) -> usize {
    usize::try_from((hash >> 32) % 64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, DictionaryArray};

    use super::*;
    use crate::config::{Privacy, Secret};
    use crate::source::staging::references::Used;

    fn texts(values: &[Option<&str>]) -> Texts {
        Texts::of(&(Arc::new(StringArray::from(values.to_vec())) as ArrayRef)).expect("text")
    }

    #[test]
    fn equal_ids_get_equal_references_and_keys_in_byte_order() {
        let interner = Interner::new("customer", Unused::default());
        let first = interner.intern(&texts(&[Some("b"), None, Some("陳"), Some("b")])).expect("references");
        let second =
            interner.intern(&texts(&[Some("a"), Some("abcdefgh2"), Some("abcdefgh1"), Some("b")])).expect("references");
        assert!(first.is_null(1));
        assert_eq!(first.value(0), first.value(3));
        assert_eq!(first.value(0), second.value(3));
        let dictionary = interner.finish(None, &KnownIds::default()).expect("a dictionary");
        let ids: Vec<_> = dictionary.id_of_key.iter().flatten().collect();
        assert_eq!(ids, ["a", "abcdefgh1", "abcdefgh2", "b", "陳"]);
        let id = |reference: i32| {
            let key = dictionary.key_of_ref.value(reference.try_into().expect("an index"));
            dictionary.id_of_key.value(key.try_into().expect("an index"))
        };
        assert_eq!((id(first.value(2)), id(second.value(2))), ("陳", "abcdefgh1"));
    }

    #[test]
    fn hashed_ids_are_ranked_by_their_hash() {
        let hash = KeyedHash::new(&Privacy { key: Secret::new("a key of thirty-two bytes or more") });
        let interner = Interner::new("customer", Unused::default());
        let ids = ["C1", "C2", "C3", "a customer with a long id"];
        let references = interner.intern(&texts(&ids.map(Some))).expect("references");
        let dictionary = interner.finish(Some(&hash), &KnownIds::default()).expect("a dictionary");
        let published: Vec<&str> = dictionary.id_of_key.iter().flatten().collect();
        assert!(published.is_sorted() && published.iter().all(|id| id.len() == HEX_DIGITS), "{published:?}");
        for (id, reference) in ids.iter().zip(references.values()) {
            let key = dictionary.key_of_ref.value((*reference).try_into().expect("an index"));
            assert_eq!(dictionary.id_of_key.value(key.try_into().expect("an index")), hash.text_of(id));
        }
    }

    #[test]
    fn an_id_that_was_known_has_one_key_under_all_its_references() {
        let hash = KeyedHash::new(&Privacy { key: Secret::new("a key of thirty-two bytes or more") });
        let published = |id: &str, hash: Option<&KeyedHash>| hash.map_or(id.to_owned(), |hash| hash.text_of(id));
        for hash in [None, Some(&hash)] {
            let ids = ["b", "a", "b"].map(|id| published(id, hash));
            let known = KnownIds { references: vec![0, 2, 4].into(), ids: ids.to_vec().into() };
            let mut used = Used::default();
            known.references.values().iter().for_each(|reference| used.mark(*reference));
            let interner = Interner::new("customer", used.unused());
            let references = interner.intern(&texts(&[Some("c"), Some("b"), Some("d")])).expect("references");
            assert_eq!(references.values(), &[1, 3, 5], "what rows of earlier runs don't have");
            let dictionary = interner.finish(hash, &known).expect("a dictionary");
            let id = |reference: usize| {
                let key = usize::try_from(dictionary.key_of_ref.value(reference)).expect("a key");
                dictionary.id_of_key.value(key)
            };
            let expected = ["b", "c", "a", "b", "b", "d"].map(|id| published(id, hash));
            assert_eq!((0..6).map(id).collect::<Vec<_>>(), expected);
            assert_eq!(dictionary.id_of_key.len(), 4);
        }
    }

    #[test]
    fn a_reference_that_nothing_has_has_no_key() {
        let known = KnownIds { references: vec![2].into(), ids: vec!["a"].into() };
        let dictionary = Interner::new("branch", Unused::default()).finish(None, &known).expect("a dictionary");
        assert_eq!(dictionary.key_of_ref, Int32Array::from(vec![None, None, Some(0)]));
    }

    #[test]
    fn ids_that_hash_alike_are_refused() {
        assert!(refuse_collisions(&[(1, 0), (2, 1), (3, 2)], "customer").is_ok());
        let error = refuse_collisions(&[(1, 0), (2, 7), (2, 1)], "customer").expect_err("a refusal");
        assert_eq!(
            (error.kind(), error.to_string().lines().next()),
            (Kind::Data, Some("two customer ids have the same keyed hash"))
        );
    }

    #[test]
    fn values_that_no_row_holds_stay_out() {
        let dictionary: DictionaryArray<Int32Type> = vec!["used", "unused", "used"].into_iter().collect();
        let rows = Texts::of(&(Arc::new(dictionary.slice(2, 1)) as ArrayRef)).expect("text");
        let interner = Interner::new("branch", Unused::default());
        assert_eq!(interner.intern(&rows).expect("references"), Int32Array::from(vec![0]));
        assert_eq!(
            interner.finish(None, &KnownIds::default()).expect("a dictionary").id_of_key,
            StringArray::from(vec!["used"])
        );
    }

    #[test]
    fn threads_agree() {
        let interner = Interner::new("customer", Unused::default());
        let ids: Vec<String> = (0..20_000).map(|number| format!("C{:05}", number % 7_000)).collect();
        let references: Vec<Int32Array> = std::thread::scope(|scope| {
            let work = || {
                let batches = ids.chunks(1_000).map(|chunk| {
                    let rows: Vec<_> = chunk.iter().map(|id| Some(id.as_str())).collect();
                    interner.intern(&texts(&rows)).expect("references")
                });
                arrow::compute::concat(
                    &batches
                        .map(|b| Arc::new(b) as ArrayRef)
                        .collect::<Vec<_>>()
                        .iter()
                        .map(AsRef::as_ref)
                        .collect::<Vec<_>>(),
                )
                .expect("one array")
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic").as_primitive::<Int32Type>().clone())
                .collect()
        });
        assert!(references.windows(2).all(|pair| pair[0] == pair[1]));
        let dictionary = interner.finish(None, &KnownIds::default()).expect("a dictionary");
        assert_eq!((dictionary.id_of_key.len(), dictionary.key_of_ref.len()), (7_000, 7_000));
        let mut keys: Vec<i32> = dictionary.key_of_ref.values().to_vec();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(0..7_000));
    }
}
