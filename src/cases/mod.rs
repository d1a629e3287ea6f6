//! Cases: given rows, and the tables that the models must make of them. They stand in YAML beside the models.
//!
//! A case's rows are written as CSV objects and go the way of every run, from reading to the checks; only nothing is
//! published. Of the models, those are built that the expected tables are made from.

mod case;
mod compare;
mod expected;
mod given;
mod perform;
mod read;
mod settings;
mod suite;
mod table;
mod value;

pub use case::{Case, Expected, Rows};
pub use compare::{Change, Difference};
pub use perform::{CaseOutcome, CaseResult};
pub use suite::{Suite, failure};
