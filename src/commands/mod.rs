//! What each command does. Every one returns the text for stdout.

mod backfill;
mod handbook;
mod page;
mod stop;
mod threads;
mod warehouse;

use std::fmt::Write;
use std::future::Future;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use self::stop::{STOP_PATIENCE, deadline, end_after, not_done_within, stop_signal, stopped};
pub use backfill::backfill;
pub use handbook::{completions, man, schema};
pub use page::report;
pub use warehouse::{catalog, diff, gc, repair, runs, status, verify};

use crate::cli::{
    AnswerFormat, Compile, DataFormat, Demo, Docs, DocsFormat, Generate, Init, Metrics, MetricsFormat, PipelineFile,
    Plan, Run, Target, Test,
};
use rfmart::calendar::Period;
use rfmart::cases::{self, Suite};
use rfmart::config::{self, LateData, Pipeline};
use rfmart::diagnostic::Diagnostic;
use rfmart::generate::{self, ChainSpec, FileFormat};
use rfmart::init;
use rfmart::lineage::Lineage;
use rfmart::model::Catalog;
use rfmart::observe::{Quiet, RunProgress, Terminal};
use rfmart::publish::{Stale, StaleClosing, Warehouse};
use rfmart::run::{Consent, Empty, Outcome, Snapshot};
use rfmart::source::Held;
use rfmart::storage::Stores;
use rfmart::{Context, Error, Kind, Result, report, source, suggest};

/// Publishes a snapshot.
pub fn run(run: &Run) -> Result<String> {
    let pipeline = config::load(&run.target.pipeline)?;
    let snapshot = snapshot(&pipeline, &run.target)?;
    let empty = if run.allow_empty { Empty::Allowed } else { Empty::Refused };
    let outcome = run_day(&pipeline, snapshot, &Consent { empty, restate: run.reason.clone() })?;
    let restated = match &outcome {
        Outcome::Published(published) if pipeline.publish.late_data == LateData::Restate => {
            restate_late(&pipeline, &published.stale)?
        }
        _ => Vec::new(),
    };
    match run.format {
        AnswerFormat::Json => report::json(&report::RunAnswer::of(&pipeline, &outcome, &restated)),
        AnswerFormat::Text => {
            let late = restated
                .iter()
                .map(|outcome| format!("Late data: {} {}\n", outcome.as_of(), report::outcome_line(outcome)));
            Ok(late.fold(report::outcome(&pipeline, &outcome), |text, line| text + &line))
        }
    }
}

/// Publishes closing snapshots anew that lack what came since.
fn restate_late(pipeline: &Pipeline, stale: &Stale) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for StaleClosing { as_of, changes, .. } in &stale.closings {
        let reason = format!("late data: {}", changes.join(", "));
        let consent = Consent { restate: Some(reason), ..Consent::default() };
        outcomes.push(
            run_day(pipeline, Snapshot::new(pipeline, *as_of), &consent).map_err(|error| {
                error.detail(format!("the night's own day is published; {as_of} was to be restated"))
            })?,
        );
    }
    Ok(outcomes)
}

fn publish(pipeline: &Pipeline, snapshot: Snapshot, consent: &Consent) -> Result<String> {
    Ok(report::outcome(pipeline, &run_day(pipeline, snapshot, consent)?))
}

/// Runs one day to its end, in a runtime of its own; of a run that failed nothing is left in the work folder's place.
fn run_day(pipeline: &Pipeline, snapshot: Snapshot, consent: &Consent) -> Result<Outcome> {
    let outcome = block_on(pipeline, run_one(pipeline, snapshot, consent));
    if outcome.is_err() {
        source::wait_for_readers(STOP_PATIENCE);
        rfmart::run::sweep(&pipeline.limits);
    }
    outcome
}

async fn run_one(pipeline: &Pipeline, snapshot: Snapshot, consent: &Consent) -> Result<Outcome> {
    let progress = progress();
    let limit = pipeline.limits.deadline;
    let _hard_deadline = limit.map(|limit| end_after(limit + 2 * STOP_PATIENCE, not_done_within(limit)));
    let lineage = Lineage::of(pipeline, snapshot, &|name| std::env::var(name).ok());
    if let Some(lineage) = &lineage {
        lineage.start().await;
    }
    let stores = Stores::new(pipeline.storage.clone());
    let work = rfmart::run::run(pipeline, &stores, snapshot, consent, progress.as_ref());
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = stop_signal() => Err(stopped()),
        late = deadline(limit) => Err(late),
    };
    progress.end();
    if outcome.is_ok() {
        rfmart::page::keep(pipeline, snapshot.as_of).await;
    }
    if let Some(lineage) = &lineage {
        lineage.end(&outcome).await;
    }
    outcome
}

fn progress() -> Box<dyn RunProgress> {
    if std::io::stderr().is_terminal() { Box::<Terminal>::default() } else { Box::new(Quiet) }
}

/// The snapshot that was asked for.
fn snapshot(pipeline: &Pipeline, target: &Target) -> Result<Snapshot> {
    let as_of = match target.as_of {
        Some(as_of) if target.allow_future => as_of,
        as_of => day_that_is_over(pipeline.timezone, as_of, Utc::now())?,
    };
    Ok(Snapshot::new(pipeline, as_of))
}

/// The snapshot of yesterday, in the pipeline's zone.
fn latest_snapshot(pipeline: &Pipeline) -> Snapshot {
    Snapshot::new(pipeline, latest_day(pipeline.timezone, Utc::now()))
}

/// The last day that is over in `zone`.
fn latest_day(zone: Tz, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone).date_naive() - Days::new(1)
}

/// `as_of`, or the latest day. A snapshot of a day that goes on would stand in the way of the one that has it whole.
fn day_that_is_over(zone: Tz, as_of: Option<NaiveDate>, now: DateTime<Utc>) -> Result<NaiveDate> {
    let latest = latest_day(zone, now);
    match as_of {
        Some(as_of) if as_of > latest => Err(Error::new(Kind::Usage, format!("{as_of} isn't over yet in {zone}"))
            .detail("a snapshot describes the end of its day, and is written once: what comes later would be left out")
            .hint(format!("the latest day is {latest}, which is what a run without --as-of takes"))),
        as_of => Ok(as_of.unwrap_or(latest)),
    }
}

fn block_on<T>(pipeline: &Pipeline, work: impl Future<Output = Result<T>>) -> Result<T> {
    let partitions = pipeline.limits.target_partitions.max(1);
    let for_files = partitions + threads::FOR_FILES;
    threads::see_that_they_start(2 * partitions + for_files + threads::OTHERS)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(partitions)
        .max_blocking_threads(for_files)
        .enable_all()
        .build()
        .context(Kind::Bug, || "can't start the runtime".to_owned())?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(STOP_PATIENCE);
    outcome
}

/// Tells what a run would do.
pub fn plan(arguments: &Plan) -> Result<String> {
    let target = &arguments.target;
    let pipeline = config::load(&target.pipeline)?;
    let snapshot = snapshot(&pipeline, target)?;
    let catalog = models(&pipeline, snapshot)?;
    let stores = Stores::new(pipeline.storage.clone());
    let warehouse = Warehouse::open(&pipeline.publish.location, &stores)?;
    let plan = block_on(&pipeline, async {
        let history = warehouse.commits().read_all().await?;
        rfmart::run::plan(&pipeline, &catalog, &stores, &warehouse, history, snapshot, &Held::default()).await
    })?;
    match arguments.format {
        AnswerFormat::Text => Ok(report::plan(&pipeline, &plan, arguments.objects)),
        AnswerFormat::Json => report::json(&report::PlanAnswer::of(&pipeline, &plan, arguments.objects)),
    }
}

/// The models of a pipeline, once it is known that they can be built.
fn models(pipeline: &Pipeline, snapshot: Snapshot) -> Result<Catalog> {
    let catalog = Catalog::of_pipeline(pipeline)?;
    block_on(pipeline, rfmart::run::rehearse_own(pipeline, &catalog, snapshot))?;
    Ok(catalog)
}

/// The models of a pipeline file, or those that ship.
fn models_of(pipeline: Option<&Path>) -> Result<Catalog> {
    match pipeline {
        Some(file) => {
            let pipeline = config::load(file)?;
            models(&pipeline, latest_snapshot(&pipeline))
        }
        None => Catalog::built_in(),
    }
}

/// Checks a pipeline file.
pub fn validate(file: &PipelineFile) -> Result<String> {
    let pipeline = config::load(&file.pipeline)?;
    models(&pipeline, latest_snapshot(&pipeline))?;
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
        let order = catalog.order().map_err(Diagnostic::into_error)?;
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
        DocsFormat::Json => report::json(&dictionary),
        DocsFormat::Html => {
            let pipeline = docs.pipeline.as_deref().map(config::load).transpose()?;
            dictionary.html(pipeline.as_ref().map(|pipeline| (pipeline, latest_snapshot(pipeline).as_of)))
        }
    }
}

/// Prints the metrics that the tables define.
pub fn metrics(metrics: &Metrics) -> Result<String> {
    let catalog = models_of(metrics.pipeline.as_deref())?;
    match metrics.format {
        MetricsFormat::Text => Ok(report::metrics(&catalog)),
        MetricsFormat::Metricflow => report::metricflow(&catalog),
    }
}

/// Runs cases; tells what became of each, and the failure if one failed.
pub fn test(test: &Test) -> Result<(String, Option<Error>)> {
    if let Some(file) = test.pipeline.as_ref().filter(|file| !file.is_file()) {
        let message = format!("{}: there is no such file", file.display());
        return Err(Error::new(Kind::Config, message).hint("name the pipeline file that `sql/` lies beside"));
    }
    let catalog = Catalog::layered(test.models.as_deref(), test.pipeline.as_deref())?;
    let runtime = tokio::runtime::Runtime::new().context(Kind::Bug, || "can't start the runtime".to_owned())?;
    let suite = runtime.block_on(Suite::read(catalog, test.filter.as_deref()))?;
    let (progress, started) = (progress(), Instant::now());
    let results = suite.perform(progress.as_ref());
    progress.end();
    let results = results?;
    Ok((report::cases(&suite, &results, started.elapsed()), cases::failure(&results)))
}

fn unknown_model(catalog: &Catalog, name: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no model {name}"));
    match suggest::closest(name, catalog.models.keys().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("`rfmart compile` lists them"),
    }
}

/// Closed months that the demo publishes before its latest night.
const DEMO_MONTHS: u32 = 4;

/// Days by which the latest night is into the month that follows.
const DEMO_OPEN_DAYS: u64 = 15;

/// Generates a chain and runs it for its last month ends and its latest night.
pub fn demo(demo: &Demo) -> Result<String> {
    let chain = ChainSpec::default();
    let spec = ChainSpec { until: chain.until + Days::new(DEMO_OPEN_DAYS), ..chain };
    let written = write_chain(&spec, &demo.folder)?;
    let pipeline = config::load(&demo.folder.join("pipeline.yaml"))?;
    let latest = Snapshot::new(&pipeline, spec.until);
    let mut days: Vec<NaiveDate> = (1..=DEMO_MONTHS)
        .rev()
        .map(|months| Period::containing(pipeline.period, spec.until - Months::new(months)).end)
        .collect();
    days.push(latest.as_of);
    let mut text = written;
    for day in days {
        let summary = publish(&pipeline, Snapshot::new(&pipeline, day), &Consent::default())?;
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
    let defaults = ChainSpec::default();
    let format = match generate.format {
        DataFormat::Csv => FileFormat::Csv,
        DataFormat::Parquet => FileFormat::Parquet,
    };
    let spec = ChainSpec {
        branches: generate.branches,
        customers: generate.customers,
        months: generate.months,
        orders: generate.orders,
        seed: generate.seed,
        until: generate.until.unwrap_or(defaults.until),
        format,
        ..defaults
    };
    let written = write_chain(&spec, &generate.folder)?;
    let file = generate.folder.join("pipeline.yaml");
    let zone = config::load(&file)?.timezone;
    // Made-up days may lie ahead.
    let is_over = day_that_is_over(zone, Some(spec.until), Utc::now()).is_ok();
    let leave = if is_over { "" } else { " --allow-future" };
    Ok(format!("{written}Next: rfmart run {} --as-of {}{leave}\n", file.display(), spec.until))
}

fn write_chain(spec: &ChainSpec, folder: &Path) -> Result<String> {
    let progress = progress();
    progress.begin(&format!("Generating {} customers", spec.customers));
    let summary = generate::generate(spec, folder, &|_| {});
    progress.end();
    let summary = summary?;
    let entities: Vec<String> = summary
        .entities
        .iter()
        .map(|(entity, written)| format!("{} {}", report::grouped(written.rows), entity.name()))
        .collect();
    Ok(format!("Generated {} in {}\n", entities.join(", "), folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_taken_once_it_is_over_in_the_pipelines_zone() {
        // 2026-11-25 00:30 in Taipei, and still the 24th in London.
        let now: DateTime<Utc> = "2026-11-24T16:30:00Z".parse().expect("a time");
        let taken = |zone, as_of: Option<&str>| {
            day_that_is_over(zone, as_of.map(|day| day.parse().expect("a date")), now).map(|day| day.to_string())
        };
        let (taipei, london) = (Tz::Asia__Taipei, Tz::Europe__London);
        assert_eq!(taken(taipei, None).expect("yesterday"), "2026-11-24");
        assert_eq!(taken(taipei, Some("2026-11-24")).expect("yesterday"), "2026-11-24");
        assert_eq!(taken(london, None).expect("yesterday"), "2026-11-23");
        for (zone, as_of, latest) in [
            (taipei, "2026-11-25", "2026-11-24"),
            (taipei, "2026-11-30", "2026-11-24"),
            (london, "2026-11-24", "2026-11-23"),
        ] {
            let error = taken(zone, Some(as_of)).expect_err("a refusal");
            assert_eq!(error.kind(), Kind::Usage);
            let message = error.to_string();
            assert!(message.starts_with(&format!("{as_of} isn't over yet in {zone}\n")), "{message}");
            assert!(message.contains(&format!("\nhint: the latest day is {latest}, ")), "{message}");
        }
    }
}
