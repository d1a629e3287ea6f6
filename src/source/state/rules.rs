//! What can stay read, and by which rules it was read.

use sha2::{Digest, Sha256};

use crate::config::{Pipeline, Source};
use crate::entity::Entity;
use crate::source::keyed_hash::id_scheme;

/// Hash of the rules by which a source's objects are read.
pub(super) fn rules(pipeline: &Pipeline, source: &Source) -> String {
    let of_chain = (pipeline.timezone, pipeline.ids, id_scheme(pipeline));
    format!("{:x}", Sha256::digest(format!("{:?}", (of_chain, &source.label, source.rules()))))
}

/// Whether rows of the entity can stay read.
pub(super) fn can_be_kept(pipeline: &Pipeline, entity: Entity) -> bool {
    match entity {
        Entity::Orders | Entity::Visits | Entity::Contacts => true,
        Entity::Leads => pipeline.privacy.is_none(),
        Entity::Branches | Entity::Items | Entity::Customers | Entity::Spend => false,
    }
}
