//! The command line.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use rfmart::Kind;

/// Nightly ETL for chains of medical-aesthetics clinics: R/F/M, value segments and life stages from
/// visits, orders and leads, as Parquet tables that BI tools read.
#[derive(Debug, Parser)]
#[command(version, after_help = exit_codes())]
pub struct Cli {
    /// How logs on stderr are written.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

fn exit_codes() -> String {
    let mut text = "Exit codes:\n   0  published, or up to date already\n".to_owned();
    for kind in Kind::ALL {
        let again = if kind.is_retried() { ": retry later" } else { "" };
        let _ = writeln!(text, "  {}  {}{again}", kind.exit_code(), kind.meaning());
    }
    text + "\nLogs follow RUST_LOG, such as RUST_LOG=rfmart=info. NO_COLOR is honoured."
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first pipeline file for your own exports, guessed from their headers and first rows.
    Init(Init),
    /// Read the sources and publish the snapshot of a day.
    Run(Run),
    /// Publish the snapshots of a span of days, those that are missing. Goes on where it was stopped.
    Backfill(Backfill),
    /// Tell what a run would read and do, and write nothing.
    Plan(Plan),
    /// Check a pipeline file and the models beside it; reads no data.
    Validate(PipelineFile),
    /// Print the models in the order in which they run, with what each reads and whose file it is.
    Compile(Compile),
    /// Print the data dictionary and the lineage of the tables.
    Docs(Docs),
    /// Print the metrics that the tables define, as a list or as semantic models of MetricFlow for dbt.
    Metrics(Metrics),
    /// Run the cases of the models: given rows, and the tables that must come of them. Exits with 65 if one fails.
    Test(Test),
    /// List what has been published.
    Runs(Runs),
    /// Tell in a line whether the last night is published. Exits with 65 if it isn't.
    Status(Status),
    /// Tell how two published snapshots differ: who moved between stages and segments, and what money there is.
    Diff(Diff),
    /// Hold every published file against its commit. Exits with 65 if one isn't as it was published.
    Verify(Verify),
    /// Write the page for headquarters: one HTML file of a snapshot, to be opened in a browser.
    Report(Report),
    /// Print SQL that makes a view of each table over its files, all tables as of one commit.
    Catalog(CatalogOf),
    /// Put in order what commits tell how to: files on their way, rows of dim_snapshot, records that can't be read.
    Repair(PipelineFile),
    /// Remove files in tables' folders that no commit names.
    Gc(Gc),
    /// Generate a made-up chain and run it for several days: the quickest way to see the tables.
    Demo(Demo),
    /// Generate the data of a made-up chain, at any size, with a pipeline file for it.
    Generate(Generate),
    /// Print the JSON schema of pipeline files, for editors, or of what commands tell in JSON.
    Schema(SchemaOf),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages, one of each command.
    Man {
        /// The folder to write them to, which is made if it isn't there.
        folder: PathBuf,
    },
}

/// How an answer is told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AnswerFormat {
    /// For people.
    Text,
    /// For programs, of a form that stays: `rfmart schema` prints it.
    Json,
}

/// Arguments of `runs`.
#[derive(Args, Debug)]
pub struct Runs {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
}

/// Arguments of `schema`.
#[derive(Args, Debug)]
pub struct SchemaOf {
    /// What it is the schema of.
    #[arg(value_enum, default_value_t = SchemaSubject::Pipeline)]
    pub subject: SchemaSubject,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaSubject {
    /// A pipeline file.
    Pipeline,
    /// What `run --format json` tells.
    Run,
    /// What `plan --format json` tells.
    Plan,
    /// What `runs --format json` tells.
    Runs,
}

/// A pipeline file.
#[derive(Args, Debug)]
pub struct PipelineFile {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
}

/// A day, far enough from the calendar's ends for what is counted from it.
fn day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = text.parse().map_err(|cause: chrono::ParseError| cause.to_string())?;
    if (1900..10_000).contains(&day.year()) { Ok(day) } else { Err("no year of a clinic".to_owned()) }
}

/// A pipeline file and a day.
#[derive(Args, Debug)]
pub struct Target {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// Day whose end the snapshot describes [default: yesterday, in the pipeline's zone]. It must be over there.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// Take a day that isn't over yet, too: for made-up data.
    #[arg(long)]
    pub allow_future: bool,
}

/// Arguments of `plan`.
#[derive(Args, Debug)]
pub struct Plan {
    /// The pipeline file and the day.
    #[command(flatten)]
    pub target: Target,
    /// List every object, too, with what has become of it since the last commit.
    #[arg(long)]
    pub objects: bool,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
}

/// Arguments of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// The pipeline file and the day.
    #[command(flatten)]
    pub target: Target,
    /// Publish although nobody is known, or no row is used of an entity that had some in the snapshot before, or a
    /// branch has lost a tenth of its rows since, or has amounts of another size.
    #[arg(long)]
    pub allow_empty: bool,
    /// Publish a day anew that is published, if its inputs or rules have changed since and a table comes out otherwise.
    #[arg(long, requires = "reason")]
    pub restate: bool,
    /// Why it is restated; stays in the commit.
    #[arg(long, value_name = "TEXT", requires = "restate", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// How it is told what was done.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
}

/// Arguments of `backfill`.
#[derive(Args, Debug)]
pub struct Backfill {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// First day.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub from: NaiveDate,
    /// Last day. It must be over in the pipeline's zone.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub to: NaiveDate,
    /// Only days on which a period ends.
    #[arg(long)]
    pub period_ends: bool,
    /// Publish days anew that would come out otherwise now.
    #[arg(long, requires = "reason")]
    pub restate: bool,
    /// Why they are restated; stays in the commits.
    #[arg(long, value_name = "TEXT", requires = "restate", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// Take days that aren't over yet, too: for made-up data.
    #[arg(long)]
    pub allow_future: bool,
}

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Exports, each a file, a folder (ends with /), a pattern in quotes, or a URL: CSV, NDJSON or Parquet. What
    /// one holds is guessed; ENTITY=SOURCE says it, such as orders=sales.csv.
    #[arg(required = true, value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// The pipeline file to write.
    #[arg(long, value_name = "FILE", default_value = "pipeline.yaml")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
    /// IANA time zone of the branches' clocks, such as Asia/Taipei.
    #[arg(long)]
    pub timezone: Option<chrono_tz::Tz>,
    /// ISO 4217 code of all money, such as TWD.
    #[arg(long, value_parser = currency)]
    pub currency: Option<String>,
}

fn currency(text: &str) -> Result<String, String> {
    match text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text.to_owned()),
        false => Err("write an ISO 4217 code, three capital letters, such as TWD".to_owned()),
    }
}

/// Arguments of `compile`.
#[derive(Args, Debug)]
pub struct Compile {
    /// The pipeline's YAML file, for its own models beside those that ship.
    pub pipeline: Option<PathBuf>,
    /// Print the SQL of this model or check only.
    #[arg(long)]
    pub model: Option<String>,
}

/// Arguments of `docs`.
#[derive(Args, Debug)]
pub struct Docs {
    /// The pipeline's YAML file, for its own models beside those that ship.
    pub pipeline: Option<PathBuf>,
    /// How the dictionary is written.
    #[arg(long, value_enum, default_value_t = DocsFormat::Markdown)]
    pub format: DocsFormat,
}

/// Arguments of `metrics`.
#[derive(Args, Debug)]
pub struct Metrics {
    /// The pipeline's YAML file, for its own models beside those that ship.
    pub pipeline: Option<PathBuf>,
    /// How metrics are told.
    #[arg(long, value_enum, default_value_t = MetricsFormat::Text)]
    pub format: MetricsFormat,
}

/// How metrics are told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MetricsFormat {
    /// For people.
    Text,
    /// Semantic models of MetricFlow in YAML, for the models of a dbt project.
    Metricflow,
}

/// Arguments of `test`.
#[derive(Args, Debug)]
pub struct Test {
    /// The pipeline's YAML file, for the models and cases in `sql/` beside it, laid over those that ship. Of the file
    /// itself nothing is read.
    pub pipeline: Option<PathBuf>,
    /// A folder of models and cases in place of those that ship, such as `sql` in rfmart's repository.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
    /// Run only cases whose name, or whose file's name, holds this.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

/// How the data dictionary is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DocsFormat {
    /// For people; the lineage is a Mermaid graph.
    Markdown,
    /// For data catalogs.
    Json,
    /// For a browser: one file to be searched, in three languages, with the lineage as a picture and the policy in force.
    Html,
}

/// Arguments of `status`.
#[derive(Args, Debug)]
pub struct Status {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub format: StatusFormat,
}

/// How a status is told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StatusFormat {
    /// For people.
    Text,
    /// Metrics in the text format of Prometheus, as for its textfile collector.
    Prometheus,
}

/// Arguments of `diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// The day of the one snapshot.
    #[arg(value_name = "YYYY-MM-DD", value_parser = day)]
    pub before: NaiveDate,
    /// The day of the other.
    #[arg(value_name = "YYYY-MM-DD", value_parser = day)]
    pub after: NaiveDate,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
}

/// How a difference is told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DiffFormat {
    /// For people: of each branch what moved most.
    Text,
    /// All of it.
    Json,
}

/// Arguments of `verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// Look at sizes only; read no file.
    #[arg(long)]
    pub quick: bool,
}

/// Arguments of `report`.
#[derive(Args, Debug)]
pub struct Report {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// Day of the snapshot [default: the latest that is published].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// The file to write; one that is there is replaced [default: the pipeline's name and the day, in this folder].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `catalog`.
#[derive(Args, Debug)]
pub struct CatalogOf {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// Whose SQL it is.
    #[arg(long, value_enum, default_value_t = CatalogFormat::Duckdb)]
    pub format: CatalogFormat,
    /// The commit as of which tables are seen [default: the last one]. Files of a day that was restated since are gone.
    #[arg(long, value_name = "NUMBER")]
    pub at: Option<u64>,
}

/// Whose SQL a catalog is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CatalogFormat {
    /// DuckDB's: views, which replace those of before.
    Duckdb,
    /// DuckDB's with a new DuckLake in use: tables of the lake.
    Ducklake,
}

/// Arguments of `gc`.
#[derive(Args, Debug)]
pub struct Gc {
    /// The pipeline's YAML file.
    pub pipeline: PathBuf,
    /// Name what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// A new or empty folder for the data and the tables.
    #[arg(default_value = "rfmart-demo")]
    pub folder: PathBuf,
}

/// Arguments of `generate`.
#[derive(Args, Debug)]
pub struct Generate {
    /// A new or empty folder for the data.
    pub folder: PathBuf,
    /// Branches of the chain.
    #[arg(long, default_value_t = 12)]
    pub branches: u32,
    /// Customers and leads in all.
    #[arg(long, default_value_t = 6_000)]
    pub customers: u64,
    /// Months of history.
    #[arg(long, default_value_t = 26)]
    pub months: u32,
    /// Order lines in all, about [default: as many as the customers' stories give].
    #[arg(long)]
    pub orders: Option<u64>,
    /// The same seed gives the same data.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Last day with events [default: the demo's].
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<NaiveDate>,
    /// File format of orders, visits and leads.
    #[arg(long, value_enum, default_value_t = DataFormat::Csv)]
    pub format: DataFormat,
}

/// File format of generated data.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DataFormat {
    /// CSV in several dialects, as branches export it.
    Csv,
    /// Parquet.
    Parquet,
}
