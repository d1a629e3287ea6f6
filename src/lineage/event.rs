//! An event: which run of which job is in what state, and its datasets.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::config::Pipeline;
use crate::run::Snapshot;
use crate::{Context, Error, Kind, Result};

/// Who tells of it, and which version.
pub(super) const PRODUCER: &str = concat!("urn:rfmart:", env!("CARGO_PKG_VERSION"));

/// The event's form.
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// The state that a run goes into.
pub enum State {
    /// It begins.
    Start,
    /// It has published its snapshot, or found it published.
    Complete,
    /// It has failed, with this message.
    Fail(String),
}

impl State {
    /// As events write it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Start => "START",
            State::Complete => "COMPLETE",
            State::Fail(_) => "FAIL",
        }
    }
}

/// A run of a job: what all its events have in common.
pub struct Job {
    namespace: String,
    name: String,
    run_id: String,
    nominal: Value,
    parent: Option<Value>,
}

impl Job {
    /// A new run of `pipeline` for `snapshot`.
    ///
    /// # Errors
    /// A parent that the environment names otherwise than as `namespace/job/run`; a system without random bytes.
    pub fn of(pipeline: &Pipeline, snapshot: Snapshot, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let namespace = environment("OPENLINEAGE_NAMESPACE").unwrap_or_else(|| "default".to_owned());
        let parent = environment("OPENLINEAGE_PARENT_ID").map(|parent| parent_facet(&parent)).transpose()?;
        let nominal = nominal_time(snapshot.as_of, pipeline.timezone);
        Ok(Job { namespace, name: pipeline.name.clone(), run_id: new_run_id(Utc::now())?, nominal, parent })
    }

    /// The event of a state, as JSON.
    pub fn event(&self, state: &State, at: DateTime<Utc>, inputs: &[Value], outputs: &[Value]) -> Value {
        let mut facets = serde_json::Map::new();
        facets.insert("nominalTime".to_owned(), self.nominal.clone());
        facets.extend(self.parent.clone().map(|parent| ("parent".to_owned(), parent)));
        if let State::Fail(message) = state {
            let told = json!({"message": message, "programmingLanguage": "Rust"});
            facets.insert("errorMessage".to_owned(), facet("1-0-1/ErrorMessageRunFacet", told));
        }
        let kind = json!({"processingType": "BATCH", "integration": "RFMART", "jobType": "JOB"});
        json!({
            "eventType": state.name(),
            "eventTime": at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "run": {"runId": self.run_id, "facets": facets},
            "job": {
                "namespace": self.namespace,
                "name": self.name,
                "facets": {"jobType": facet("2-0-3/JobTypeJobFacet", kind)},
            },
            "inputs": inputs,
            "outputs": outputs,
            "producer": PRODUCER,
            "schemaURL": SCHEMA,
        })
    }
}

/// A facet of the form that `schema` names, such as `1-0-1/ErrorMessageRunFacet`.
pub(super) fn facet(schema: &str, fields: Value) -> Value {
    let name = schema.rsplit('/').next().unwrap_or_default();
    let mut facet = json!({
        "_producer": PRODUCER,
        "_schemaURL": format!("https://openlineage.io/spec/facets/{schema}.json#/$defs/{name}"),
    });
    if let (Value::Object(facet), Value::Object(fields)) = (&mut facet, fields) {
        facet.extend(fields);
    }
    facet
}

/// The day that the snapshot describes, from its first moment to the next day's in the pipeline's zone.
fn nominal_time(as_of: NaiveDate, zone: Tz) -> Value {
    let begins = |day: NaiveDate| {
        let begins = day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest();
        begins.map(|begins| begins.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let end = as_of.checked_add_days(Days::new(1)).and_then(begins);
    facet("1-0-1/NominalTimeRunFacet", json!({"nominalStartTime": begins(as_of), "nominalEndTime": end}))
}

/// The run that started this one, as schedulers tell it.
fn parent_facet(parent: &str) -> Result<Value> {
    let wrong = || {
        Error::new(Kind::Config, format!("OPENLINEAGE_PARENT_ID is `{parent}`"))
            .hint("write namespace/job/run, the run as a UUID")
    };
    let (job, run_id) = parent.rsplit_once('/').ok_or_else(wrong)?;
    let (namespace, name) = job.rsplit_once('/').ok_or_else(wrong)?;
    let told = json!({"run": {"runId": run_id}, "job": {"namespace": namespace, "name": name}});
    Ok(facet("1-1-0/ParentRunFacet", told))
}

/// A UUID of version 7 (RFC 9562), which sorts by time.
fn new_run_id(now: DateTime<Utc>) -> Result<String> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).context(Kind::Bug, || "the system gives no random bytes".to_owned())?;
    let random = u128::from_be_bytes(bytes);
    let millis = u128::try_from(now.timestamp_millis()).unwrap_or_default() & 0xffff_ffff_ffff;
    let id = millis << 80 | 0x7 << 76 | (random & (0xfff << 64)) | 0b10 << 62 | (random & 0x3fff_ffff_ffff_ffff);
    let hex = format!("{id:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default().to_owned());
    Ok(parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_is_a_uuid_of_version_7_that_tells_the_time() {
        let id = new_run_id("2026-11-21T18:30:00Z".parse().expect("a time")).expect("an id");
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!((parts[0], parts[1]), ("01a1ff5f", "5440"), "{id}");
        assert!(parts[2].starts_with('7') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert_ne!(id, new_run_id("2026-11-21T18:30:00Z".parse().expect("a time")).expect("an id"));
    }

    #[test]
    fn a_day_lasts_from_midnight_to_midnight_of_the_pipelines_zone() {
        let told = |day: &str, zone| {
            let facet = nominal_time(day.parse().expect("a date"), zone);
            (facet["nominalStartTime"].clone(), facet["nominalEndTime"].clone())
        };
        let taipei = (json!("2026-10-30T16:00:00Z"), json!("2026-10-31T16:00:00Z"));
        assert_eq!(told("2026-10-31", Tz::Asia__Taipei), taipei);
        let hour_more = (json!("2026-10-24T23:00:00Z"), json!("2026-10-26T00:00:00Z"));
        assert_eq!(told("2026-10-25", Tz::Europe__London), hour_more);
    }

    #[test]
    fn a_parent_is_told_by_namespace_job_and_run() {
        let parent = parent_facet("airflow/night.publish/0199-a").expect("a parent");
        assert_eq!(parent["job"], json!({"namespace": "airflow", "name": "night.publish"}));
        assert_eq!(parent["run"], json!({"runId": "0199-a"}));
        assert!(parent_facet("night").is_err());
    }
}
