//! What was read, kept for the next run: a run reads new and changed objects only.
//!
//! A state is a folder of this machine (`limits.state_dir`). In it lie the staged files of orders, visits and leads as
//! they were written, the ids that their references stand for, and a manifest that says what all of it was made of. It is
//! a cache: what isn't as it was written, or was made of something else, is read again, and a run without a state gives
//! the same bytes.
//!
//! Branches, items and customers' numbers are read every time: rows of the others are held against them, and a state that
//! was held against others isn't used. Nor are objects kept whose rows are orders of their own, for these are named by the
//! object's rank; nor, where customers' ids are hashed, leads, whose keys are made of ids.

mod folder;
mod ids;
mod keep;
mod kept;
mod manifest;
mod rules;
mod scan;
mod stand_in;
mod standing;

pub(super) use folder::StateFolder;
pub(super) use keep::{NewlyRead, ToKeep};
pub(super) use kept::Kept;
pub(super) use scan::Scanned;
pub(super) use stand_in::{objects_of, stand_in};
pub use standing::Standing;
pub(super) use standing::outlook;
