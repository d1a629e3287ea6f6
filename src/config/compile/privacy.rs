//! How customers are named in what is published.

use crate::config::pipeline::{Privacy, Secret};
use crate::config::raw::{RawPrivacy, Text};
use crate::yaml::{At, Mistakes};

/// As many as the hash has: a longer key adds nothing, a shorter one can be guessed sooner than the hash.
const KEY_BYTES: usize = 32;

/// How customers are named, or `None` after at least one mistake.
pub fn privacy(raw: RawPrivacy, at: &At, mistakes: &mut Mistakes) -> Option<Privacy> {
    let Text(key) = raw.key?;
    if key.len() < KEY_BYTES {
        let remedy = "write one from `openssl rand -hex 32`";
        mistakes.value(&at.key("key"), format!("the key is shorter than {KEY_BYTES} bytes; {remedy}"));
        return None;
    }
    raw.customer_id.map(|_| Privacy { key: Secret::new(key) })
}
