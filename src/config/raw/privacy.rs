//! How customers are named in what is published, as written in YAML.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Text;

/// Names customers by a keyed hash in everything that is published, logged or told. A rejected row keeps
/// only what the pipeline reads, and nothing of its text where that can't be told apart.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPrivacy {
    /// How an id is hashed.
    #[schemars(required, example = &"hmac")]
    pub customer_id: Option<RawIdMethod>,
    /// The secret, of at least 32 bytes: `openssl rand -hex 32` makes one. It never appears in messages,
    /// logs or tables. Another key gives other ids, so a warehouse belongs to the key it began with.
    #[schemars(required, example = "${RFMART_ID_KEY}")]
    pub key: Option<Text>,
}

/// How an id is hashed.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawIdMethod {
    /// The first 128 bits of HMAC-SHA256 over the id's UTF-8 text, as 32 hexadecimal digits.
    Hmac,
}
