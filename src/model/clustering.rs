//! By which columns the rows of a model are clustered.

use arrow::datatypes::{DataType, Schema};

/// How many columns can order rows: as many as a sort key has room for.
const MOST_COLUMNS: usize = 4;

/// The positions in `schema` of the columns that rows are to be clustered by.
///
/// # Errors
/// What keeps rows from being clustered so, as a sentence.
pub fn positions(columns: &[String], schema: &Schema) -> Result<Vec<usize>, String> {
    if columns.len() > MOST_COLUMNS {
        return Err(format!("rows are clustered by {MOST_COLUMNS} columns at most; leave out the last ones"));
    }
    let position = |(place, column): (usize, &String)| {
        let Some((position, field)) = schema.column_with_name(column) else {
            return Err(format!("the query gives no column {column}"));
        };
        match field.data_type() {
            DataType::Int32 => Ok(position),
            DataType::Date32 if place > 0 => Ok(position),
            _ if place == 0 => Err(format!("rows are clustered by customer_key first, and {column} is no such key")),
            other => Err(format!("rows are clustered by keys and days, and {column} is a {other}")),
        }
    };
    columns.iter().enumerate().map(position).collect()
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;

    use super::*;

    fn refusal(columns: &[&str]) -> String {
        let kinds = [("customer_key", DataType::Int32), ("day", DataType::Date32), ("name", DataType::Utf8)];
        let schema = Schema::new(kinds.map(|(name, kind)| Field::new(name, kind, true)).to_vec());
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        positions(&columns, &schema).expect_err("a refusal")
    }

    #[test]
    fn what_rows_cannot_be_clustered_by_is_told() {
        assert_eq!(refusal(&["customer_key", "hour"]), "the query gives no column hour");
        assert_eq!(refusal(&["day"]), "rows are clustered by customer_key first, and day is no such key");
        assert_eq!(refusal(&["customer_key", "name"]), "rows are clustered by keys and days, and name is a Utf8");
        assert_eq!(refusal(&["day"; 5]), "rows are clustered by 4 columns at most; leave out the last ones");
    }
}
