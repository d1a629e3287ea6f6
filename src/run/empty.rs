//! Inputs that have run dry: a night whose export failed must not pass for a night on which nobody came.

use super::plan::Plan;
use crate::entity::Entity;
use crate::publish::Commit;
use crate::source::{Ingested, RowCounts};
use crate::{Error, Kind, Result};

/// Entities whose rows make a customer known.
const OF_CUSTOMERS: [Entity; 3] = [Entity::Orders, Entity::Visits, Entity::Leads];

/// What a run does about inputs that have run dry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// It publishes nothing.
    #[default]
    Refused,
    /// It publishes, and warns.
    Allowed,
}

/// What has run dry, as warnings.
///
/// # Errors
/// [`Kind::Data`] where something has, and `empty` refuses that.
pub(super) fn gate(ingested: &Ingested, plan: &Plan, empty: Empty) -> Result<Vec<String>> {
    let found = run_dry(ingested, plan);
    match found.split_first() {
        Some((first, others)) if empty == Empty::Refused => Err(others
            .iter()
            .fold(Error::new(Kind::Data, first.as_str()), |error, other| error.detail(other.as_str()))
            .hint("look at the exports; if this is right, run once more with --allow-empty")),
        _ => Ok(found),
    }
}

/// The snapshot before: the latest of an earlier day.
pub(super) fn earlier(plan: &Plan) -> Option<&Commit> {
    plan.history.in_force().filter(|commit| commit.as_of < plan.snapshot.as_of).max_by_key(|commit| commit.as_of)
}

fn run_dry(ingested: &Ingested, plan: &Plan) -> Vec<String> {
    let as_of = plan.snapshot.as_of;
    let present = || ingested.entities.iter().filter(|(_, staged)| staged.is_present);
    let is_of_nobody = present().filter(|(entity, _)| OF_CUSTOMERS.contains(entity)).all(|(_, it)| it.rows.staged == 0);
    let nobody = is_of_nobody.then(|| format!("nobody is known by {as_of}: no order, visit or lead can be used"));
    let earlier = earlier(plan);
    let dry = present().filter(|(_, staged)| staged.rows.staged == 0);
    let dry = dry.filter_map(|(entity, staged)| sentence(*entity, staged.rows, earlier?));
    nobody.into_iter().chain(dry).collect()
}

/// None if the entity had no rows in the snapshot before, either.
fn sentence(entity: Entity, rows: RowCounts, earlier: &Commit) -> Option<String> {
    let before = earlier.rows.get(entity.name()).map(|rows| rows.used).filter(|used| *used > 0)?;
    Some(format!(
        "{}: of {} rows none is used ({} rejected, {} after the day); in the snapshot of {}, {before} were",
        entity.name(),
        rows.read,
        rows.rejected,
        rows.after_as_of,
        earlier.as_of,
    ))
}
