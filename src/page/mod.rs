//! The page of a snapshot for headquarters: one HTML file that holds its figures and everything that shows them.
//!
//! The queries of the figures and the page's parts lie in `report/`. Here the queries are run over the very files that
//! commits name, and their rows put into the page. They return totals: no customer's row gets into it.

mod document;
mod figure;
mod keep;
mod metrics;
mod rows;
mod span;
mod tables;
mod whole;

pub use keep::keep;
pub use whole::page;
