//! Staged files: Parquet that is quick to write and to read again, and lives for one run unless a
//! state keeps it.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch};
use arrow::datatypes::{Int32Type, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::config::{Ids, UniqueIn};
use crate::entity::{ColumnKind, Entity};
use crate::source::folders::{cannot_write, staged_folder};
use crate::source::parse::canonical::CanonicalColumn;
use crate::source::parse::canonical::CanonicalRows;
use crate::source::staging::duplicates::hash_keys;
use crate::source::staging::interners::Interners;
use crate::source::staging::schema::{is_reference, staged_name, written_schema};
use crate::source::texts::Texts;
use crate::{Context, Error, Kind, Result};

/// Rows of a row group: the unit in which readers share a file.
const ROW_GROUP_ROWS: usize = 1 << 18;
/// Rows after which a writer's file is closed at the end of an object, and another begun.
const FILE_ROWS: usize = 1 << 20;

/// What was staged of some rows.
pub(in crate::source) struct StagedRows {
    /// The hashes of their keys, if they have any.
    pub hashes: Vec<i64>,
    /// The references of their branches, if they have any.
    pub branches: Option<Int32Array>,
}

/// Writes one thread's rows of one entity, and begins a new file when one is large enough.
pub(in crate::source) struct StagingWriter {
    entity: Entity,
    /// The columns that identify a row.
    key: Vec<&'static str>,
    schema: SchemaRef,
    folder: PathBuf,
    worker: usize,
    open: Option<OpenFile>,
    files: Vec<StagedFile>,
}

struct OpenFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    rows: usize,
    objects: BTreeSet<i32>,
    /// The rows are a part of one object, others of which other threads have.
    is_part: bool,
}

/// A staged file, and the references of the objects whose rows it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::source) struct StagedFile {
    pub path: PathBuf,
    pub rows: u64,
    pub objects: BTreeSet<i32>,
}

/// Whether the branch is part of the key: the same key at two branches means two rows.
fn is_keyed_by_branch(entity: Entity, ids: Ids) -> bool {
    match entity {
        Entity::Orders => ids.orders == UniqueIn::Branch,
        Entity::Visits => ids.visits == UniqueIn::Branch,
        Entity::Customers | Entity::Leads | Entity::Contacts => true,
        Entity::Branches | Entity::Items | Entity::Spend => false,
    }
}

impl StagingWriter {
    /// Files go to [`staged_folder`]; `worker` keeps the names of several threads apart.
    pub fn new(entity: Entity, ids: Ids, work: &Path, worker: usize) -> Self {
        let schema = written_schema(entity);
        let branch = is_keyed_by_branch(entity, ids).then_some("branch_id");
        let key = branch.into_iter().chain(entity.key().iter().copied()).collect();
        StagingWriter {
            entity,
            key,
            schema,
            folder: staged_folder(work, entity),
            worker,
            open: None,
            files: Vec::new(),
        }
    }

    /// Rows of an object follow, all of them or a part. A part shares its file with parts of the same object only, so that
    /// an object that is read again takes few others with it.
    pub fn begin_object(&mut self, object_ref: i32, is_part: bool) -> Result<()> {
        let fits = |file: &OpenFile| file.is_part == is_part && (!is_part || file.objects.contains(&object_ref));
        match self.open.as_ref().is_none_or(fits) {
            true => Ok(()),
            false => self.close(),
        }
    }

    /// Stages rows of the object that was begun.
    pub fn write(&mut self, rows: CanonicalRows, is_part: bool, interners: &Interners) -> Result<StagedRows> {
        let key: Vec<&Texts> = self.key.iter().filter_map(|name| rows.texts(self.entity, name)).collect();
        let hashes = hash_keys(&key, rows.row_nos.len());
        let count = rows.row_nos.len();
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (column, canonical) in self.entity.columns().iter().zip(rows.columns) {
            arrays.push(match canonical {
                CanonicalColumn::Texts(texts) => match interners.ids.of(column) {
                    Some(interner) => Arc::new(interner.intern(&texts)?),
                    None => texts.into_array().context(Kind::Bug, || cannot_stage(self.entity))?,
                },
                CanonicalColumn::Array(array) => array,
            });
        }
        let branches = branches_of(self.entity, &arrays);
        arrays.push(Arc::new(Int64Array::from(hashes.clone())));
        arrays.push(Arc::new(Int32Array::from_value(rows.object_ref, count)));
        arrays.push(Arc::new(Int64Array::from(rows.row_nos)));
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), arrays).context(Kind::Bug, || cannot_stage(self.entity))?;
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let path = self.folder.join(format!("{}-{:06}.parquet", self.worker, self.files.len()));
                self.open.insert(OpenFile {
                    writer: create(&path, &self.schema, self.entity)?,
                    path,
                    rows: 0,
                    objects: BTreeSet::new(),
                    is_part,
                })
            }
        };
        file.rows += count;
        file.objects.insert(rows.object_ref);
        file.writer.write(&batch).context(Kind::Output, || cannot_write(&file.path))?;
        Ok(StagedRows { hashes: if self.key.is_empty() { Vec::new() } else { hashes }, branches })
    }

    /// An object ends: closes the file if it is large enough.
    pub fn end_object(&mut self) -> Result<()> {
        match self.open.as_ref().is_some_and(|file| file.rows >= FILE_ROWS) {
            true => self.close(),
            false => Ok(()),
        }
    }

    /// Closes the last file and returns all.
    pub fn finish(mut self) -> Result<Vec<StagedFile>> {
        self.close()?;
        Ok(self.files)
    }

    fn close(&mut self) -> Result<()> {
        if let Some(file) = self.open.take() {
            file.writer.close().context(Kind::Output, || cannot_write(&file.path))?;
            self.files.push(StagedFile {
                path: file.path,
                rows: u64::try_from(file.rows).unwrap_or(u64::MAX),
                objects: file.objects,
            });
        }
        Ok(())
    }
}

/// The references of the rows' branches; what describes branches is of none.
fn branches_of(entity: Entity, arrays: &[ArrayRef]) -> Option<Int32Array> {
    let place = entity.columns().iter().position(|column| column.name == "branch_id");
    let array = arrays.get(place.filter(|_| entity != Entity::Branches)?)?;
    array.as_primitive_opt::<Int32Type>().cloned()
}

fn cannot_stage(entity: Entity) -> String {
    format!("can't stage rows of {}", entity.name())
}

fn create(path: &Path, schema: &SchemaRef, entity: Entity) -> Result<ArrowWriter<File>> {
    let file = File::create(path).context(Kind::Output, || cannot_write(path))?;
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_encoding(Encoding::PLAIN);
    for column in entity.columns() {
        let path = ColumnPath::from(staged_name(column));
        // Nobody asks for the least and the greatest text, and comparing every one costs more than writing it.
        if matches!(column.kind, ColumnKind::Text | ColumnKind::Word(_) | ColumnKind::Zone) && !is_reference(column) {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        let repeats = matches!(column.kind, ColumnKind::Word(_) | ColumnKind::Zone)
            || matches!(column.name, "action" | "campaign_id" | "channel" | "staff_id");
        properties = properties.set_column_dictionary_enabled(path, repeats);
    }
    // Each row's is that of the row before, or one more.
    for name in ["object_ref", "row_no"] {
        properties = properties.set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    let properties = properties.build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, Arc::clone(schema), options)
        .map_err(|cause| Error::new(Kind::Output, cannot_write(path)).detail(cause.to_string()))
}
