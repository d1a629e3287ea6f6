//! What somebody has said that is right.

use super::empty::Empty;

/// What a run refuses unless somebody has said that it is right.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// What it does about inputs that have run dry.
    pub empty: Empty,
    /// Why a published day is published anew, if it comes out otherwise.
    pub restate: Option<String>,
}
