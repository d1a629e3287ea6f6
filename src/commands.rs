//! What each command does. Every one returns the text for stdout.

use std::fmt::Write;
use std::future::Future;
use std::io::IsTerminal;
use std::path::Path;

use chrono::{Days, Months, NaiveDate, Utc};
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, Compile, DataFormat, Demo, Docs, DocsFormat, Generate, Init, PipelineFile, Target};
use rfmart::calendar::Period;
use rfmart::config::{self, Pipeline};
use rfmart::generate::{self, Format, Plan};
use rfmart::init;
use rfmart::model::{Catalog, Flaw};
use rfmart::observe::{Quiet, Stage, Terminal};
use rfmart::publish::Warehouse;
use rfmart::run::Snapshot;
use rfmart::storage::Stores;
use rfmart::{Context, Error, Kind, Result, report};

/// Publishes a snapshot.
pub fn run(target: &Target) -> Result<String> {
    let pipeline = config::load(&target.pipeline)?;
    block_on(&pipeline, run_one(&pipeline, snapshot(&pipeline, target.as_of)))
}

async fn run_one(pipeline: &Pipeline, snapshot: Snapshot) -> Result<String> {
    let stage = stage();
    let work = rfmart::run::run(pipeline, snapshot, stage.as_ref());
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = stop_signal() => Err(stopped()),
    };
    stage.end();
    Ok(report::outcome(pipeline, &outcome?))
}

/// A stop is no verdict on the data or the storage: the exit code asks for another try.
fn stopped() -> Error {
    Error::new(Kind::Contention, "stopped by a signal").hint("`rfmart runs` tells whether the snapshot was published")
}

/// Completes when the process is asked to stop; dropping the run's work then cleans up after it.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}

fn stage() -> Box<dyn Stage> {
    if std::io::stderr().is_terminal() { Box::<Terminal>::default() } else { Box::new(Quiet) }
}

/// The snapshot of `as_of`, or of yesterday in the pipeline's zone.
fn snapshot(pipeline: &Pipeline, as_of: Option<NaiveDate>) -> Snapshot {
    let yesterday = || Utc::now().with_timezone(&pipeline.timezone).date_naive() - Days::new(1);
    Snapshot::new(pipeline, as_of.unwrap_or_else(yesterday))
}

fn block_on<T>(pipeline: &Pipeline, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(pipeline.limits.target_partitions.max(1))
        .enable_all()
        .build()
        .context(Kind::Bug, || "can't start the runtime".to_owned())?
        .block_on(work)
}

/// Tells what a run would do.
pub fn plan(target: &Target) -> Result<String> {
    let pipeline = config::load(&target.pipeline)?;
    let snapshot = snapshot(&pipeline, target.as_of);
    let catalog = models(&pipeline, snapshot)?;
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    let plan = block_on(&pipeline, rfmart::run::plan(&pipeline, &catalog, &stores, &warehouse, snapshot))?;
    Ok(report::plan(&pipeline, &plan))
}

/// The models of a pipeline, once it is known that they can be built.
fn models(pipeline: &Pipeline, snapshot: Snapshot) -> Result<Catalog> {
    let catalog = Catalog::of_pipeline(pipeline)?;
    block_on(pipeline, rfmart::run::rehearse(pipeline, &catalog, snapshot))?;
    Ok(catalog)
}

/// The models of a pipeline file, or those that ship.
fn models_of(pipeline: Option<&Path>) -> Result<Catalog> {
    match pipeline {
        Some(file) => {
            let pipeline = config::load(file)?;
            models(&pipeline, snapshot(&pipeline, None))
        }
        None => Catalog::built_in(),
    }
}

/// Checks a pipeline file.
pub fn validate(file: &PipelineFile) -> Result<String> {
    let pipeline = config::load(&file.pipeline)?;
    models(&pipeline, snapshot(&pipeline, None))?;
    let sources = match pipeline.sources.len() {
        1 => "1 source".to_owned(),
        count => format!("{count} sources"),
    };
    Ok(format!("{}: valid; {sources}, publishes to {}\n", file.pipeline.display(), pipeline.publish.location))
}

/// Prints the models, or the SQL of one.
pub fn compile(compile: &Compile) -> Result<String> {
    let catalog = models_of(compile.pipeline.as_deref())?;
    let Some(name) = &compile.model else {
        let order = catalog.order().map_err(Flaw::into_error)?;
        return Ok(report::models(&catalog, &order));
    };
    let model = catalog.models.get(name).map(|model| &model.sql);
    match model.or_else(|| catalog.checks.get(name).map(|check| &check.sql)) {
        Some(sql) => Ok(sql.clone()),
        None => Err(unknown_model(&catalog, name)),
    }
}

/// Prints the data dictionary and the lineage.
pub fn docs(docs: &Docs) -> Result<String> {
    let dictionary = report::Dictionary::of(&models_of(docs.pipeline.as_deref())?);
    match docs.format {
        DocsFormat::Markdown => Ok(dictionary.markdown()),
        DocsFormat::Json => {
            let json = serde_json::to_string_pretty(&dictionary);
            Ok(json.context(Kind::Bug, || "can't print the dictionary".to_owned())? + "\n")
        }
    }
}

fn unknown_model(catalog: &Catalog, name: &str) -> Error {
    let near = catalog.models.keys().min_by_key(|known| strsim::levenshtein(known, name));
    let error = Error::new(Kind::Usage, format!("there is no model {name}"));
    match near {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    }
}

/// Lists what has been published.
pub fn runs(file: &PipelineFile) -> Result<String> {
    let pipeline = config::load(&file.pipeline)?;
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    let commits = block_on(&pipeline, async { warehouse.commits().read_all().await })?;
    Ok(report::commits(&commits))
}

/// Closed months that the demo publishes before its latest night.
const DEMO_MONTHS: u32 = 4;

/// Days by which the latest night is into the month that follows.
const DEMO_OPEN_DAYS: u64 = 15;

/// Generates a chain and runs it for its last month ends and its latest night.
pub fn demo(demo: &Demo) -> Result<String> {
    let chain = Plan::default();
    let plan = Plan { until: chain.until + Days::new(DEMO_OPEN_DAYS), ..chain };
    let written = write_chain(&plan, &demo.folder)?;
    let pipeline = config::load(&demo.folder.join("pipeline.yaml"))?;
    let latest = Snapshot::new(&pipeline, plan.until);
    let mut days: Vec<NaiveDate> = (1..=DEMO_MONTHS)
        .rev()
        .map(|months| Period::containing(pipeline.period, plan.until - Months::new(months)).end)
        .collect();
    days.push(latest.as_of);
    let mut text = written;
    for day in days {
        let summary = block_on(&pipeline, run_one(&pipeline, Snapshot::new(&pipeline, day)))?;
        if day == latest.as_of {
            let _ = write!(text, "\n{summary}");
        } else {
            let _ = writeln!(text, "Published the closing snapshot of {day}");
        }
    }
    text.push_str(&next_steps(&demo.folder));
    Ok(text)
}

/// What to look at, and with what.
fn next_steps(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "
What next
  Branches side by side, in DuckDB:
    duckdb -c \"from '{folder}/warehouse/fct_branch_comparison/*/*.parquet' where metric = 'revenue' order by as_of, branch_rank\"
  Who changed stage this month, in Python:
    import polars; polars.read_parquet('{folder}/warehouse/fct_lifecycle_transition/*/*.parquet')
  One customer table per day, for any BI tool that reads Parquet:
    {folder}/warehouse/fct_customer_rfm/
  The pipeline file, to start your own from:
    {folder}/pipeline.yaml
"
    )
}

/// Writes a first pipeline file.
pub fn init(arguments: &Init) -> Result<String> {
    let out = &arguments.out;
    let named_after = match (out.file_stem(), arguments.sources.first()) {
        (Some(stem), Some(first)) if stem == "pipeline" => Path::new(first.trim_end_matches('/')),
        _ => out.as_path(),
    };
    let request = init::Request {
        sources: arguments.sources.clone(),
        out: out.clone(),
        may_replace: arguments.force,
        name: init::name_of(named_after),
        timezone: arguments.timezone.map(|zone| zone.name().to_owned()),
        currency: arguments.currency.clone(),
        today: Utc::now().date_naive(),
    };
    let runtime = tokio::runtime::Runtime::new().context(Kind::Bug, || "can't start the runtime".to_owned())?;
    Ok(report::proposal(out, &runtime.block_on(init::init(&request))?))
}

/// Generates a chain.
pub fn generate(generate: &Generate) -> Result<String> {
    let defaults = Plan::default();
    let format = match generate.format {
        DataFormat::Csv => Format::Csv,
        DataFormat::Parquet => Format::Parquet,
    };
    let plan = Plan {
        branches: generate.branches,
        customers: generate.customers,
        months: generate.months,
        orders: generate.orders,
        seed: generate.seed,
        until: generate.until.unwrap_or(defaults.until),
        format,
        ..defaults
    };
    let written = write_chain(&plan, &generate.folder)?;
    let next = format!("Next: rfmart run {} --as-of {}\n", generate.folder.join("pipeline.yaml").display(), plan.until);
    Ok(written + &next)
}

fn write_chain(plan: &Plan, folder: &Path) -> Result<String> {
    let stage = stage();
    stage.begin(&format!("Generating {} customers", plan.customers));
    let summary = generate::generate(plan, folder, &|_| {});
    stage.end();
    let summary = summary?;
    let entities: Vec<String> = summary
        .entities
        .iter()
        .map(|(entity, written)| format!("{} {}", report::grouped(written.rows), entity.name()))
        .collect();
    Ok(format!("Generated {} in {}\n", entities.join(", "), folder.display()))
}

/// Prints the schema of pipeline files.
pub fn schema() -> Result<String> {
    let schema = serde_json::to_string_pretty(&config::schema());
    Ok(schema.context(Kind::Bug, || "can't print the schema".to_owned())? + "\n")
}

/// Prints a completion script.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rfmart", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
