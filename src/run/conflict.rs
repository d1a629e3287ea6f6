//! Keys that came again with another branch, customer or day: what is told of them, and when they are too many.

use crate::config::{Pipeline, UniqueIn};
use crate::entity::Entity;
use crate::source::{Conflict, Delivery, InputObject, ratio};
use crate::{Error, Kind, Result};

/// Examples that are kept of an entity.
pub const EXAMPLES: usize = 10;
/// Examples that an error shows.
const SHOWN: usize = 5;

/// The contradicting rows of an entity.
#[derive(Default)]
pub struct Found {
    /// Rows that gave way.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Conflict>,
}

impl Found {
    /// The examples as text.
    pub fn texts(&self, pipeline: &Pipeline, inputs: &[InputObject]) -> Vec<String> {
        let hides_ids = pipeline.privacy.is_some();
        self.examples.iter().map(|example| text(example, inputs, hides_ids)).collect()
    }
}

/// # Errors
/// More than `limits.max_conflicting_share` of the `read` rows contradict others.
pub fn check_share(
    entity: Entity,
    found: &Found,
    read: u64,
    pipeline: &Pipeline,
    inputs: &[InputObject],
) -> Result<()> {
    let (share, limit) = (ratio(found.rows, read), pipeline.limits.max_conflicting_share);
    if share <= limit {
        return Ok(());
    }
    let message = format!(
        "{}: {} of {read} rows ({:.1} %) came again with another branch, customer or day, more than \
         limits.max_conflicting_share allows ({:.1} %)",
        entity.name(),
        found.rows,
        share * 100.0,
        limit * 100.0
    );
    let texts = found.texts(pipeline, inputs);
    let error = texts.into_iter().take(SHOWN).fold(Error::new(Kind::Data, message), Error::detail);
    Err(error.hint(remedy(entity, pipeline)))
}

fn remedy(entity: Entity, pipeline: &Pipeline) -> String {
    let ids = pipeline.ids;
    let setting = match entity {
        Entity::Orders => Some(("order_ids", ids.orders, "order_id and line_no")),
        Entity::Visits => Some(("visit_ids", ids.visits, "visit_id")),
        _ => None,
    };
    let otherwise = "raise the limit only if such corrections are expected";
    match setting {
        Some((key, UniqueIn::Chain, _)) => {
            format!(
                "if branches use the same numbers for different things, write `{key}: {{unique_in: branch}}`; {otherwise}"
            )
        }
        Some((_, UniqueIn::Branch, columns)) => {
            format!(
                "map {columns} to what tells a branch's rows apart, for one number can't mean two things; {otherwise}"
            )
        }
        None if entity == Entity::Customers => {
            format!("let the export name one customer per branch and number, or map updated_at; {otherwise}")
        }
        None => format!("mend the export, so that it says the same day each time; {otherwise}"),
    }
}

/// What one delivery says, and what the one says that took its place.
fn text(conflict: &Conflict, inputs: &[InputObject], hides_ids: bool) -> String {
    let (lost, kept) = (&conflict.lost, &conflict.kept);
    let mut changes = Vec::new();
    let mut compare = |what: &str, lost: Option<String>, kept: Option<String>| {
        if lost != kept {
            let [lost, kept] = [lost, kept].map(|value| value.unwrap_or_else(|| "none".to_owned()));
            changes.push(format!("{what} {lost}, then {kept}"));
        }
    };
    compare("branch", lost.branch.clone(), kept.branch.clone());
    compare("day", lost.day.map(|day| day.to_string()), kept.day.map(|day| day.to_string()));
    if !hides_ids {
        compare("customer", lost.customer.clone(), kept.customer.clone());
    } else if lost.customer != kept.customer {
        changes.push("another customer".to_owned());
    }
    let place = |delivery: &Delivery| {
        let same_entity = || inputs.iter().filter(|input| input.entity == conflict.entity);
        let object = usize::try_from(delivery.object_no).ok().and_then(|number| same_entity().nth(number));
        format!("row {} of {}", delivery.row_no, object.map_or("an object", |object| object.url.as_str()))
    };
    let branch = kept.branch.as_ref().filter(|_| lost.branch == kept.branch);
    // With hashed ids a key isn't shown either: it may be a customer's id, or be made of one.
    let key = match (hides_ids, branch) {
        (true, None) => String::new(),
        (true, Some(branch)) => format!("at {branch}: "),
        (false, None) => format!("{}: ", conflict.key),
        (false, Some(branch)) => format!("{} at {branch}: ", conflict.key),
    };
    format!("{key}{} ({}, then {})", changes.join("; "), place(lost), place(kept))
}
