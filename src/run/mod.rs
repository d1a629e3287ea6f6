//! A run: the stages in their order. `config → source → model → engine → check → publish`.

mod conflict;
mod execute;
mod facts;
mod frozen;
mod headline;
mod outcome;
mod plan;
mod rehearse;
mod rows;

pub use execute::run;
pub use facts::Snapshot;
pub use outcome::{Headline, Outcome, PackageSessions, Published, TableRows};
pub use plan::{Plan, Verdict, plan};
pub use rehearse::rehearse;
