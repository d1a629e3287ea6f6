//! Columns that are worked out from others of their row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use crate::config::Source;
use crate::entity::Column;
use crate::expression::Planned;
use crate::source::list::FoundObject;
use crate::source::read::batch::RowBatch;
use crate::source::read::bind::inputs;
use crate::source::row_fault::RowFault;
use crate::source::texts::Texts;
use crate::{Context, Error, Kind, Result};

/// The expressions of one object's columns.
pub(in crate::source) struct Derivation<'a> {
    found: &'a FoundObject,
    source: &'a Source,
    inputs: Vec<&'a str>,
    /// By the canonical column's index; planned when the types of the first batch are known.
    planned: Option<Vec<(usize, &'static Column, Planned)>>,
}

impl<'a> Derivation<'a> {
    pub fn new(found: &'a FoundObject, source: &'a Source) -> Self {
        Derivation { found, source, inputs: inputs(source).into_iter().collect(), planned: None }
    }

    /// Replaces the columns that expressions read by those that they give.
    ///
    /// # Errors
    /// Columns of types that an expression can't use.
    pub fn derive(&mut self, batch: &mut RowBatch) -> Result<()> {
        if self.source.expressions.is_empty() {
            return Ok(());
        }
        let problem = || format!("{}: can't work out its columns", self.found.url);
        let read = batch.columns.split_off(self.found.entity.columns().len().min(batch.columns.len()));
        let rows = self.rows(&read, batch.rows).context(Kind::Data, problem)?;
        let planned = match &self.planned {
            Some(planned) => planned,
            None => self.planned.insert(plan(self.found, self.source, rows.schema_ref())?),
        };
        for (place, column, planned) in planned {
            let evaluated = planned.evaluate(&rows).context(Kind::Data, problem)?;
            for (row, message) in evaluated.failures {
                let name = column.name;
                let cause = format!("{name}: can't be worked out: {message}");
                batch.faults.add(row, || RowFault { column: Some(name), label: "not to be worked out", cause });
            }
            if let Some(slot) = batch.columns.get_mut(*place) {
                *slot = Some(evaluated.values);
            }
        }
        Ok(())
    }

    fn rows(&self, read: &[Option<ArrayRef>], rows: usize) -> Result<RecordBatch, ArrowError> {
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        for (name, array) in self.inputs.iter().zip(read.iter().flatten()) {
            let array = plain(array)?;
            fields.push(Field::new(*name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
    }
}

fn plan(found: &FoundObject, source: &Source, schema: &Schema) -> Result<Vec<(usize, &'static Column, Planned)>> {
    let columns = found.entity.columns().iter().enumerate();
    let expressions = columns.filter_map(|(place, column)| Some((place, column, source.expressions.get(column.name)?)));
    let planned = expressions.map(|(place, column, expression)| {
        let refuse = |message| {
            let columns = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
            let (url, entity, name) = (&found.url, found.entity.name(), column.name);
            Error::new(Kind::Data, format!("{url}: {entity}.{name} can't be worked out: {message}"))
                .detail(format!("its columns: {}", columns.collect::<Vec<_>>().join(", ")))
                .hint(format!("mend sources.{}.columns.{name}: {}", source.label, expression.sql()))
        };
        Ok((place, column, expression.plan(schema, column.kind).map_err(refuse)?))
    });
    planned.collect()
}

/// Texts as all columns have them: trimmed, and null where empty.
fn plain(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let value_type = match array.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        plain => plain,
    };
    match value_type {
        texts if texts.is_string() || texts.is_binary() => Texts::of(array)?.into_array(),
        other if other == array.data_type() => Ok(Arc::clone(array)),
        other => cast(array, other),
    }
}
