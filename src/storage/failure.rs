//! Errors of object stores as a person reads them: whether to retry, and no secrets.

use object_store::Error as StoreError;

use crate::{Error, Kind};

/// What a store answered while `doing` (such as `can't list s3://bucket/orders/`), as an error whose
/// kind says whether a retry can help.
pub fn failure(cause: &StoreError, doing: impl Into<String>) -> Error {
    let detail = scrub(&cause.to_string());
    let says = |words: &[&str]| words.iter().any(|word| detail.contains(word));
    let names_no_bucket = says(&["NoSuchBucket", "ContainerNotFound", "bucket does not exist"]);
    let (kind, hint) = match cause {
        StoreError::UnknownConfigurationKey { .. } => (Kind::Config, "see `storage` in the pipeline file"),
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            (Kind::Config, "the store refuses these credentials: see `storage` in the pipeline file")
        }
        // Listing tells of it in words alone.
        StoreError::NotFound { .. } | StoreError::Generic { .. } if names_no_bucket => {
            (Kind::Config, "there is no such bucket: check the location and the endpoint")
        }
        StoreError::NotFound { .. } => (Kind::Storage, "it was removed meanwhile: run again"),
        StoreError::Precondition { .. } => (Kind::Storage, "it was replaced meanwhile: run again"),
        StoreError::AlreadyExists { .. } => (Kind::Contention, "another run writes there, too: run again"),
        StoreError::InvalidPath { .. } => (Kind::Config, "check the location"),
        StoreError::NotSupported { .. } | StoreError::NotImplemented { .. } => {
            (Kind::Config, "this store can't do that: name each object, without glob or trailing slash")
        }
        // And of a refusal.
        _ if says(&["status code: 401", "status code: 403"]) => {
            (Kind::Config, "the store refuses these credentials: see `storage` in the pipeline file")
        }
        _ if says(&["redirect without LOCATION", "PermanentRedirect", "AuthorizationHeaderMalformed"]) => {
            (Kind::Config, "the bucket is in another region: set `region` under `storage` in the pipeline file")
        }
        _ if says(&["status code: 409"]) => (Kind::Contention, "another run writes there, too: run again"),
        _ if says(&["(os error 13)"]) => (Kind::Config, "this user may not read it: grant that, or run as another"),
        _ if says(&["169.254.169.254", "metadata.google.internal"]) => {
            (Kind::Config, "no credentials: set them under `storage` in the pipeline file")
        }
        _ => (Kind::Storage, "the store can't be reached or failed after retries: run again later"),
    };
    Error::new(kind, doing).detail(detail).hint(hint)
}

/// What a store's builder refused.
pub(super) fn refused(cause: &StoreError, doing: impl Into<String>) -> Error {
    Error::new(Kind::Config, doing).detail(scrub(&cause.to_string()))
}

/// Elements of a server's answer that quote what was signed, and who signed it.
const SIGNED: [&str; 7] = [
    "AWSAccessKeyId",
    "CanonicalRequest",
    "CanonicalRequestBytes",
    "SignatureProvided",
    "StringToSign",
    "StringToSignBytes",
    "AuthenticationErrorDetail",
];

/// Takes out of a text what is nobody's business: user names, passwords and queries of URLs, and what servers quote of
/// signatures and keys.
pub fn scrub(text: &str) -> String {
    SIGNED.iter().fold(without_secrets_of_urls(text), |text, element| without_content(&text, element))
}

/// A text with `…` for what stands between the tags of `element`, or behind the first if there is no other.
fn without_content(text: &str, element: &str) -> String {
    let (opens, closes) = (format!("<{element}>"), format!("</{element}>"));
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, content)) = rest.split_once(&opens) {
        shown.push_str(before);
        shown.push_str(&opens);
        shown.push('…');
        match content.split_once(&closes) {
            Some((_, behind)) => {
                shown.push_str(&closes);
                rest = behind;
            }
            None => rest = "",
        }
    }
    shown + rest
}

fn without_secrets_of_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after.find([' ', ')', '"', '\'', '>', ',']).unwrap_or(after.len());
        let (url, behind) = after.split_at(end);
        let url = url.split_once('?').map_or(url, |(address, _)| address);
        let (authority, path) = url.split_at(url.find('/').unwrap_or(url.len()));
        shown.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
        shown.push_str(path);
        rest = behind;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_messages_lose_credentials_and_queries() {
        assert_eq!(
            scrub("error for url (https://ann:hunter2@h.example/a/b?X-Sig=s3cret&b=1): refused, see http://x/?k=v"),
            "error for url (https://h.example/a/b): refused, see http://x/"
        );
        assert_eq!(scrub("no address here?"), "no address here?");
    }

    #[test]
    fn what_servers_quote_of_keys_and_signatures_is_not_shown() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId><StringToSign>AWS4 x\
                    </StringToSign><RequestId>7</RequestId><SignatureProvided>cut";
        assert_eq!(
            scrub(body),
            "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>…</AWSAccessKeyId><StringToSign>…</StringToSign>\
             <RequestId>7</RequestId><SignatureProvided>…"
        );
    }

    #[test]
    fn what_a_retry_can_not_help_is_told_from_what_it_can() {
        let kind = |text: &str| {
            let cause = StoreError::Generic { store: "S3", source: text.into() };
            failure(&cause, "x").kind()
        };
        assert_eq!(kind("Server returned non-2xx status code: 403 Forbidden: <Code>AccessDenied</Code>"), Kind::Config);
        assert_eq!(kind("Server returned non-2xx status code: 401 Unauthorized"), Kind::Config);
        assert_eq!(
            kind("Received redirect without LOCATION, this normally indicates an incorrectly configured region"),
            Kind::Config
        );
        assert_eq!(kind("Unable to open file /x: Permission denied (os error 13)"), Kind::Config);
        assert_eq!(kind("Server returned non-2xx status code: 409 Conflict"), Kind::Contention);
        assert_eq!(kind("Server returned error response: 503 Slow Down"), Kind::Storage);
        let exists = StoreError::AlreadyExists { path: "x".into(), source: "x".into() };
        assert_eq!(failure(&exists, "x").kind(), Kind::Contention);
    }

    #[test]
    fn a_missing_bucket_is_a_configuration_error_and_an_outage_is_not() {
        let missing = StoreError::NotFound { path: "x".into(), source: "<Code>NoSuchBucket</Code>".into() };
        assert_eq!(failure(&missing, "x").kind(), Kind::Config);
        let unlisted = StoreError::Generic { store: "GCS", source: "404 Not Found: <Code>NoSuchBucket</Code>".into() };
        assert_eq!(failure(&unlisted, "x").kind(), Kind::Config);
        let outage = StoreError::Generic { store: "S3", source: "connection refused".into() };
        assert_eq!(failure(&outage, "x").kind(), Kind::Storage);
        let no_credentials = StoreError::Generic { store: "S3", source: "GET http://169.254.169.254/latest".into() };
        assert_eq!(failure(&no_credentials, "x").kind(), Kind::Config);
    }
}
