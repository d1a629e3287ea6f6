//! Options of object stores. Their values are secrets: no message here shows one.

use std::collections::BTreeMap;

use object_store::ClientConfigKey;
use object_store::aws::AmazonS3ConfigKey;
use object_store::azure::AzureConfigKey;
use object_store::gcp::GoogleConfigKey;

use crate::config::mistakes::{At, Mistakes};
use crate::config::pipeline::Secret;
use crate::config::raw::{RawStorage, Text};
use crate::config::suggest;

/// Names that every store knows.
const CLIENT: &[&str] =
    &["allow_http", "allow_invalid_certificates", "connect_timeout", "proxy_url", "timeout", "user_agent"];
const S3: &[&str] = &[
    "access_key_id",
    "secret_access_key",
    "session_token",
    "region",
    "endpoint",
    "virtual_hosted_style_request",
    "skip_signature",
    "role_arn",
    "web_identity_token_file",
    "sse_kms_key_id",
];
const GS: &[&str] =
    &["service_account", "service_account_key", "application_credentials", "base_url", "skip_signature"];
const AZ: &[&str] = &[
    "account_name",
    "account_key",
    "client_id",
    "client_secret",
    "tenant_id",
    "sas_token",
    "endpoint",
    "use_emulator",
    "use_azure_cli",
];

/// Says whether a store knows an option.
type Knows = fn(&str) -> bool;

/// The options that are given, per scheme.
pub fn storage(raw: RawStorage, at: &At, mistakes: &mut Mistakes) -> BTreeMap<String, BTreeMap<String, Secret>> {
    let schemes: [(&str, Option<BTreeMap<String, Text>>, Knows, &[&str]); 4] = [
        ("s3", raw.s3, |name| name.parse::<AmazonS3ConfigKey>().is_ok(), S3),
        ("gs", raw.gs, |name| name.parse::<GoogleConfigKey>().is_ok(), GS),
        ("az", raw.az, |name| name.parse::<AzureConfigKey>().is_ok(), AZ),
        ("http", raw.http, |name| name.parse::<ClientConfigKey>().is_ok(), &[]),
    ];
    let mut storage = BTreeMap::new();
    for (scheme, options, knows, names) in schemes {
        let Some(options) = options else { continue };
        let at = at.key(scheme);
        for name in options.keys().filter(|name| !knows(name)) {
            let names: Vec<&str> = names.iter().chain(CLIENT).copied().collect();
            let remedy = suggest::write_instead(name, &names);
            mistakes.key(&at.key(name), format!("`{scheme}` has no option `{name}`; {remedy}"));
        }
        let given = options.into_iter().filter(|(_, value)| !value.0.is_empty());
        storage.insert(scheme.to_owned(), given.map(|(name, value)| (name, Secret::new(value.0))).collect());
    }
    storage
}
