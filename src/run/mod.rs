//! A run: the stages in their order. `config → source → model → engine → check → publish`.

mod answer;
mod build;
mod changes;
mod conflict;
mod consent;
mod dimensions;
mod empty;
mod execute;
mod facts;
mod frozen;
mod headline;
mod metrics;
mod models;
mod outcome;
mod plan;
mod publishing;
mod rehearse;
mod restate;
mod rows;
mod shrunk;
mod slots;
mod stage_tables;
mod stale;
mod work_folder;

pub use build::{Built, build};
pub use changes::{Change, ComparedObject, ObjectCounts};
pub use consent::Consent;
pub use empty::Empty;
pub use execute::run;
pub use facts::Snapshot;
pub use outcome::{Headline, Outcome, PackageSessions, Published, TableRows};
pub use plan::{CHANGES_SHOWN, Plan, Verdict, plan};
pub use rehearse::{Schemas, rehearse, rehearse_own};
pub use work_folder::{BetweenRuns, sweep};
