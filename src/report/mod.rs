//! What a run says when it is over, and what there is to know of its tables.

mod cases;
mod catalog;
mod dictionary;
mod difference;
mod integrity;
mod json;
mod metricflow;
mod metrics;
mod models;
mod picture;
mod plan;
mod proposal;
mod prose;
mod status;
mod summary;
mod tables;

pub use cases::cases;
pub use catalog::{duckdb_catalog, ducklake_catalog};
pub use dictionary::Dictionary;
pub use difference::difference;
pub use integrity::{faulty, findings, repaired, strays};
pub use json::{PlanAnswer, RunAnswer, RunsAnswer, json, schema_of};
pub use metricflow::metricflow;
pub use metrics::metrics;
pub use models::models;
pub use plan::plan;
pub use proposal::proposal;
pub use status::Status;
pub use summary::{commits, outcome, outcome_line};
pub use tables::grouped;
