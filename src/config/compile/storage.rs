//! Options of object stores. Their values are secrets: no message here shows one.

use std::collections::BTreeMap;

use object_store::ClientConfigKey;
use object_store::aws::AmazonS3ConfigKey;
use object_store::azure::AzureConfigKey;
use object_store::gcp::GoogleConfigKey;

use crate::config::pipeline::Secret;
use crate::config::raw::{RawStorage, Text};
use crate::suggest;
use crate::yaml::{At, Mistakes};

/// Names that every store knows.
const CLIENT: &[&str] = &[
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "max_retries",
    "proxy_url",
    "retry_timeout",
    "timeout",
    "user_agent",
];
/// The options that are rfmart's own.
const OWN: [&str; 2] = ["max_retries", "retry_timeout"];
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

/// A kind of store and the options it is given.
struct Store {
    scheme: &'static str,
    options: Option<BTreeMap<String, Text>>,
    knows: fn(&str) -> bool,
    /// Usual names, to suggest one.
    names: &'static [&'static str],
}

/// The options that are given, per scheme.
pub fn storage(raw: RawStorage, at: &At, mistakes: &mut Mistakes) -> BTreeMap<String, BTreeMap<String, Secret>> {
    let stores = [
        Store { scheme: "s3", options: raw.s3, knows: |name| name.parse::<AmazonS3ConfigKey>().is_ok(), names: S3 },
        Store { scheme: "gs", options: raw.gs, knows: |name| name.parse::<GoogleConfigKey>().is_ok(), names: GS },
        Store { scheme: "az", options: raw.az, knows: |name| name.parse::<AzureConfigKey>().is_ok(), names: AZ },
        Store { scheme: "http", options: raw.http, knows: |name| name.parse::<ClientConfigKey>().is_ok(), names: &[] },
    ];
    let mut storage = BTreeMap::new();
    for store in stores {
        let scheme = store.scheme;
        let Some(options) = store.options else { continue };
        for name in options.keys().filter(|name| !OWN.contains(&name.as_str()) && !(store.knows)(name)) {
            let names: Vec<&str> = store.names.iter().chain(CLIENT).copied().collect();
            let remedy = suggest::write_instead(name, &names);
            mistakes.key(&at.key(scheme).key(name), format!("`{scheme}` has no option `{name}`; {remedy}"));
        }
        let given = options.into_iter().filter(|(_, value)| !value.0.is_empty());
        storage.insert(scheme.to_owned(), given.map(|(name, value)| (name, Secret::new(value.0))).collect());
    }
    storage
}
