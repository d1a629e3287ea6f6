//! Pages: one HTML file each, which holds everything that it shows. That of a snapshot is for headquarters, the data
//! dictionary for who reads the tables.
//!
//! The queries of the figures and the pages' parts lie in `report/`. Here the queries are run over the very files that
//! commits name, and their rows put into the page. They return totals: no customer's row gets into it.

mod document;
mod figure;
mod keep;
mod metrics;
mod parts;
mod rows;
mod span;
mod tables;
mod whole;

use serde_json::Value;

pub use keep::keep;
pub use whole::page;

/// The page of a data dictionary as HTML; `picture` is the lineage, as SVG.
pub fn dictionary(data: &Value, picture: &str) -> String {
    document::html(&parts::DICTIONARY, data, picture)
}
