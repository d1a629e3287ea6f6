//! Where SQL runs: a local DataFusion session with bounded memory that spills to disk.
//!
//! A model that is evaluated at several moments lives in a schema of each: `public` as of the snapshot's day,
//! `opening` as of the day before its period began, `baseline` as of a horizon before, `earlier` as of one before that.
//! Each schema has its own run facts, so that the same text gives what a run as of that day would give. A text that
//! names `baseline` reads, at the baseline, what is `earlier`.

mod answer;
mod cluster;
mod facts;
mod functions;
mod in_order;
mod kept;
mod lists;
mod narrow_sort;
mod plan_size;
mod rehearse;
mod store;
#[cfg(test)]
mod tests;
mod work_files;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
    TableProvider,
};
use datafusion::datasource::MemTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use tracing::debug;

use crate::bounded_text::TooLong;
use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::model::{self, Model, Moment, Node, Seed};
use crate::source::Ingested;
use crate::{Context, Error, Kind, Result};

use cluster::{Clustered, ClusteredTable, Ranges};
use in_order::AggregateInOrder;
use narrow_sort::SortNarrowRows;
use work_files::WorkFiles;

pub use answer::Answer;
pub use facts::Facts;

/// A query engine for one run.
pub struct Engine {
    sessions: [Session; Moment::ALL.len()],
    /// Where tables are kept; nowhere in a rehearsal, in which every table is empty.
    work: Option<PathBuf>,
    /// The buckets of clustered rows, once it is known how many customers there are.
    buckets: OnceLock<Ranges>,
    /// The same buckets shared out, once it is known how many rows are in them.
    ranges: OnceLock<Ranges>,
    partitions: usize,
}

/// What SQL meets at a moment.
struct Session {
    moment: Moment,
    context: SessionContext,
    facts: Facts,
}

const CATALOG: &str = "datafusion";

impl Engine {
    /// An engine that keeps intermediate tables and spills under `work`; `facts` are those of a moment.
    ///
    /// # Errors
    /// The work folder can't be written.
    pub fn new(limits: &Limits, work: &Path, facts: impl Fn(Moment) -> Facts) -> Result<Self> {
        let memory_bytes = usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX);
        let spill = work.join("spill");
        std::fs::create_dir_all(&spill)
            .context(Kind::Output, || format!("can't create the spill folder {}", spill.display()))?;
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes)))
            .with_temp_file_path(&spill)
            .build_arc()
            .context(Kind::Output, || format!("can't use the spill folder {}", spill.display()))?;
        Engine::over(limits, &runtime, Some(work.to_owned()), facts)
    }

    /// An engine for planning only: it reads and writes no file, and its tables have no rows.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn rehearsal(limits: &Limits, facts: impl Fn(Moment) -> Facts) -> Result<Self> {
        Engine::over(limits, &Arc::new(RuntimeEnv::default()), None, facts)
    }

    fn over(
        limits: &Limits,
        runtime: &Arc<RuntimeEnv>,
        work: Option<PathBuf>,
        facts: impl Fn(Moment) -> Facts,
    ) -> Result<Self> {
        let catalogs = shared_catalogs().context(Kind::Bug, || "can't set up the catalog".to_owned())?;
        let sessions = Moment::ALL.map(|moment| {
            let context = session(limits, moment, runtime, &catalogs);
            functions::register(&context);
            Session { moment, context, facts: facts(moment) }
        });
        Ok(Engine {
            sessions,
            work,
            buckets: OnceLock::new(),
            ranges: OnceLock::new(),
            partitions: limits.target_partitions,
        })
    }

    fn session(&self, moment: Moment) -> &Session {
        let [closing, ..] = &self.sessions;
        self.sessions.iter().find(|session| session.moment == moment).unwrap_or(closing)
    }

    /// Makes staged rows available as `src_<entity>` and their possible duplicates as
    /// `src_<entity>_repeated`, and the dictionaries as functions.
    ///
    /// # Errors
    /// Staged files that can't be opened.
    pub async fn register_staged(&self, ingested: &Ingested) -> Result<()> {
        for (entity, staged) in ingested.entities.iter().filter(|(entity, _)| entity.is_staged()) {
            let name = format!("src_{}", entity.name());
            let table = store::table_of_files(&staged.files, &staged.schema)
                .context(Kind::Output, || format!("can't open the table {name}"))?;
            self.register(&name, &Moment::ALL, &table)?;
            let hashes = arrow::array::Int64Array::from(staged.repeated_key_hashes.clone());
            let rows = RecordBatch::try_from_iter([("key_hash", Arc::new(hashes) as arrow::array::ArrayRef)])
                .context(Kind::Bug, || format!("can't build {name}_repeated"))?;
            self.register_rows(&format!("{name}_repeated"), rows)?;
        }
        self.buckets.get_or_init(|| Ranges::of(ingested.dictionaries.customer.id_of_key.len(), self.partitions));
        for session in &self.sessions {
            functions::register_dictionaries(&session.context, &ingested.dictionaries);
        }
        Ok(())
    }

    /// Makes a table of no rows available.
    fn register_empty(&self, name: &str, moments: &[Moment], schema: &SchemaRef) -> Result<()> {
        let table: Arc<dyn TableProvider> = Arc::new(EmptyTable::new(Arc::clone(schema)));
        self.register(name, moments, &table)
    }

    fn register(&self, name: &str, moments: &[Moment], table: &Arc<dyn TableProvider>) -> Result<()> {
        for moment in moments {
            self.session(*moment)
                .context
                .register_table(name, Arc::clone(table))
                .context(Kind::Bug, || format!("can't register the table {name}"))?;
        }
        Ok(())
    }

    /// Makes a small table available at every moment.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn register_rows(&self, name: &str, rows: RecordBatch) -> Result<()> {
        Moment::ALL.into_iter().try_for_each(|moment| self.register_rows_at(moment, name, rows.clone()))
    }

    /// Makes a small table available at one moment, which has rows of its own.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn register_rows_at(&self, moment: Moment, name: &str, rows: RecordBatch) -> Result<()> {
        MemTable::try_new(rows.schema(), vec![vec![rows]])
            .and_then(|table| self.session(moment).context.register_table(name, Arc::new(table)))
            .context(Kind::Bug, || format!("can't register the table {name}"))?;
        Ok(())
    }

    /// Makes a seed available at every moment; its columns are text.
    ///
    /// # Errors
    /// A seed that is not CSV with a header.
    pub fn register_seed(&self, seed: &Seed) -> Result<()> {
        let rows = seed.rows().context(Kind::Config, || format!("{} can't be read", seed.file))?;
        self.register_rows(&seed.name, rows)
    }

    /// Makes a published table, once written, available to the models that read it.
    ///
    /// # Errors
    /// The file can't be opened.
    pub fn register_published(&self, model: &Model, folder: &Path) -> Result<()> {
        let table = store::table(folder, &model.sidecar.schema())
            .context(Kind::Output, || format!("can't open the table {} in {}", model.name, folder.display()))?;
        self.register(&model.name, &[Moment::Closing], &table)
    }

    /// Evaluates a staging or intermediate model at a moment: a view, or a table kept in the work folder.
    ///
    /// # Errors
    /// SQL that can't be planned or run; names the model's file.
    pub async fn build(&self, node: &Node, model: &Model) -> Result<()> {
        let frame = self.query(&model.file, &model.sql, node.moment).await?;
        self.keep(node, model, frame).await
    }

    async fn keep(&self, node: &Node, model: &Model, frame: DataFrame) -> Result<()> {
        let moments = moments(node, model);
        if model.is_view() {
            return self.register(&model.name, &moments, &frame.into_view());
        }
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let Some(work) = &self.work else {
            return self.register_empty(&model.name, &moments, &schema);
        };
        let folder = work.join(node.moment.schema()).join(&model.name);
        let failed = |cause| failed(&model.file, &cause);
        let context = Arc::new(frame.task_ctx());
        let plan = frame.create_physical_plan().await.map_err(failed)?;
        if model.sidecar.cluster_by.is_empty() {
            let table = kept::keep(&plan, &context, &folder, &schema).await.map_err(failed)?;
            tell_costs(node, plan.as_ref());
            let table: Arc<dyn TableProvider> = Arc::new(table);
            return self.register(&model.name, &moments, &table);
        }
        let order = model::clustering::positions(&model.sidecar.cluster_by, &schema)
            .map_err(|flaw| Error::new(Kind::Bug, format!("{node}: {flaw}")))?;
        let Some(buckets) = self.buckets.get().cloned() else {
            return Err(Error::new(Kind::Bug, format!("{node} is clustered before customers are known")));
        };
        let files = WorkFiles::create(&folder).map_err(|cause| failed(cause.into()))?;
        let mut clustered = Clustered { files: Arc::new(files), schema, order, ranges: buckets };
        let rows = cluster::scatter(&plan, &context, &clustered).await.map_err(failed)?;
        tell_costs(node, plan.as_ref());
        // By the rows of the first clustered table: further ones are split as it is, so that customers meet.
        clustered.ranges = self.ranges.get_or_init(|| clustered.ranges.shared_out(&rows)).clone();
        let table: Arc<dyn TableProvider> = Arc::new(ClusteredTable(clustered));
        self.register(&model.name, &moments, &table)
    }

    /// No query that is yet to be planned may name this table. Its rows go once no view that is left reads them.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn let_go(&self, node: &Node, model: &Model) -> Result<()> {
        for moment in moments(node, model) {
            self.session(moment)
                .context
                .deregister_table(&model.name)
                .context(Kind::Bug, || format!("can't let go of the table {}", model.name))?;
        }
        Ok(())
    }

    /// Runs the query of a model that is published.
    ///
    /// # Errors
    /// SQL that can't be planned; names the model's file.
    pub async fn rows(&self, node: &Node, model: &Model) -> Result<SendableRecordBatchStream> {
        let frame = self.query(&model.file, &model.sql, node.moment).await?;
        let failed = |cause| failed(&model.file, &cause);
        let context = Arc::new(frame.task_ctx());
        let plan = frame.create_physical_plan().await.map_err(failed)?;
        tell_costs(node, plan.as_ref());
        execute_stream(plan, context).map_err(failed)
    }

    /// Plans a query with the run facts of a moment.
    ///
    /// # Errors
    /// SQL that can't be planned; names `file`.
    pub async fn query(&self, file: &str, sql: &str, moment: Moment) -> Result<DataFrame> {
        let statement = self.statement(file, sql, moment).map_err(Diagnostic::into_error)?;
        let state = self.session(moment).context.state();
        let plan = state.statement_to_plan(statement).await.map_err(|cause| failed(file, &cause))?;
        Ok(DataFrame::new(state, plan))
    }

    fn statement(&self, file: &str, sql: &str, moment: Moment) -> Result<Statement, Diagnostic> {
        let mut statement = model::parse(file, sql)?;
        facts::look_back(&mut statement, moment);
        facts::fill_in(file, &mut statement, &self.session(moment).facts)?;
        Ok(statement)
    }
}

/// When a node's table is found: what doesn't depend on the moment is the same table at each.
fn moments(node: &Node, model: &Model) -> Vec<Moment> {
    if model.sidecar.moments { vec![node.moment] } else { Moment::ALL.to_vec() }
}

/// Tells who asks for it (`RUST_LOG=rfmart=debug`) how a model is carried out and, once it was, what each operator took.
fn tell_costs(node: &Node, plan: &dyn ExecutionPlan) {
    debug!(%node, plan = %DisplayableExecutionPlan::with_metrics(plan).indent(false), "carried out");
}

/// An error of the engine, told by whose fault it can be.
pub fn failed(file: &str, cause: &DataFusionError) -> Error {
    let (kind, hint) = match cause.find_root() {
        DataFusionError::ResourcesExhausted(_) => {
            (Kind::Output, Some("raise limits.memory, or point limits.work_dir at a larger disk"))
        }
        cause if is_of_the_work_folder(cause) => (Kind::Output, Some("is the disk of limits.work_dir full?")),
        DataFusionError::ArrowError(..) => (Kind::Data, None),
        DataFusionError::External(cause) if cause.is::<TooLong>() => (Kind::Config, Some("let the query ask for less")),
        _ => (Kind::Bug, None),
    };
    let error = Error::new(kind, format!("{file} failed")).detail(cause.strip_backtrace());
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// All files that the engine reads and writes lie in the work folder.
fn is_of_the_work_folder(cause: &DataFusionError) -> bool {
    match cause {
        DataFusionError::IoError(_) | DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) => true,
        DataFusionError::ArrowError(cause, _) => matches!(**cause, ArrowError::IoError(..)),
        _ => false,
    }
}

fn shared_catalogs() -> datafusion::error::Result<Arc<dyn CatalogProviderList>> {
    let catalog = MemoryCatalogProvider::new();
    for moment in Moment::ALL {
        catalog.register_schema(moment.schema(), Arc::new(MemorySchemaProvider::new()))?;
    }
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(Arc::new(catalogs))
}

fn session(
    limits: &Limits,
    moment: Moment,
    runtime: &Arc<RuntimeEnv>,
    catalogs: &Arc<dyn CatalogProviderList>,
) -> SessionContext {
    let config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, moment.schema())
        .with_create_default_catalog_and_schema(false)
        .with_target_partitions(limits.target_partitions)
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
        // What lies in order of customers is taken so, whatever else a query groups by.
        .set_usize("datafusion.optimizer.subset_repartition_threshold", 1)
        .set_bool("datafusion.optimizer.prefer_existing_sort", true)
        // One table of what few customers have, rather than everybody's rows shuffled to meet it.
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold", 1 << 30)
        .set_usize("datafusion.optimizer.hash_join_single_partition_threshold_rows", 1 << 18)
        .set_bool("datafusion.sql_parser.collect_spans", true);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(Arc::clone(runtime))
        .with_catalog_list(Arc::clone(catalogs))
        .with_default_features()
        .with_physical_optimizer_rule(Arc::new(SortNarrowRows))
        .with_physical_optimizer_rule(Arc::new(AggregateInOrder))
        .build();
    SessionContext::new_with_state(state)
}
