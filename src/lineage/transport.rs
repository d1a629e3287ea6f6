//! Where events go, by the environment variables that OpenLineage's clients share
//! (<https://openlineage.io/docs/client/python#environment-variables>).

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::{Context, Error, Kind, Result};

/// How long a run waits for the service to take an event.
const PATIENCE: Duration = Duration::from_secs(5);

/// Below the service's URL.
const ENDPOINT: &str = "api/v1/lineage";

/// What stands in front of the variables of a transport.
const SETTINGS: &str = "OPENLINEAGE__TRANSPORT__";

/// Where events go.
pub enum Transport {
    /// To a service.
    Http {
        /// Where it takes events.
        url: Url,
        /// What it knows the sender by. No message holds it.
        key: Option<String>,
    },
    /// To a file, a line each.
    File(PathBuf),
}

impl Transport {
    /// What the environment asks for; nothing if it names no place or switches events off.
    ///
    /// # Errors
    /// A place that is none.
    pub fn of(environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let named = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let setting = |name: &str| named(&format!("{SETTINGS}{name}"));
        if named("OPENLINEAGE_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        if let Some(service) = named("OPENLINEAGE_URL").or_else(|| setting("URL")) {
            let endpoint = named("OPENLINEAGE_ENDPOINT").or_else(|| setting("ENDPOINT"));
            let url = endpoint_of(&service, endpoint.as_deref().unwrap_or(ENDPOINT))?;
            return Ok(Some(Transport::Http { url, key: named("OPENLINEAGE_API_KEY") }));
        }
        match (setting("TYPE").as_deref(), setting("LOG_FILE_PATH")) {
            (Some("file"), Some(file)) => Ok(Some(Transport::File(file.into()))),
            (Some("file"), None) => Err(Error::new(Kind::Config, format!("{SETTINGS}TYPE is `file`"))
                .hint(format!("name the file in {SETTINGS}LOG_FILE_PATH"))),
            _ => Ok(None),
        }
    }

    /// Sends an event.
    ///
    /// # Errors
    /// A service that can't be reached or refuses it, a file that can't be written.
    pub async fn send(&self, event: &Value) -> Result<()> {
        match self {
            Transport::Http { url, key } => post(url, key.as_deref(), event).await,
            Transport::File(file) => {
                let cant = || format!("can't write {}", file.display());
                let open = OpenOptions::new().create(true).append(true).open(file);
                open.and_then(|mut open| open.write_all(format!("{event}\n").as_bytes())).context(Kind::Output, cant)
            }
        }
    }
}

/// Where a service takes events. What a user writes after its host stays.
fn endpoint_of(service: &str, endpoint: &str) -> Result<Url> {
    let text = format!("{}/{}", service.trim_end_matches('/'), endpoint.trim_start_matches('/'));
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(Error::new(Kind::Config, "OPENLINEAGE_URL is no URL of a service")
            .hint("write one such as http://marquez.example.com:5000")),
    }
}

async fn post(url: &Url, key: Option<&str>, event: &Value) -> Result<()> {
    // A URL may hold a password.
    let host = url.host_str().unwrap_or_default();
    let failed = |cause: reqwest::Error| {
        Error::new(Kind::Storage, format!("{host} doesn't take it")).detail(cause.without_url().to_string())
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(failed)?;
    let mut request = client.post(url.clone()).header("content-type", "application/json").body(event.to_string());
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    request.send().await.and_then(reqwest::Response::error_for_status).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> String {
        let environment =
            |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        match Transport::of(&environment) {
            Ok(None) => "nowhere".to_owned(),
            Ok(Some(Transport::Http { url, key })) => format!("{url} {}", key.unwrap_or_default()),
            Ok(Some(Transport::File(file))) => file.display().to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_standard_variables_say_where_events_go() {
        let url = ("OPENLINEAGE_URL", "http://sink:5000/");
        assert_eq!(told(&[]), "nowhere");
        assert_eq!(told(&[url]), "http://sink:5000/api/v1/lineage ");
        assert_eq!(told(&[url, ("OPENLINEAGE_DISABLED", "True")]), "nowhere");
        let more = [url, ("OPENLINEAGE_ENDPOINT", "/events"), ("OPENLINEAGE_API_KEY", "k")];
        assert_eq!(told(&more), "http://sink:5000/events k");
        let (kind, file) =
            (("OPENLINEAGE__TRANSPORT__TYPE", "file"), ("OPENLINEAGE__TRANSPORT__LOG_FILE_PATH", "/a.log"));
        assert_eq!(told(&[kind, file]), "/a.log");
        assert!(told(&[kind]).starts_with("OPENLINEAGE__TRANSPORT__TYPE is `file`\n"));
        assert!(told(&[("OPENLINEAGE_URL", "marquez")]).starts_with("OPENLINEAGE_URL is no URL of a service\n"));
    }
}
