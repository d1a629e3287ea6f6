//! A pipeline as it is written in YAML. The doc comments and examples are the manual: they become
//! the JSON Schema, and the messages about values of the wrong shape.
//!
//! Every field is optional here, so that what is right can be compiled while what is wrong is told.

mod action;
mod action_outcome;
mod coverage;
mod ids;
mod method;
mod metric;
mod policy;
mod privacy;
mod risk;
mod source;
mod value;

pub use action::{RawAction, RawActionBranch, RawCondition, RawSpan};
pub use action_outcome::{RawActionOutcome, RawHoldOut};
pub use coverage::{RawCoverage, RawStopsAt};
pub use ids::{RawIds, RawUniqueIn};
pub use method::{RawCutPoints, RawIntervals, RawMethod, RawNamedMethod};
pub use policy::{
    RawDead, RawDormant, RawEvent, RawFrequency, RawHighFrom, RawLadder, RawNew, RawPolicy, RawPreset, RawRule,
    RawRules, RawScoring, RawSegmentNames, RawTier, RawVip, RawVipMetric,
};
pub use privacy::RawPrivacy;
pub use risk::{RawBands, RawHighValueActions, RawRisk};
pub use source::{RawColumn, RawCompression, RawCsv, RawExpression, RawFormat, RawSource, RawSources};
pub use value::{OneOrMany, Text};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// A nightly run of one chain: where its data is, what its numbers mean, where the tables go.
/// Values may hold `${NAME}` or `${NAME:-default}` from the environment; `$${` is a literal `${`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "rfmart pipeline")]
pub struct RawPipeline {
    /// Name of the pipeline: lower-case letters, digits, `-` and `_`.
    #[schemars(required, example = "aurora-clinics")]
    pub name: Option<String>,
    /// IANA time zone of branches that name none, and of the default as-of date.
    #[schemars(required, example = "Asia/Taipei")]
    pub timezone: Option<String>,
    /// ISO 4217 code of all money.
    #[schemars(required, example = &"TWD")]
    pub currency: Option<String>,
    /// Length of a reporting period. Default: month.
    #[schemars(example = &"month")]
    pub period: Option<RawPeriod>,
    /// Which scopes are published. Default: chain and branch.
    #[schemars(example = ["chain", "branch"])]
    pub scopes: Option<Vec<RawScope>>,
    /// Options of object stores, named as in the crate object_store. Empty values count as absent.
    #[schemars(example = json!({"s3": {"region": "us-east-1"}}))]
    pub storage: Option<RawStorage>,
    /// Inputs, per entity.
    #[schemars(required, example = json!({"orders": {"location": "s3://exports/orders/", "format": "csv"}}))]
    pub sources: Option<RawSources>,
    /// Within what order ids are unique. Default: a branch, for tills number alike. Write chain if one system numbers
    /// all orders: a refund at another branch then belongs to its order.
    #[schemars(example = json!({"unique_in": "chain"}))]
    pub order_ids: Option<RawIds>,
    /// Within what visit ids are unique. Default: a branch.
    #[schemars(example = json!({"unique_in": "chain"}))]
    pub visit_ids: Option<RawIds>,
    /// Within what customers' ids are unique. Default: the chain. With branch, the source customers maps each branch's
    /// numbers to the chain's ids; what it doesn't map is a customer of that branch only, published as `KHH01/17`.
    #[schemars(example = json!({"unique_in": "branch"}))]
    pub customer_ids: Option<RawIds>,
    /// What counts, how it is scored, and the life stages. It stays as written until its layers are merged.
    #[schemars(with = "Option<RawPolicy>", example = json!({"window_days": 365}))]
    pub policy: Option<Value>,
    /// How customers are named in what is published. Default: by their ids as read.
    #[schemars(example = json!({"customer_id": "hmac", "key": "${RFMART_ID_KEY}"}))]
    pub privacy: Option<RawPrivacy>,
    /// Where tables go.
    #[schemars(required, example = json!({"location": "s3://warehouse/rfm/"}))]
    pub publish: Option<RawPublish>,
    /// What a run may use.
    #[schemars(example = json!({"memory": "6GiB"}))]
    pub limits: Option<RawLimits>,
}

/// Length of a reporting period.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPeriod {
    /// A calendar day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
}

/// A scope of customer metrics.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawScope {
    /// One scope for the whole chain.
    Chain,
    /// One scope per branch.
    Branch,
    /// One scope per department.
    Department,
    /// One scope per item.
    Item,
}

/// Options per kind of object store, such as region, endpoint and credentials. Values never appear
/// in messages or logs. Credentials that are left out come from the machine's identity.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawStorage {
    /// Amazon S3 and what speaks its protocol.
    #[schemars(example = json!({"region": "us-east-1"}))]
    pub s3: Option<BTreeMap<String, Text>>,
    /// Google Cloud Storage.
    #[schemars(example = json!({"service_account": "/etc/rfmart/gcs.json"}))]
    pub gs: Option<BTreeMap<String, Text>>,
    /// Azure Blob Storage.
    #[schemars(example = json!({"account_name": "clinics"}))]
    pub az: Option<BTreeMap<String, Text>>,
    /// Web servers, http and https.
    #[schemars(example = json!({"timeout": "30s"}))]
    pub http: Option<BTreeMap<String, Text>>,
}

/// Where and how tables are published.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPublish {
    /// A prefix, to which `<table>/dt=<as_of>/part-….parquet` is added: a URL (s3, gs, az, file) or a
    /// path, relative to the folder of this file.
    #[schemars(required, example = "s3://warehouse/rfm/")]
    pub location: Option<String>,
    /// Which tables are published; the tables that these are made from are, too. Default: all.
    #[schemars(example = json!(["fct_customer_rfm", "fct_lifecycle_snapshot"]))]
    pub tables: Option<Vec<String>>,
    /// Whether each table has a Delta Lake log, `_delta_log` in its folder, by which readers see it whole at any time.
    /// Default: false.
    #[schemars(example = true)]
    pub delta: Option<bool>,
    /// Whether each snapshot gets the page that `rfmart report` writes, too, in `_rfmart/report/`. Default: false.
    #[schemars(example = true)]
    pub report: Option<bool>,
    /// What a night does about closing snapshots whose rows have changed since: exports that came late. Default: report.
    #[schemars(example = &"report")]
    pub late_data: Option<RawLateData>,
    /// Days for which snapshots are kept that close no period; closing ones are kept for ever. Default: for ever.
    #[schemars(range(min = 1, max = 36500), example = 90)]
    pub keep_daily: Option<u32>,
}

/// What a night does about closing snapshots whose rows have changed since.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLateData {
    /// It warns of them, every night until somebody restates them.
    Report,
    /// It publishes them anew, after its own day.
    Restate,
}

/// What a run does when exports of a branch are gone, can't be read, or have lost rows.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawBranchFailure {
    /// It publishes nothing.
    Fail,
    /// It uses the rows that it last read of them, and warns; it needs a `state_dir`.
    Hold,
}

/// What a run may use.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawLimits {
    /// Memory for queries; beyond it they spill to disk. Default: half of the machine's.
    #[schemars(example = &"6GiB")]
    pub memory: Option<Text>,
    /// Partitions of a query. Default: the number of cores. Fewer are made where that leaves less than 32 MiB of memory
    /// for each, or more than eight to a core (on one core, sixteen).
    #[schemars(range(min = 1, max = 1024), example = 4)]
    pub target_partitions: Option<u32>,
    /// Models that are built side by side, within the same memory. Default: 2, or 1 with a single partition.
    #[schemars(range(min = 1, max = 64), example = 2)]
    pub models_at_once: Option<u32>,
    /// Where intermediate tables and spills go. Default: the system's temporary directory.
    #[schemars(example = "/var/tmp")]
    pub work_dir: Option<String>,
    /// A folder of this machine where rows stay as they were read, so that the next run reads new and changed objects
    /// only. Default: nothing stays.
    #[schemars(example = "/var/lib/rfmart")]
    pub state_dir: Option<String>,
    /// What a run does when exports of a branch are gone, can't be read, or have lost rows. Default: fail.
    #[schemars(example = &"hold")]
    pub on_branch_failure: Option<RawBranchFailure>,
    /// How long a run may take before it is stopped. Default: as long as it likes.
    #[schemars(example = &"3h")]
    pub deadline: Option<Text>,
    /// Share of an entity's rows that may be rejected before the run fails. Default: 0.05.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.05)]
    pub max_rejected_share: Option<f64>,
    /// Share of an entity's rows that may come again, under the same key, with another branch, customer or day before the
    /// run fails. Default: 0.01.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.01)]
    pub max_conflicting_share: Option<f64>,
}
