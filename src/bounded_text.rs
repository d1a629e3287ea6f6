//! The functions that make long texts out of short ones, with a bound.
//!
//! The memory of a text that a function makes is in no pool: `repeat('x', 2000000000)` takes 2 GB, of a plan even before
//! there is a row. So what they are about to make is worked out first, and refused if it is too much.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::{regex, string, unicode};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

/// Bytes of one text.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Bytes of the texts of one batch of rows.
const MAX_BATCH_BYTES: usize = 64 << 20;

/// Of a character.
const MAX_CHARACTER_BYTES: usize = 4;

/// `repeat`, `lpad`, `rpad`, `replace` and `regexp_replace`: DataFusion's, up to a length.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let bounded = [
        (string::repeat(), Makes::Repeated),
        (unicode::lpad(), Makes::Padded),
        (unicode::rpad(), Makes::Padded),
        (string::replace(), Makes::Replaced),
        (regex::regexp_replace(), Makes::ReplacedByPattern),
    ];
    bounded.map(|(inner, makes)| Arc::new(ScalarUDF::from(Bounded { inner, makes }))).into()
}

/// What a function makes of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Makes {
    Repeated,
    Padded,
    Replaced,
    ReplacedByPattern,
}

impl Makes {
    /// Bytes for a row of arguments that aren't null, at most.
    fn bytes(self, row: &Row<'_>) -> usize {
        match self {
            Makes::Repeated => row.text(0).len().saturating_mul(row.count(1)),
            Makes::Padded => row.count(1).saturating_mul(MAX_CHARACTER_BYTES),
            Makes::Replaced => replaced(row.text(0), row.text(1), row.text(2)),
            Makes::ReplacedByPattern => replaced_by_pattern(row.text(0), row.text(2), row.text(3)),
        }
    }
}

fn replaced(text: &str, from: &str, to: &str) -> usize {
    text.matches(from).count().saturating_mul(to.len()).saturating_add(text.len())
}

/// There may be a match at each byte, and each reference to a group may give the whole text.
fn replaced_by_pattern(text: &str, to: &str, flags: &str) -> usize {
    let references = to.matches(['\\', '$']).count();
    let matches = if flags.contains('g') { text.len().saturating_add(1) } else { 1 };
    matches.saturating_mul(to.len()).saturating_add(text.len().saturating_mul(references.saturating_add(1)))
}

/// The error of a function that was about to make too much.
#[derive(Debug)]
pub(crate) struct TooLong(String);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TooLong {}

fn too_long(message: String) -> Result<ColumnarValue> {
    Err(DataFusionError::External(Box::new(TooLong(message))))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    makes: Makes,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = args.args.iter().map(Column::of).collect::<Result<Vec<_>>>()?;
        let rows = columns.iter().map(Column::len).max().unwrap_or_default();
        let mut all: usize = 0;
        for row in (0..rows).map(|row| Row { columns: &columns, row }).filter(|row| !row.is_null()) {
            let bytes = self.makes.bytes(&row);
            all = all.saturating_add(bytes);
            if bytes > MAX_TEXT_BYTES {
                return too_long(format!("{} gives a text of more than {MAX_TEXT_BYTES} bytes", self.name()));
            }
            if all > MAX_BATCH_BYTES {
                return too_long(format!(
                    "{} gives texts of more than {MAX_BATCH_BYTES} bytes for {rows} rows",
                    self.name()
                ));
            }
        }
        self.inner.invoke_with_args(args)
    }
}

/// An argument. Of one that is the same in each row, there is one value.
enum Column {
    Texts(StringViewArray),
    Counts(Int64Array),
}

impl Column {
    fn of(value: &ColumnarValue) -> Result<Self> {
        let array = value.to_array(1)?;
        Ok(match array.data_type().is_integer() {
            true => Column::Counts(cast(&array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()),
            false => Column::Texts(cast(&array, &DataType::Utf8View)?.as_string_view().clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Column::Texts(texts) => texts,
            Column::Counts(counts) => counts,
        }
    }

    fn len(&self) -> usize {
        self.array().len()
    }

    fn place(&self, row: usize) -> usize {
        if self.len() == 1 { 0 } else { row }
    }
}

/// The arguments of one row.
struct Row<'a> {
    columns: &'a [Column],
    row: usize,
}

impl Row<'_> {
    fn is_null(&self) -> bool {
        self.columns.iter().any(|column| column.array().is_null(column.place(self.row)))
    }

    /// The argument at `position`; empty if it is left out.
    fn text(&self, position: usize) -> &str {
        match self.columns.get(position) {
            Some(column @ Column::Texts(texts)) => texts.value(column.place(self.row)),
            _ => "",
        }
    }

    fn count(&self, position: usize) -> usize {
        match self.columns.get(position) {
            Some(column @ Column::Counts(counts)) => {
                usize::try_from(counts.value(column.place(self.row))).unwrap_or_default()
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use arrow::util::display::array_value_to_string;
    use datafusion::prelude::SessionContext;

    use super::*;

    /// What `sql` gives for the first of 4,000 rows.
    fn first(sql: &str) -> Result<String> {
        let context = SessionContext::new();
        functions().into_iter().for_each(|function| context.register_udf(function.as_ref().clone()));
        let texts: ArrayRef =
            Arc::new(StringArray::from_iter((0..4_000).map(|row| Some("abc").filter(|_| row < 3_999))));
        let counts: ArrayRef = Arc::new(Int64Array::from_iter_values((0..4_000).map(|row| 300_000 + row)));
        let rows = RecordBatch::try_from_iter([("a", texts), ("n", counts)])?;
        context.register_batch("rows", rows)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let query = async { context.sql(&format!("select {sql} from rows")).await?.collect().await };
        let batches = runtime.block_on(query)?;
        Ok(array_value_to_string(batches.first().expect("rows").column(0), 0)?)
    }

    #[test]
    fn up_to_the_bound_they_give_what_they_always_do() {
        let values = [
            ("repeat(a, 2)", "abcabc"),
            ("repeat(a, -1)", ""),
            ("lpad(a, 5)", "  abc"),
            ("rpad(a, 5, '.')", "abc.."),
            ("replace(a, 'b', 'xyz')", "axyzc"),
            ("regexp_replace(a, '(b|c)', '[\\1]', 'g')", "a[b][c]"),
            ("regexp_replace(a, 'b', '')", "ac"),
            ("length(repeat('x', 1048576))", "1048576"),
            ("length(lpad('x', 262144))", "262144"),
        ];
        for (sql, expected) in values {
            assert_eq!(first(sql).expect(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_before_it_is_made() {
        let cases = [
            "repeat('x', 2000000000)",
            "repeat('x', 9223372036854775807)",
            "repeat(a, n * 2)",
            "lpad(a, 2000000000, 'x')",
            "rpad('x', 2000000000)",
            "replace(repeat(a, 1000), 'a', repeat('x', 10000))",
            "regexp_replace(repeat(a, 1000), '', repeat('x', 10000), 'g')",
            "regexp_replace(repeat('x', 30000), '(.*)', repeat('\\1', 100))",
        ];
        for sql in cases {
            let error = first(&format!("length({sql})")).expect_err(sql).to_string();
            assert!(error.contains("gives a text of more than 1048576 bytes"), "{sql}: {error}");
        }
    }

    #[test]
    fn the_texts_of_a_batch_are_bounded_together() {
        let error = first("length(repeat(a, 100000))").expect_err("too much").to_string();
        assert!(error.contains("repeat gives texts of more than 67108864 bytes for "), "{error}");
    }
}
