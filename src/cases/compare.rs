//! What differs between an expected table and the one that came.

use arrow::datatypes::DataType;

use super::case::{Expected, Rows};
use super::value::is_equal;

/// Rows in which a table differs from the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Name of the model or check.
    pub table: String,
    /// The columns that are compared.
    pub columns: Vec<String>,
    /// Rows that are expected.
    pub expected_rows: usize,
    /// The rows that differ: those that changed, then those that are missing, then unexpected ones.
    pub changes: Vec<Change>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Expected and came with other values: of each cell the expected value, and the one that came where it differs.
    Changed(Vec<(Option<String>, Option<Option<String>>)>),
    /// Expected, and didn't come.
    Missing(Row),
    /// Came without being expected.
    Unexpected(Row),
}

/// Cells as text, null as none.
pub type Row = Vec<Option<String>>;

/// What differs in the rows that came, whose columns are those expected and of these types; none if nothing does.
/// Rows that differ are set side by side if they agree in the columns of `key`.
pub fn difference(expected: &Expected, types: &[DataType], key: &[usize], got: Vec<Row>) -> Option<Difference> {
    let Rows { columns, rows } = &expected.rows;
    let mut open = got;
    let all: Vec<usize> = (0..columns.len()).collect();
    let unmet: Vec<&Row> = rows.iter().filter(|row| take(row, &all, types, &mut open).is_none()).collect();
    let mut changed = Vec::new();
    let mut missing = Vec::new();
    for row in unmet {
        match take(row, key, types, &mut open) {
            Some(found) => changed.push(Change::Changed(side_by_side(row, found, types))),
            None => missing.push(Change::Missing(row.clone())),
        }
    }
    let changes: Vec<Change> =
        changed.into_iter().chain(missing).chain(open.into_iter().map(Change::Unexpected)).collect();
    let (table, columns) = (expected.table.clone(), columns.clone());
    (!changes.is_empty()).then_some(Difference { table, columns, expected_rows: rows.len(), changes })
}

/// Takes a row out of `open` that agrees with `row` in the columns of `key`, of which there must be some.
fn take(row: &Row, key: &[usize], types: &[DataType], open: &mut Vec<Row>) -> Option<Row> {
    let cell = |row: &Row, column: usize| row.get(column).cloned().flatten();
    let agrees = |found: &Row| {
        key.iter().all(|column| {
            let (expected, got) = (cell(row, *column), cell(found, *column));
            types.get(*column).is_some_and(|kind| is_equal(kind, expected.as_deref(), got.as_deref()))
        })
    };
    let place = open.iter().position(agrees).filter(|_| !key.is_empty())?;
    Some(open.remove(place))
}

fn side_by_side(row: &Row, found: Row, types: &[DataType]) -> Vec<(Option<String>, Option<Option<String>>)> {
    let cells = row.iter().zip(found).zip(types);
    cells
        .map(|((expected, got), kind)| {
            let is_same = is_equal(kind, expected.as_deref(), got.as_deref());
            (expected.clone(), (!is_same).then_some(got))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Row> {
        let cell = |text: &&str| (*text != "-").then(|| (*text).to_owned());
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    }

    fn changes(expected: &[&[&str]], got: &[&[&str]]) -> Vec<Change> {
        let columns = vec!["customer_id".to_owned(), "visits".to_owned()];
        let expected =
            Expected { table: "fct_a".to_owned(), filter: None, rows: Rows { columns, rows: rows(expected) } };
        let found = difference(&expected, &[DataType::Utf8, DataType::Int64], &[0], rows(got));
        found.map(|difference| difference.changes).unwrap_or_default()
    }

    #[test]
    fn rows_may_come_in_any_order_and_each_counts_once() {
        assert_eq!(changes(&[&["ann", "1"], &["bo", "2"]], &[&["bo", "2"], &["ann", "1"]]), []);
        let twice = changes(&[&["ann", "1"]], &[&["ann", "1"], &["ann", "1"]]);
        assert_eq!(twice, rows(&[&["ann", "1"]]).into_iter().map(Change::Unexpected).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_of_the_same_key_is_set_beside_the_expected_one() {
        let text = |text: &str| Some(text.to_owned());
        let found = changes(&[&["ann", "1"], &["bo", "2"]], &[&["ann", "-"], &["cy", "3"]]);
        let expected = [
            Change::Changed(vec![(text("ann"), None), (text("1"), Some(None))]),
            Change::Missing(vec![text("bo"), text("2")]),
            Change::Unexpected(vec![text("cy"), text("3")]),
        ];
        assert_eq!(found, expected);
    }
}
