//! A table of distinct ids in the order of their hashes.

use std::hint::black_box;

/// Slots of a table that holds something.
const LEAST_SLOTS: usize = 16;
/// Stands for the reference of a slot that is free.
const FREE: i32 = -1;

/// An id; one of up to 16 bytes is recognised without a look at its text.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// As [`head`] gives it.
    pub head: u128,
    /// Where the text begins among the bytes of all.
    pub start: usize,
    /// Of the text, in bytes.
    pub length: u32,
    /// The id's number, 0 or more.
    pub reference: i32,
}

impl Entry {
    const NONE: Entry = Entry { head: 0, start: 0, length: 0, reference: FREE };

    /// Its text, which `bytes` holds.
    pub fn text<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let length = usize::try_from(self.length).unwrap_or_default();
        bytes.get(self.start..self.start.saturating_add(length)).unwrap_or_default()
    }

    fn is(&self, head: u128, text: &[u8], bytes: &[u8]) -> bool {
        self.head == head
            && usize::try_from(self.length) == Ok(text.len())
            && (text.len() <= 16 || self.text(bytes) == text)
    }
}

/// Open addressing: an id is in the slot that its hash names, or in one of those next to it. One slot is half a cache
/// line, so that most ids cost one look at memory.
#[derive(Default)]
pub(super) struct IdTable {
    /// As many as a power of two, or none.
    slots: Vec<Entry>,
    count: usize,
}

impl IdTable {
    /// Looks at the slots of all `hashes`, one right after the other, so that memory fetches them at the same time. What
    /// is looked up next is then in the cache.
    pub fn fetch(&self, hashes: impl Iterator<Item = u64>) {
        let look = |hash| self.slots.get(self.first_slot(hash)).map_or(0, |entry| entry.length);
        black_box(hashes.map(look).fold(0, |all, length| all ^ length));
    }

    /// The reference of an id whose hash and head these are.
    pub fn find(&self, hash: u64, head: u128, text: &[u8], bytes: &[u8]) -> Option<i32> {
        let mut slot = self.first_slot(hash);
        loop {
            let entry = self.slots.get(slot).filter(|entry| entry.reference != FREE)?;
            if entry.is(head, text, bytes) {
                return Some(entry.reference);
            }
            slot = self.next_slot(slot);
        }
    }

    /// Adds an entry that isn't there. `hash_of` tells the hashes of those that are.
    pub fn insert(&mut self, hash: u64, entry: Entry, hash_of: impl Fn(&Entry) -> u64) {
        // Two of three slots at most are taken.
        if (self.count + 1) * 3 > self.slots.len() * 2 {
            let grown = vec![Entry::NONE; (self.slots.len() * 2).max(LEAST_SLOTS)];
            for entry in std::mem::replace(&mut self.slots, grown) {
                if entry.reference != FREE {
                    self.put(hash_of(&entry), entry);
                }
            }
        }
        self.put(hash, entry);
        self.count += 1;
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter(|entry| entry.reference != FREE)
    }

    fn put(&mut self, hash: u64, entry: Entry) {
        let mut slot = self.first_slot(hash);
        while self.slots.get(slot).is_some_and(|taken| taken.reference != FREE) {
            slot = self.next_slot(slot);
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = entry;
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "of the hash, the last bits count")]
    fn first_slot(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    fn next_slot(&self, slot: usize) -> usize {
        (slot + 1) & self.slots.len().wrapping_sub(1)
    }
}

/// The first 16 bytes, ordered as the text is: most comparisons need no more.
pub(super) fn head(text: &[u8]) -> u128 {
    let eight = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes));
    match text.len() {
        16.. => text.first_chunk::<16>().map_or(0, |first| u128::from_be_bytes(*first)),
        8.. => {
            // Of the last eight bytes, those that are behind the first eight.
            let behind = u128::from(eight(text.last_chunk())) << (8 * (16 - text.len()));
            u128::from(eight(text.first_chunk())) << 64 | behind & u128::from(u64::MAX)
        }
        length => {
            let bytes = text.iter().fold(0, |bytes, byte| bytes << 8 | u128::from(*byte));
            if length == 0 { 0 } else { bytes << (8 * (16 - length)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    /// As [`head`] is defined.
    fn padded(text: &[u8]) -> u128 {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(text).for_each(|(slot, byte)| *slot = *byte);
        u128::from_be_bytes(bytes)
    }

    /// A hash that few slots share: most entries are beside theirs.
    fn poor_hash(text: &[u8]) -> u64 {
        xxh3_64(text) % 7
    }

    proptest! {
        #[test]
        fn a_head_is_the_first_bytes_and_zeros(text in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(head(&text), padded(&text));
        }

        #[test]
        fn each_text_is_found_again_and_no_other(
            texts in prop::collection::vec("[a-c]{0,3}|a{14,18}|b{16}[xy]{1,3}", 0..200), others in "[a-d]{0,4}"
        ) {
            for hash in [poor_hash, xxh3_64] {
                let (mut table, mut bytes, mut known) = (IdTable::default(), Vec::new(), Vec::<String>::new());
                for text in &texts {
                    let (code, head) = (hash(text.as_bytes()), head(text.as_bytes()));
                    table.fetch([code].into_iter());
                    let found = table.find(code, head, text.as_bytes(), &bytes);
                    let known_as = known.iter().position(|other| other == text);
                    prop_assert_eq!(found, known_as.map(|place| i32::try_from(place).expect("few texts")));
                    if found.is_none() {
                        let length = u32::try_from(text.len()).expect("short texts");
                        let reference = i32::try_from(known.len()).expect("few texts");
                        let entry = Entry { head, start: bytes.len(), length, reference };
                        bytes.extend_from_slice(text.as_bytes());
                        table.insert(code, entry, |entry| hash(entry.text(&bytes)));
                        known.push(text.clone());
                    }
                }
                prop_assert_eq!(table.iter().count(), known.len());
                let other = table.find(hash(others.as_bytes()), head(others.as_bytes()), others.as_bytes(), &bytes);
                prop_assert_eq!(other.is_some(), known.contains(&others));
            }
        }
    }
}
