//! From objects to staged rows: list, fingerprint, read, map, check each row, set bad ones aside.
//!
//! Every entity is staged as Parquet files under `<work>/src_<entity>/`; small objects share one.
//! A staged file has the entity's canonical columns ([`Entity::columns`]) in order, where
//!
//! | kind | staged as |
//! |---|---|
//! | ids of customers, branches, departments, items | `customer_ref`, `branch_ref`, …: Int32 reference into [`Dictionaries`] |
//! | Text, Word, Zone | Utf8 |
//! | LocalDay `…_at` | `…_on`: Date32, the branch's local day |
//! | Instant | Timestamp(µs, UTC) |
//! | Day | Date32 |
//! | Money | Decimal128(18, 2) |
//! | Integer | Int64 |
//!
//! and then `key_hash` Int64 (of [`Entity::key`], and of the branch where that is part of the key),
//! `object_ref` Int32 (`object_no(object_ref)` is the rank of the object's URL among the entity's) and `row_no` Int64 (position of the
//! row in its object, from 1). All columns but the required ones, orders' order_id and these three are
//! nullable.
//!
//! [`Entity::columns`]: crate::entity::Entity::columns
//! [`Entity::key`]: crate::entity::Entity::key

mod everything;
mod folders;
mod held;
mod id_table;
mod ingest;
mod ingested;
mod keyed_hash;
mod list;
mod outlook;
mod parse;
mod read;
mod reject;
mod row_fault;
mod scope_keys;
mod staging;
mod state;
mod texts;
mod threads;

pub use everything::Ingested;
pub use folders::rejected_folder;
pub use held::Held;
pub use ingest::{ingest, ingest_in_parts, ingest_listed};
pub use ingested::{Conflict, Delivery, Dictionaries, Dictionary, InputObject, Replaced, RowCounts, Staged};
pub use keyed_hash::id_scheme;
pub use list::Naming;
pub use outlook::{ListedObject, Listing};
pub use parse::date_pattern::is_date_of;
pub use read::peek::{Peek, PeekedColumn, first_bytes, peek};
pub use reject::file::{gather_rejected, rejected_schema};
pub use reject::limit::ratio;
pub use scope_keys::ScopeKeys;
pub use staging::day_range::day_range;
pub use state::Standing;
pub use threads::wait_for_readers;
