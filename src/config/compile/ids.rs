//! Within what ids are unique.

use crate::config::pipeline::{Ids, Source, UniqueIn};
use crate::config::raw::{RawIds, RawUniqueIn};
use crate::entity::Entity;
use crate::yaml::{At, Mistakes};

/// Within what ids are unique, by what is written for orders, visits and customers.
pub fn ids(orders: Option<RawIds>, visits: Option<RawIds>, customers: Option<RawIds>) -> Ids {
    let default = Ids::default();
    Ids {
        orders: unique_in(orders, default.orders),
        visits: unique_in(visits, default.visits),
        customers: unique_in(customers, default.customers),
    }
}

fn unique_in(raw: Option<RawIds>, default: UniqueIn) -> UniqueIn {
    match raw.and_then(|raw| raw.unique_in) {
        Some(RawUniqueIn::Branch) => UniqueIn::Branch,
        Some(RawUniqueIn::Chain) => UniqueIn::Chain,
        None => default,
    }
}

/// Notes a source that maps customers' numbers to ids where the numbers are ids already.
pub fn mapping_is_of_use(ids: Ids, sources: &[Source], at: &At, mistakes: &mut Mistakes) {
    let maps = sources.iter().any(|source| source.entity == Entity::Customers);
    if maps && ids.customers == UniqueIn::Chain {
        let remedy = "write `customer_ids: {unique_in: branch}`, or leave this source out";
        mistakes
            .key(at, format!("{at} maps branches' numbers to the chain's ids, but ids are the chain's here; {remedy}"));
    }
}
