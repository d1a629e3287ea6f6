//! The columns that the aggregate takes.

use arrow::datatypes::DataType;

/// Money, in and out.
pub const MONEY: DataType = DataType::Decimal128(18, 2);

/// The columns of a day, in the order of the arguments.
pub const DAY: [(&str, DataType); 11] = [
    ("scope_key", DataType::Int32),
    ("department_key", DataType::Int32),
    ("day", DataType::Date32),
    ("revenue", MONEY),
    ("kept_revenue", MONEY),
    ("profit", MONEY),
    ("lines_without_profit", DataType::Int64),
    ("sales", DataType::Int64),
    ("is_consumption", DataType::Boolean),
    ("window_start", DataType::Date32),
    ("other_window_start", DataType::Date32),
];

/// What is the same for all rows: the scope key of the chain, and of the first department, and whether to tell what was
/// paid on each day.
pub const BOUNDS: [(&str, DataType); 3] =
    [("chain_key", DataType::Int32), ("first_department_key", DataType::Int32), ("has_history", DataType::Boolean)];
