//! Where SQL runs: a local DataFusion session with bounded memory that spills to disk.
//!
//! A model that is evaluated at several moments lives in a schema of each: `public` as of the snapshot's day,
//! `opening` as of the day before its period began, `baseline` as of a horizon before. Each schema has its own
//! run facts, so that the same text gives what a run as of that day would give.

mod facts;
mod functions;
mod rehearse;
mod store;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
};
use datafusion::datasource::MemTable;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;

use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::model::{self, Model, Moment, Node, Seed};
use crate::source::Ingested;
use crate::{Context, Error, Kind, Result};

pub use facts::Facts;

/// A query engine for one run.
pub struct Engine {
    sessions: [Session; Moment::ALL.len()],
    /// Where tables are kept; nowhere in a rehearsal, in which every table is empty.
    work: Option<PathBuf>,
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
        Ok(Engine { sessions, work })
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
            let folder = self.work.as_ref().map(|work| work.join(&name));
            for moment in Moment::ALL {
                self.register_files(&name, moment, folder.as_deref(), &staged.schema).await?;
            }
            let hashes = arrow::array::Int64Array::from(staged.repeated_key_hashes.clone());
            let rows = RecordBatch::try_from_iter([("key_hash", Arc::new(hashes) as arrow::array::ArrayRef)])
                .context(Kind::Bug, || format!("can't build {name}_repeated"))?;
            self.register_rows(&format!("{name}_repeated"), rows)?;
        }
        for session in &self.sessions {
            functions::register_dictionaries(&session.context, &ingested.dictionaries);
        }
        Ok(())
    }

    /// Makes the Parquet files of a folder available as a table; without a folder, a table of no rows.
    async fn register_files(
        &self,
        name: &str,
        moment: Moment,
        folder: Option<&Path>,
        schema: &SchemaRef,
    ) -> Result<()> {
        let context = &self.session(moment).context;
        let Some(folder) = folder else {
            let table = Arc::new(EmptyTable::new(Arc::clone(schema)));
            return match context.register_table(name, table) {
                Ok(_) => Ok(()),
                Err(cause) => Err(cause).context(Kind::Bug, || format!("can't register the table {name}")),
            };
        };
        std::fs::create_dir_all(folder).context(Kind::Output, || format!("can't create {}", folder.display()))?;
        let location = format!("{}/", folder.display());
        let options = ParquetReadOptions::default().schema(schema);
        context
            .register_parquet(name, &location, options)
            .await
            .context(Kind::Bug, || format!("can't open the table {name} in {location}"))
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
    pub async fn register_published(&self, model: &Model, folder: &Path) -> Result<()> {
        self.register_files(&model.name, Moment::Closing, Some(folder), &model.sidecar.schema()).await
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
        // What doesn't depend on the moment is the same table at each.
        let moments = if model.sidecar.moments { &[node.moment][..] } else { &Moment::ALL };
        if model.is_view() {
            let view = frame.into_view();
            for moment in moments {
                self.session(*moment)
                    .context
                    .register_table(model.name.as_str(), Arc::clone(&view))
                    .context(Kind::Bug, || format!("can't register the view {node}"))?;
            }
            return Ok(());
        }
        let folder = self.work.as_ref().map(|work| work.join(node.moment.schema()).join(&model.name));
        let schema = match &folder {
            Some(folder) => store::keep(frame, folder).await.map_err(|cause| failed(&model.file, &cause))?,
            None => Arc::new(frame.schema().as_arrow().clone()),
        };
        for moment in moments {
            self.register_files(&model.name, *moment, folder.as_deref(), &schema).await?;
        }
        Ok(())
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
        facts::fill_in(file, &mut statement, &self.session(moment).facts)?;
        Ok(statement)
    }
}

/// An error of the engine, told by whose fault it can be.
pub fn failed(file: &str, cause: &datafusion::error::DataFusionError) -> Error {
    use datafusion::error::DataFusionError;
    let (kind, hint) = match cause.find_root() {
        DataFusionError::ResourcesExhausted(_) => {
            (Kind::Output, Some("raise limits.memory, or point limits.work_dir at a larger disk"))
        }
        DataFusionError::IoError(_) => (Kind::Output, Some("is the disk of limits.work_dir full?")),
        DataFusionError::ArrowError(..) => (Kind::Data, None),
        _ => (Kind::Bug, None),
    };
    let error = Error::new(kind, format!("{file} failed")).detail(cause.strip_backtrace());
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
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
        .set_bool("datafusion.sql_parser.collect_spans", true);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(Arc::clone(runtime))
        .with_catalog_list(Arc::clone(catalogs))
        .with_default_features()
        .build();
    SessionContext::new_with_state(state)
}
