//! Object stores by URL scheme, with retries, deadlines and the pipeline's options.
//!
//! What the pipeline doesn't say comes from the stores' usual environment variables
//! (`AWS_REGION`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_NAME`, …).

mod failure;

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::local::LocalFileSystem;
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use crate::config::{Secret, duration};
use crate::{Error, Kind, Result};

pub use failure::{failure, scrub};

/// Time to establish a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for one request with its body, unless the option `timeout` says otherwise. A download that takes longer goes on
/// where it stopped.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// Retries of one request, unless the option `max_retries` says otherwise: as many as [`RETRY_TIMEOUT`] allows. Their
/// pauses are random, so a small number of them may be over in seconds.
const MAX_RETRIES: usize = 1_000;
/// Time from a request's beginning after which it isn't tried again, unless the option `retry_timeout` says otherwise.
/// Credentials and payloads must live as long.
const RETRY_TIMEOUT: Duration = Duration::from_secs(150);

/// Opens each store once and hands it out by URL.
pub struct Stores {
    options: BTreeMap<String, BTreeMap<String, Secret>>,
    open: Mutex<HashMap<Url, Arc<dyn ObjectStore>>>,
}

impl Stores {
    /// `options` per scheme, as in [`crate::config::Pipeline::storage`]: the names that object_store
    /// knows, `max_retries` and `retry_timeout`. Options of `http` hold for `https` too.
    pub fn new(options: BTreeMap<String, BTreeMap<String, Secret>>) -> Self {
        Stores { options, open: Mutex::new(HashMap::new()) }
    }

    /// The same, with a store that is open already at `root`.
    #[must_use]
    pub fn with(self, root: Url, store: Arc<dyn ObjectStore>) -> Self {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(root, store);
        self
    }

    /// The store whose root is `root` (see [`crate::config::Location::store`]).
    ///
    /// # Errors
    /// Configuration that the store refuses. No secret appears in the message.
    pub fn get(&self, root: &Url) -> Result<Arc<dyn ObjectStore>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(root) {
            return Ok(Arc::clone(store));
        }
        let store = self.open(root)?;
        open.insert(root.clone(), Arc::clone(&store));
        Ok(store)
    }

    fn open(&self, root: &Url) -> Result<Arc<dyn ObjectStore>> {
        let section = match root.scheme() {
            "https" => "http",
            scheme => scheme,
        };
        let options = Options::new(section, self.options.get(section))?;
        let retry = options.retry()?;
        let client = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
        let store: Result<Arc<dyn ObjectStore>, object_store::Error> = match section {
            "file" => Ok(Arc::new(LocalFileSystem::new())),
            "s3" => options
                .apply::<AmazonS3ConfigKey, _>(
                    AmazonS3Builder::from_env().with_client_options(client).with_retry(retry).with_url(root.as_str()),
                    AmazonS3Builder::with_config,
                )?
                .build()
                .map(|store| Arc::new(store) as _),
            "gs" => options
                .apply::<GoogleConfigKey, _>(
                    GoogleCloudStorageBuilder::from_env()
                        .with_client_options(client)
                        .with_retry(retry)
                        .with_url(root.as_str()),
                    GoogleCloudStorageBuilder::with_config,
                )?
                .build()
                .map(|store| Arc::new(store) as _),
            "az" => options
                .apply::<AzureConfigKey, _>(
                    MicrosoftAzureBuilder::from_env()
                        .with_client_options(client)
                        .with_retry(retry)
                        .with_url(root.as_str()),
                    MicrosoftAzureBuilder::with_config,
                )?
                .build()
                .map(|store| Arc::new(store) as _),
            "http" => options
                .apply::<ClientConfigKey, _>(
                    HttpBuilder::new()
                        .with_client_options(client.with_allow_http(root.scheme() == "http"))
                        .with_retry(retry)
                        .with_url(root.as_str()),
                    HttpBuilder::with_config,
                )?
                .build()
                .map(|store| Arc::new(store) as _),
            other => {
                return Err(Error::new(Kind::Config, format!("no store for URLs that start with {other}://"))
                    .hint("use a local path, or an s3://, gs://, az://, http:// or https:// URL"));
            }
        };
        store.map_err(|refusal| {
            failure::refused(&refusal, format!("can't open {}", url_of(root, "")))
                .hint(format!("see storage.{section} in the pipeline file"))
        })
    }
}

/// One scheme's options; empty values count as absent.
struct Options<'a> {
    section: &'a str,
    values: Vec<(String, &'a str)>,
    max_retries: Option<&'a str>,
    retry_timeout: Option<&'a str>,
}

impl<'a> Options<'a> {
    fn new(section: &'a str, given: Option<&'a BTreeMap<String, Secret>>) -> Result<Self> {
        let mut values: Vec<_> = given
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.expose()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let mut take = |own: &str| {
            let index = values.iter().position(|(name, _)| name == own)?;
            Some(values.swap_remove(index).1)
        };
        let (max_retries, retry_timeout) = (take("max_retries"), take("retry_timeout"));
        match values.first() {
            Some((name, _)) if section == "file" => {
                Err(Error::new(Kind::Config, format!("storage.file.{name}: local files have no options")))
            }
            _ => Ok(Options { section, values, max_retries, retry_timeout }),
        }
    }

    fn retry(&self) -> Result<RetryConfig> {
        let max_retries = match self.max_retries {
            None => MAX_RETRIES,
            Some(text) => text.parse().map_err(|_| {
                Error::new(Kind::Config, format!("storage.{}.max_retries: '{text}' is not a count", self.section))
            })?,
        };
        let retry_timeout = match self.retry_timeout {
            None => RETRY_TIMEOUT,
            Some(text) => duration(text).map_err(|refusal| {
                Error::new(Kind::Config, format!("storage.{}.retry_timeout: {refusal}", self.section))
            })?,
        };
        let backoff =
            BackoffConfig { init_backoff: Duration::from_millis(200), max_backoff: Duration::from_secs(10), base: 2.0 };
        Ok(RetryConfig { backoff, max_retries, retry_timeout })
    }

    fn apply<K: FromStr, B>(&self, builder: B, set: impl Fn(B, K, String) -> B) -> Result<B> {
        let mut builder = builder;
        for (name, value) in &self.values {
            let key = name.parse().map_err(|_| {
                Error::new(Kind::Config, format!("storage.{}.{name}: no such option", self.section))
                    .hint("options are named as in object_store: region, endpoint, access_key_id, allow_http, …")
            })?;
            builder = set(builder, key, (*value).to_owned());
        }
        Ok(builder)
    }
}

/// The URL of `key` in the store at `root`, as messages, manifests and `object` columns show it:
/// without user name, password or query, and not percent-encoded.
pub fn url_of(root: &Url, key: &str) -> String {
    let mut root = root.clone();
    if matches!(root.scheme(), "http" | "https") {
        let hidden = root.set_username("").and_then(|()| root.set_password(None));
        debug_assert!(hidden.is_ok(), "an http URL always has an authority");
        root.set_query(None);
    }
    format!("{root}{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores(scheme: &str, options: &[(&str, &str)]) -> Stores {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        Stores::new(BTreeMap::from([(scheme.to_owned(), options)]))
    }

    fn refusal(scheme: &str, options: &[(&str, &str)], root: &str) -> Error {
        stores(scheme, options).get(&root.parse().expect("a URL")).expect_err("a refusal")
    }

    #[test]
    fn an_option_that_the_store_does_not_have_is_named() {
        for scheme in ["s3", "gs", "az", "http"] {
            let error = refusal(scheme, &[("regoin", "x")], &format!("{scheme}://bucket/"));
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.to_string().starts_with(&format!("storage.{scheme}.regoin: no such option")), "{error}");
        }
    }

    #[test]
    fn a_bad_value_is_a_configuration_error_without_the_secrets() {
        let error = refusal("s3", &[("allow_http", "perhaps"), ("secret_access_key", "hunter2hunter2")], "s3://b/");
        assert_eq!(error.kind(), Kind::Config);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn how_long_a_request_is_tried_again_is_a_time() {
        let retry = |value| {
            let given = BTreeMap::from([("retry_timeout".to_owned(), Secret::new(value))]);
            let options = Options::new("s3", Some(&given)).expect("options");
            options.retry().map(|retry| retry.retry_timeout).map_err(|error| error.to_string())
        };
        assert_eq!(retry("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(retry(""), Ok(RETRY_TIMEOUT));
        assert!(retry("soon").is_err_and(|error| error.starts_with("storage.s3.retry_timeout: `soon` is no time")));
    }

    #[test]
    fn an_unknown_scheme_is_refused() {
        assert_eq!(refusal("s3", &[], "ftp://host/").kind(), Kind::Config);
    }

    #[test]
    fn an_empty_option_counts_as_absent_and_a_store_is_opened_once() {
        let stores = stores("s3", &[("endpoint", ""), ("region", "us-east-1"), ("MAX_RETRIES", "2")]);
        let root = "s3://bucket/".parse().expect("a URL");
        let first = stores.get(&root).expect("a store");
        assert!(Arc::ptr_eq(&first, &stores.get(&root).expect("the same store")));
    }

    #[test]
    fn urls_are_shown_without_credentials() {
        let root = "https://ann:hunter2@example.com/?sig=abc".parse().expect("a URL");
        assert_eq!(url_of(&root, "訂單/a.csv"), "https://example.com/訂單/a.csv");
        assert_eq!(url_of(&"file:///".parse().expect("a URL"), "a b.csv"), "file:///a b.csv");
    }
}
