//! From what a batch holds to canonical values: numbers, days and times, words, columns that are worked out.

pub(super) mod canonical;
mod cells;
pub(super) mod convert;
pub(super) mod date_pattern;
pub(super) mod derive;
mod number_columns;
pub(super) mod own_order;
pub(super) mod parsed_time;
mod time_columns;
pub(super) mod zones;
