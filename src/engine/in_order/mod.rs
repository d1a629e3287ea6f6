//! Aggregates over rows that come in order of their groups: where one group ends and the next begins is seen by comparing
//! neighbours, so that no group is looked up by a hash.

mod groups;
mod operator;
mod rule;
#[cfg(test)]
mod tests;

pub use rule::AggregateInOrder;
