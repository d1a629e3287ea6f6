//! Intermediate tables: rows in the work folder, quick to write and to read, gone after the run.
//!
//! Columns lie in blocks of their own, for of a wide table most models read a few. Nothing is compressed: that takes a tenth
//! of a night.

mod blocks;
mod keep;
mod kept_rows;
mod layout;
mod observed;
mod partition;
mod scan;
#[cfg(test)]
mod tests;

pub use keep::keep;
