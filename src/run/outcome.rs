//! What a run has to tell.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

use super::facts::Snapshot;
use crate::entity::Entity;
use crate::publish::{Commit, EntityRows, Restated, Stale};

/// How a run ended.
pub enum Outcome {
    /// A snapshot was published.
    Published(Box<Published>),
    /// It had been published before, from the same inputs.
    UpToDate(Box<Commit>),
    /// It had been, from others: these have changed since, each in words, and every table comes out the same.
    Unchanged(Box<Commit>, Vec<String>),
    /// It had been, and so many of its files that were gone have been made again.
    Restored(Box<Commit>, usize),
}

impl Outcome {
    /// The day whose end the snapshot describes.
    pub fn as_of(&self) -> NaiveDate {
        match self {
            Outcome::Published(published) => published.snapshot.as_of,
            Outcome::UpToDate(commit) | Outcome::Unchanged(commit, _) | Outcome::Restored(commit, _) => commit.as_of,
        }
    }
}

/// A published snapshot.
pub struct Published {
    /// Day and period.
    pub snapshot: Snapshot,
    /// Where.
    pub location: String,
    /// Commit number.
    pub commit_number: u64,
    /// The commit of the same day that it takes the place of.
    pub restates: Option<Restated>,
    /// Published days whose rows have changed since.
    pub stale: Stale,
    /// Rows read per entity.
    pub rows: BTreeMap<String, EntityRows>,
    /// Package sessions whose visits don't say which branch sold the package.
    pub package_sessions: PackageSessions,
    /// Rows and bytes written per table.
    pub tables: Vec<TableRows>,
    /// What headquarters looks at first.
    pub headline: Headline,
    /// What the inputs that are missing switch off, a sentence each.
    pub switched_off: Vec<&'static str>,
    /// What a person should look at, though nothing failed.
    pub warnings: Vec<String>,
    /// Wall time.
    pub elapsed: Duration,
    /// Peak resident memory in bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// Where package sessions were found a package, of visits that don't say which branch sold it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackageSessions {
    /// At another branch than the visit's, the only one with a package of that number.
    pub elsewhere: u64,
    /// Nowhere: several other branches have the number.
    pub ambiguous: u64,
}

/// Size of a published table.
pub struct TableRows {
    /// Table.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
}

/// The first figures of a snapshot.
#[derive(Default)]
pub struct Headline {
    /// Customers per life stage, in the ladder's order.
    pub stages: Vec<(String, i64)>,
    /// Customers and money in the window per value segment.
    pub segments: Vec<(String, i64, String)>,
    /// Branches by revenue in the period, the best first.
    pub branches: Vec<(String, String)>,
}

/// What orders lose when an object names none.
pub const WITHOUT_ORDER_ID: &str =
    "no order_id: each row is an order of its own, and one that is delivered twice counts twice";

/// What the table columns lose when the pipeline has no source of `entity`.
pub fn without(entity: Entity) -> Option<&'static str> {
    match entity {
        Entity::Orders | Entity::Customers => None,
        Entity::Contacts => Some("no contacts: in fct_action_outcome contacted and reached are null"),
        Entity::Spend => Some(
            "no spend: in fct_acquisition_funnel spend, costs and payback are null, and so are acquisition_spend and \
             spend_per_new_customer",
        ),
        Entity::Visits => Some(
            "no visits: days come from orders alone, no package session is used; visits is null, and in \
             fct_acquisition_funnel who booked, arrived and was consulted",
        ),
        Entity::Leads => Some(
            "no leads: nobody is known before a first order or visit; leads, channel, cost_per_lead and \
                 lead_conversion_rate_90_days are null",
        ),
        Entity::Branches => {
            Some("no branches: names and regions are null, any branch_id is taken, one time zone for all")
        }
        Entity::Items => Some("no items: dim_item is empty"),
    }
}
