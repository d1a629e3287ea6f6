//! Groups as they come.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::{concat, partition, take};
use arrow::datatypes::SchemaRef;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::aggregates::AggregateExec;

/// An aggregate's function: what it is given, of which rows, and what it has made of them.
struct Function {
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    filter: Option<Arc<dyn PhysicalExpr>>,
    made: Box<dyn GroupsAccumulator>,
}

/// The groups of the rows that have come. The last of them may go on in the rows that follow.
pub struct Groups {
    keys: Vec<Arc<dyn PhysicalExpr>>,
    functions: Vec<Function>,
    /// Keys of groups, a piece after the other.
    pieces: Vec<Vec<ArrayRef>>,
    count: usize,
    schema: SchemaRef,
}

impl Groups {
    /// No groups yet of an aggregate, whose rows are of `schema`.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn of(aggregate: &AggregateExec, schema: SchemaRef) -> Result<Self> {
        let functions = aggregate.aggr_expr().iter().zip(aggregate.filter_expr()).map(|(function, filter)| {
            let made = function.create_groups_accumulator()?;
            Ok(Function { arguments: function.expressions(), filter: filter.clone(), made })
        });
        let functions = functions.collect::<Result<_>>()?;
        let keys = aggregate.group_expr().input_exprs();
        Ok(Groups { keys, functions, pieces: Vec::new(), count: 0, schema })
    }

    /// How many groups are complete.
    pub fn complete(&self) -> usize {
        self.count.saturating_sub(1)
    }

    /// Takes in more rows.
    ///
    /// # Errors
    /// An expression fails.
    pub fn push(&mut self, rows: &RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let keys = evaluate(&self.keys, rows)?;
        let ranges = partition(&keys)?.ranges();
        let goes_on = self.goes_on(&keys)?;
        let begun = self.count - usize::from(goes_on);
        let numbers = ranges.iter().zip(begun..).flat_map(|(range, number)| std::iter::repeat_n(number, range.len()));
        let numbers: Vec<usize> = numbers.collect();
        let new = ranges.iter().skip(usize::from(goes_on));
        let starts = new.map(|range| u32::try_from(range.start)).collect::<Result<Vec<u32>, _>>();
        let starts = UInt32Array::from(starts.map_err(|_| exec_datafusion_err!("a batch of more than 2^32 rows"))?);
        self.count += starts.len();
        if !starts.is_empty() {
            self.pieces.push(keys.iter().map(|key| take(key, &starts, None)).collect::<Result<_, _>>()?);
        }
        for function in &mut self.functions {
            let arguments = evaluate(&function.arguments, rows)?;
            let filter = evaluate(function.filter.as_slice(), rows)?;
            let filter = filter.first().map(|filter| filter.as_boolean());
            function.made.update_batch(&arguments, &numbers, filter, self.count)?;
        }
        Ok(())
    }

    /// Whether the first of the rows that have `keys` belongs to the last group.
    fn goes_on(&self, keys: &[ArrayRef]) -> Result<bool> {
        let Some(last) = self.pieces.last() else {
            return Ok(false);
        };
        for (known, key) in last.iter().zip(keys) {
            let known = known.slice(known.len() - 1, 1);
            if !not_distinct(&known, &key.slice(0, 1))?.value(0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the complete groups out.
    ///
    /// # Errors
    /// A function fails.
    pub fn take_complete(&mut self) -> Result<RecordBatch> {
        let count = self.complete();
        let keys = self.joined()?;
        self.pieces = vec![keys.iter().map(|key| key.slice(count, 1)).collect()];
        self.count -= count;
        self.rows(keys.iter().map(|key| key.slice(0, count)).collect(), EmitTo::First(count))
    }

    /// Takes all groups out, if there are any: no more rows come.
    ///
    /// # Errors
    /// A function fails.
    pub fn finish(mut self) -> Result<Option<RecordBatch>> {
        if self.count == 0 {
            return Ok(None);
        }
        let keys = self.joined()?;
        self.rows(keys, EmitTo::All).map(Some)
    }

    fn rows(&mut self, mut columns: Vec<ArrayRef>, taken: EmitTo) -> Result<RecordBatch> {
        for function in &mut self.functions {
            columns.push(function.made.evaluate(taken)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    /// The keys of all groups.
    fn joined(&self) -> Result<Vec<ArrayRef>> {
        let column = |place: usize| {
            let pieces: Vec<&dyn Array> =
                self.pieces.iter().filter_map(|piece| piece.get(place)).map(AsRef::as_ref).collect();
            Ok(concat(&pieces)?)
        };
        (0..self.keys.len()).map(column).collect()
    }

    /// How many bytes they take.
    pub fn size(&self) -> usize {
        let keys = self.pieces.iter().flatten().map(|key| key.get_array_memory_size()).sum::<usize>();
        keys + self.functions.iter().map(|function| function.made.size()).sum::<usize>()
    }
}

fn evaluate(expressions: &[Arc<dyn PhysicalExpr>], rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
    expressions.iter().map(|expression| expression.evaluate(rows)?.into_array(rows.num_rows())).collect()
}
