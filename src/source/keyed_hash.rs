//! Customers' ids as a keyed hash: who holds the key can look a customer up, nobody else can guess one.

use ring::hmac::{HMAC_SHA256, Key, sign};

use crate::config::{Pipeline, Privacy, UniqueIn};

/// What tells a key from another without telling it. No secret of its own: the key is long enough.
const KEY_CHECK: &[u8] = b"rfmart key check";

/// HMAC-SHA256 under a pipeline's key, cut to its first 128 bits: among a hundred million customers, two
/// share a hash with a chance of less than 1 in 10²².
pub(super) struct KeyedHash(Key);

impl KeyedHash {
    pub fn new(privacy: &Privacy) -> Self {
        KeyedHash(Key::new(HMAC_SHA256, privacy.key.expose().as_bytes()))
    }

    /// The hash of an id; hashes are ordered as their texts are.
    pub fn of(&self, id: &[u8]) -> u128 {
        let tag = sign(&self.0, id);
        tag.as_ref().first_chunk::<16>().map_or(0, |first| u128::from_be_bytes(*first))
    }

    /// The hash of an id as it is published.
    pub fn text_of(&self, id: &str) -> String {
        hex(self.of(id.as_bytes()))
    }
}

/// Digits of a hash as it is published.
pub(super) const HEX_DIGITS: usize = 32;

/// The hash in lower-case hexadecimal digits, [`HEX_DIGITS`] of them.
pub(super) fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}

/// The hash that [`hex`] wrote; None of any other text.
pub(super) fn from_hex(text: &str) -> Option<u128> {
    u128::from_str_radix(text, 16).ok().filter(|hash| hex(*hash) == text)
}

/// Names the way in which customers' ids are made, and recognises its key again; None if they are published as read.
pub fn id_scheme(pipeline: &Pipeline) -> Option<String> {
    let of_branches = (pipeline.ids.customers == UniqueIn::Branch).then(|| OF_BRANCHES.to_owned());
    let hashed = pipeline.privacy.as_ref().map(hash_scheme);
    let parts: Vec<String> = of_branches.into_iter().chain(hashed).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Stands in the scheme for ids that are mapped, or made from branch and number.
const OF_BRANCHES: &str = "branch";

fn hash_scheme(privacy: &Privacy) -> String {
    format!("hmac-sha256-128:{}", hex(KeyedHash::new(privacy).of(KEY_CHECK)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn privacy(key: &str) -> Privacy {
        Privacy { key: Secret::new(key) }
    }

    #[test]
    fn a_hash_is_the_head_of_hmac_sha256() {
        // RFC 4231, test case 2.
        let hash = KeyedHash::new(&privacy("Jefe")).text_of("what do ya want for nothing?");
        assert_eq!(hash, "5bdcc146bf60754e6a042426089575c7");
    }

    #[test]
    fn small_hashes_keep_their_zeros() {
        assert_eq!(hex(0x0a), "0000000000000000000000000000000a");
    }

    #[test]
    fn a_scheme_tells_keys_apart_and_holds_none() {
        let key = "a key of thirty-two bytes or more";
        let scheme = hash_scheme(&privacy(key));
        assert_eq!(scheme, hash_scheme(&privacy(key)));
        assert_ne!(scheme, hash_scheme(&privacy("another key of thirty-two or more")));
        assert!(scheme.starts_with("hmac-sha256-128:") && !scheme.contains(key), "{scheme}");
    }
}
