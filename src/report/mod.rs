//! What a run says when it is over, for people.

mod summary;
mod tables;

pub use summary::{commits, outcome, plan};
pub use tables::grouped;
