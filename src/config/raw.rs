//! A pipeline as it is written in YAML. The doc comments and examples are the manual: they become
//! the JSON Schema, and the messages about values of the wrong shape.
//!
//! Every field is optional here, so that what is right can be compiled while what is wrong is told.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::json;

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
    /// Which scopes are published. Default: both.
    #[schemars(example = ["chain", "branch"])]
    pub scopes: Option<Vec<RawScope>>,
    /// Options of object stores, named as in the crate object_store. Empty values count as absent.
    #[schemars(example = json!({"s3": {"region": "us-east-1"}}))]
    pub storage: Option<RawStorage>,
    /// Inputs, per entity.
    #[schemars(required, example = json!({"orders": {"location": "s3://exports/orders/", "format": "csv"}}))]
    pub sources: Option<RawSources>,
    /// What counts, how it is scored, and the life stages.
    #[schemars(example = json!({"window_days": 365}))]
    pub policy: Option<RawPolicy>,
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

/// Inputs: per entity one source, or a list of them. A missing entity switches off what needs it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSources {
    /// Order lines: order_id, customer_id, branch_id, paid_at, amount, and optional ones.
    #[schemars(required, example = json!({"location": "s3://exports/orders/", "format": "csv"}))]
    pub orders: Option<OneOrMany<RawSource>>,
    /// Visits: visit_id, customer_id, branch_id, visited_at, and optional ones.
    #[schemars(example = json!({"location": "s3://exports/visits.parquet"}))]
    pub visits: Option<OneOrMany<RawSource>>,
    /// Leads, people who showed interest: customer_id, created_at, and optional ones.
    #[schemars(example = json!({"location": "s3://exports/leads.csv"}))]
    pub leads: Option<OneOrMany<RawSource>>,
    /// Branches: branch_id, and optional name, region, opened_on, timezone.
    #[schemars(example = json!({"location": "branches.csv"}))]
    pub branches: Option<OneOrMany<RawSource>>,
    /// Items, what is sold: item_id, and optional name, department, category, list_price.
    #[schemars(example = json!({"location": "items.csv"}))]
    pub items: Option<OneOrMany<RawSource>>,
}

/// One value, or a list of them.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Any number.
    Many(Vec<T>),
}

/// One input of an entity.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// An object; a prefix, which ends with a slash; or a pattern: `*` and `?` within a segment,
    /// `**` across segments, `[…]` for a choice of characters. A URL (s3, gs, az, http, https, file)
    /// or a path, relative to the folder of this file. Keys in s3, gs and az are taken as written;
    /// percent-encoding is undone in http, https and file URLs. A web server is asked for single objects only.
    #[schemars(required, example = "s3://exports/taipei/orders/")]
    pub location: Option<String>,
    /// File format. Default: by the location's extension (.csv, .tsv, .ndjson, .jsonl, .parquet, also
    /// before .gz or .zst).
    #[schemars(example = &"csv")]
    pub format: Option<RawFormat>,
    /// Compression of CSV and NDJSON. Default: auto.
    #[schemars(example = &"auto")]
    pub compression: Option<RawCompression>,
    /// How CSV is written.
    #[schemars(example = json!({"delimiter": ";", "encoding": "big5"}))]
    pub csv: Option<RawCsv>,
    /// IANA time zone of times without an offset. Default: the branch's zone.
    #[schemars(example = "Asia/Taipei")]
    pub timezone: Option<String>,
    /// Name in the source (or number, from 1, in CSV without a header) per canonical column. Columns
    /// that are left out are looked up by their canonical name.
    #[schemars(example = json!({"order_id": "訂單編號", "amount": "金額"}))]
    pub columns: Option<BTreeMap<String, Text>>,
    /// How dates and times are written, one or several forms per canonical column, in the notation of
    /// strftime. Default: the usual forms, such as 2026-11-21 and 2026-11-21T09:30:00Z.
    #[schemars(example = json!({"paid_at": "%Y/%m/%d %H:%M"}))]
    pub formats: Option<BTreeMap<String, OneOrMany<String>>>,
    /// Canonical value per value in the source, per canonical column.
    #[schemars(example = json!({"status": {"已付款": "paid"}}))]
    pub values: Option<BTreeMap<String, BTreeMap<String, Text>>>,
    /// The same value for every row, per canonical column.
    #[schemars(example = json!({"branch_id": "TPE01"}))]
    pub constants: Option<BTreeMap<String, Text>>,
}

/// File format of a source.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFormat {
    /// Delimited text.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

/// Compression of a text source.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCompression {
    /// By each object's extension: .gz, .zst, else none.
    Auto,
    /// None, whatever the extension says.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// How CSV is written.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawCsv {
    /// Field separator, one ASCII character. Default: a comma; a tab for .tsv.
    #[schemars(example = ";")]
    pub delimiter: Option<String>,
    /// Quote, one ASCII character. Default: a double quote.
    #[schemars(example = "'")]
    pub quote: Option<String>,
    /// Whether the first record holds the names. Default: true.
    #[schemars(example = true)]
    pub header: Option<bool>,
    /// Encoding, such as utf-8, big5, gb18030. Default: utf-8.
    #[schemars(example = &"big5")]
    pub encoding: Option<String>,
}

/// What counts, how it is scored, and the life stages.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// Days that frequency and monetary look back, the as-of day included. Default: 365.
    #[schemars(range(min = 1, max = 36500), example = 365)]
    pub window_days: Option<u32>,
    /// Which events make a consumption day. Default: all but consultation.
    #[schemars(example = ["order", "treatment"])]
    pub consumption: Option<Vec<RawEvent>>,
    /// What frequency counts. Default: days.
    #[schemars(example = &"days")]
    pub frequency: Option<RawFrequency>,
    /// How each metric becomes a score from 1 to 5, of which 5 is best. Default: quintile.
    #[schemars(example = json!({"recency": "quintile", "monetary": "injection"}))]
    pub scoring: Option<RawScoring>,
    /// Which names the segments bear; textbooks swap 保持 and 挽留. Default: articles.
    #[schemars(example = &"articles")]
    pub segment_names: Option<RawSegmentNames>,
    /// The ladder of life stages.
    #[schemars(example = json!({"dead": {"recency_days": 180}}))]
    pub lifecycle: Option<RawLifecycle>,
    /// VIP tiers, if the chain has any.
    #[schemars(example = json!({"metric": "monetary", "tiers": [{"name": "gold", "from": 150000}]}))]
    pub vip: Option<RawVip>,
}

/// What can make a consumption day.
#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RawEvent {
    /// A paid order.
    Order,
    /// An attended treatment.
    Treatment,
    /// An attended package session.
    PackageSession,
    /// An on-site review (複查).
    Review,
    /// A consultation.
    Consultation,
}

/// What frequency counts.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFrequency {
    /// Consumption days.
    Days,
    /// Paid orders.
    Orders,
    /// Paid order lines.
    Lines,
}

/// How each metric becomes a score.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawScoring {
    /// Of recency, in days: less is better.
    #[schemars(example = &"quintile")]
    pub recency: Option<RawMethod>,
    /// Of frequency: more is better.
    #[schemars(example = &"quintile")]
    pub frequency: Option<RawMethod>,
    /// Of monetary, in the pipeline's currency: more is better.
    #[schemars(example = &"quintile")]
    pub monetary: Option<RawMethod>,
}

/// How a metric becomes a score.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawMethod {
    /// A method by name.
    Named(RawNamedMethod),
    /// Own thresholds.
    Own(RawThresholds),
}

/// A method that needs no numbers.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawNamedMethod {
    /// By the share of strictly worse customers in the scope group.
    Quintile,
    /// The thresholds of the articles' injection department, for recency and monetary.
    Injection,
}

/// Own thresholds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThresholds {
    /// An interval per score: `<= 30`, `(30, 35]`, `> 50` or a single value. Round brackets leave the
    /// edge out, square ones take it in. Every value must belong to exactly one score.
    #[schemars(
        required,
        example = json!({"1": "> 50", "2": "(40, 50]", "3": "(35, 40]", "4": "(30, 35]", "5": "<= 30"})
    )]
    pub thresholds: Option<RawIntervals>,
}

/// An interval per score.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIntervals {
    /// Of score 1, the worst.
    #[serde(rename = "1")]
    #[schemars(required, example = "> 50")]
    pub one: Option<Text>,
    /// Of score 2.
    #[serde(rename = "2")]
    #[schemars(required, example = "(40, 50]")]
    pub two: Option<Text>,
    /// Of score 3.
    #[serde(rename = "3")]
    #[schemars(required, example = "(35, 40]")]
    pub three: Option<Text>,
    /// Of score 4.
    #[serde(rename = "4")]
    #[schemars(required, example = "(30, 35]")]
    pub four: Option<Text>,
    /// Of score 5, the best.
    #[serde(rename = "5")]
    #[schemars(required, example = "<= 30")]
    pub five: Option<Text>,
}

/// Which names the eight segments bear.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSegmentNames {
    /// As in the source articles.
    Articles,
    /// As in textbooks.
    Textbook,
}

/// The ladder of life stages. The first rule that matches decides, in this order: dead, dormant,
/// loyal, active, effective, new, else silent.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawLifecycle {
    /// Days after payment at which a package's remaining sessions expire. Default: 365.
    #[schemars(range(min = 1, max = 36500), example = 365)]
    pub package_valid_days: Option<u32>,
    /// Dead: has not come for long.
    #[schemars(example = json!({"recency_days": 180, "beyond_recall_days": 360}))]
    pub dead: Option<RawDead>,
    /// Dormant: no sessions left, and idle.
    #[schemars(example = json!({"idle_days": 90}))]
    pub dormant: Option<RawDormant>,
    /// Loyal. Default: R < 180 and 5 days in 180.
    #[schemars(example = json!({"recency_days": 180, "window_days": 180, "frequency": 5}))]
    pub loyal: Option<RawRule>,
    /// Active. Default: R < 120 and 3 days in 120.
    #[schemars(example = json!({"recency_days": 120, "window_days": 120, "frequency": 3}))]
    pub active: Option<RawRule>,
    /// Effective. Default: R < 90 and 2 days in 90.
    #[schemars(example = json!({"recency_days": 90, "window_days": 90, "frequency": 2}))]
    pub effective: Option<RawRule>,
    /// New: one consumption day ever, and recent.
    #[schemars(example = json!({"recency_days": 30}))]
    pub new: Option<RawNew>,
    /// Other numbers for single departments; what is left out comes from above.
    #[schemars(example = json!({"injection": {"new": {"recency_days": 45}}}))]
    pub departments: Option<BTreeMap<String, RawLadder>>,
}

/// A department's own numbers.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawLadder {
    /// Dead: has not come for long.
    #[schemars(example = json!({"recency_days": 180, "beyond_recall_days": 360}))]
    pub dead: Option<RawDead>,
    /// Dormant: no sessions left, and idle.
    #[schemars(example = json!({"idle_days": 90}))]
    pub dormant: Option<RawDormant>,
    /// Loyal.
    #[schemars(example = json!({"recency_days": 180, "window_days": 180, "frequency": 5}))]
    pub loyal: Option<RawRule>,
    /// Active.
    #[schemars(example = json!({"recency_days": 120, "window_days": 120, "frequency": 3}))]
    pub active: Option<RawRule>,
    /// Effective.
    #[schemars(example = json!({"recency_days": 90, "window_days": 90, "frequency": 2}))]
    pub effective: Option<RawRule>,
    /// New: one consumption day ever, and recent.
    #[schemars(example = json!({"recency_days": 30}))]
    pub new: Option<RawNew>,
}

/// Dead: has not come for long.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawDead {
    /// Dead from this many days without consumption. Default: 180.
    #[schemars(range(min = 1, max = 36500), example = 180)]
    pub recency_days: Option<u32>,
    /// Beyond recall from this many days without consumption. Default: 360.
    #[schemars(range(min = 1, max = 36500), example = 360)]
    pub beyond_recall_days: Option<u32>,
}

/// Dormant: no sessions left, and idle.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawDormant {
    /// Dormant from this many days after the later of the last consumption and the end of the last
    /// package. Default: 90.
    #[schemars(range(min = 1, max = 36500), example = 90)]
    pub idle_days: Option<u32>,
}

/// R < `recency_days`, and `frequency` or more consumption days in the last `window_days`.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// Days since the last consumption, fewer than this.
    #[schemars(range(min = 1, max = 36500), example = 120)]
    pub recency_days: Option<u32>,
    /// Days that the count looks back, the as-of day included.
    #[schemars(range(min = 1, max = 36500), example = 120)]
    pub window_days: Option<u32>,
    /// Consumption days needed.
    #[schemars(range(min = 1, max = 36500), example = 3)]
    pub frequency: Option<u32>,
}

/// New: one consumption day ever, and recent.
#[derive(Clone, Copy, Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawNew {
    /// Days since that day, at most. Default: 30.
    #[schemars(range(min = 0, max = 36500), example = 30)]
    pub recency_days: Option<u32>,
}

/// VIP tiers on one metric.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVip {
    /// What decides. Default: monetary.
    #[schemars(example = &"monetary")]
    pub metric: Option<RawVipMetric>,
    /// Tiers, from the lowest to the highest.
    #[schemars(required, example = json!([{"name": "silver", "from": 50000}, {"name": "gold", "from": 150000}]))]
    pub tiers: Option<Vec<RawTier>>,
}

/// What decides a VIP tier.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawVipMetric {
    /// Net paid amount in the window.
    Monetary,
    /// Net paid amount ever.
    LifetimeMonetary,
    /// Frequency in the window.
    Frequency,
}

/// A VIP tier.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTier {
    /// Name, as published.
    #[schemars(required, example = &"gold")]
    pub name: Option<Text>,
    /// Least value, in the pipeline's currency, or the count for frequency.
    #[schemars(required, example = 150000)]
    pub from: Option<Text>,
}

/// Where and how tables are published.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPublish {
    /// A prefix, to which `<table>/dt=<as_of>/part-0.parquet` is added: a URL (s3, gs, az, file) or a
    /// path, relative to the folder of this file.
    #[schemars(required, example = "s3://warehouse/rfm/")]
    pub location: Option<String>,
    /// Days for which snapshots inside a closed period are kept. Default: 45.
    #[schemars(range(min = 1, max = 36500), example = 45)]
    pub keep_daily: Option<u32>,
}

/// What a run may use.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RawLimits {
    /// Memory for queries; beyond it they spill to disk. Default: half of the machine's.
    #[schemars(example = &"6GiB")]
    pub memory: Option<Text>,
    /// Partitions of a query. Default: the number of cores.
    #[schemars(range(min = 1, max = 1024), example = 4)]
    pub target_partitions: Option<u32>,
    /// Where intermediate tables and spills go. Default: the system's temporary directory.
    #[schemars(example = "/var/tmp")]
    pub work_dir: Option<String>,
    /// Share of an entity's rows that may be rejected before the run fails. Default: 0.05.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.05)]
    pub max_rejected_share: Option<f64>,
}

/// Text that needs no quotes, whatever it looks like: `001` stays `001`.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Text(pub String);

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}
