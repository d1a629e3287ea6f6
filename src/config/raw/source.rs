//! Inputs, as written in YAML.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::value::{OneOrMany, Text};

/// Inputs: per entity one source, or a list of them. A missing entity switches off what needs it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSources {
    /// Order lines: customer_id, branch_id, paid_at, amount, and optional ones. Without order_id each is an order.
    #[schemars(required, example = json!({"location": "s3://exports/orders/", "format": "csv"}))]
    pub orders: Option<OneOrMany<RawSource>>,
    /// Visits: visit_id, customer_id, branch_id, visited_at, and optional ones. order_branch_id is the branch that sold
    /// the order, where it isn't the visit's.
    #[schemars(example = json!({"location": "s3://exports/visits.parquet"}))]
    pub visits: Option<OneOrMany<RawSource>>,
    /// Leads, people who showed interest: customer_id, created_at, and optional ones.
    #[schemars(example = json!({"location": "s3://exports/leads.csv"}))]
    pub leads: Option<OneOrMany<RawSource>>,
    /// Contacts, calls and messages to customers: contact_id, customer_id, contacted_at, and optional ones.
    #[schemars(example = json!({"location": "s3://exports/contacts/"}))]
    pub contacts: Option<OneOrMany<RawSource>>,
    /// What was spent on winning customers: spent_on, amount, and optional branch_id, channel, campaign_id. Rows have no
    /// number: each counts.
    #[schemars(example = json!({"location": "s3://exports/spend.csv"}))]
    pub spend: Option<OneOrMany<RawSource>>,
    /// Branches: branch_id, and optional name, region, opened_on, timezone.
    #[schemars(example = json!({"location": "branches.csv"}))]
    pub branches: Option<OneOrMany<RawSource>>,
    /// Customers' numbers at the branches: branch_id, local_id, customer_id (the chain's), and optional updated_at. Only
    /// with `customer_ids: {unique_in: branch}`.
    #[schemars(example = json!({"location": "customers.csv"}))]
    pub customers: Option<OneOrMany<RawSource>>,
    /// Items, what is sold: item_id, and optional name, department, category, list_price.
    #[schemars(example = json!({"location": "items.csv"}))]
    pub items: Option<OneOrMany<RawSource>>,
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
    /// Name in the source (or number, from 1, in CSV without a header) per canonical column, or a SQL expression
    /// over the source's columns. Columns that are left out are looked up by their canonical name.
    #[schemars(example = json!({"order_id": "訂單編號", "amount": {"sql": "quantity * unit_price"}}))]
    pub columns: Option<BTreeMap<String, RawColumn>>,
    /// How dates and times are written, one or several forms per canonical column, in the notation of
    /// strftime. %Ey is the year of the Republic of China (民國): 115 is 2026; with no separator behind it,
    /// as in %Ey%m%d, it has two or three digits. Default: the usual forms, such as 2026-11-21 and
    /// 2026-11-21T09:30:00Z, with the year first.
    #[schemars(example = json!({"paid_at": "%Y/%m/%d %H:%M"}))]
    pub formats: Option<BTreeMap<String, OneOrMany<String>>>,
    /// Canonical value per value in the source, per canonical column; of an expression, per value that it gives.
    /// "" is no value, on both sides. Columns of days, points in time and numbers can be mapped to no value only.
    #[schemars(example = json!({"status": {"已付款": "paid"}}))]
    pub values: Option<BTreeMap<String, BTreeMap<String, Text>>>,
    /// The same value for every row, per canonical column.
    #[schemars(example = json!({"branch_id": "TPE01"}))]
    pub constants: Option<BTreeMap<String, Text>>,
}

/// Where a canonical column's values come from.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum RawColumn {
    /// A column, by its name in the source.
    Name(Text),
    /// Others of its row.
    Expression(RawExpression),
}

/// A SQL expression over the source's columns of a row. Texts are trimmed, and null where empty; where numbers are
/// wanted, they are read as exact decimals, such as 1,234.50. Other rows, and what isn't the same each time, are
/// out of reach. What it gives is then read as any column is, by its value mapping, date formats and type.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExpression {
    /// The expression. Names that are no words stand in double quotes: "單價" needs none, "unit price" does.
    #[schemars(required, example = "quantity * unit_price")]
    pub sql: Option<String>,
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
