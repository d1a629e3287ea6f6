//! Intermediate tables: rows in the work folder, quick to write and to read, gone after the run.
//!
//! Columns lie in blocks of their own, for of a wide table most models read a few. Numbers take the bytes that they need
//! ([`pack`]); nothing is compressed beside: that takes a tenth of a night.

mod blocks;
mod keep;
mod kept_rows;
mod layout;
mod observed;
mod pack;
mod partition;
mod scan;
#[cfg(test)]
mod tests;

pub use keep::keep;
