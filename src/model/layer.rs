//! The folders of models, checks and seeds, and what belongs into each.

use include_dir::{Dir, include_dir};

pub(super) static BUILT_IN: Dir = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// A folder below `sql/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `staging/`: an entity's rows, without duplicates.
    Staging,
    /// `intermediate/`: what several models need.
    Intermediate,
    /// `marts/`: published tables.
    Marts,
    /// `checks/`: queries that must return nothing.
    Checks,
    /// `seeds/`: small tables.
    Seeds,
    /// `tests/`: cases that the models are held against.
    Tests,
}

impl Layer {
    /// All of them, in the order in which data flows.
    pub const ALL: [Layer; 6] =
        [Layer::Staging, Layer::Intermediate, Layer::Marts, Layer::Checks, Layer::Seeds, Layer::Tests];

    /// The folder's name.
    pub fn folder(self) -> &'static str {
        match self {
            Layer::Staging => "staging",
            Layer::Intermediate => "intermediate",
            Layer::Marts => "marts",
            Layer::Checks => "checks",
            Layer::Seeds => "seeds",
            Layer::Tests => "tests",
        }
    }

    /// What names start with; a check and a file of cases may have any name.
    pub fn prefixes(self) -> &'static [&'static str] {
        match self {
            Layer::Staging => &["stg_"],
            Layer::Intermediate => &["int_"],
            Layer::Marts => &["fct_", "dim_"],
            Layer::Checks | Layer::Tests => &[],
            Layer::Seeds => &["seed_"],
        }
    }

    /// What files end with.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Layer::Checks => &["sql"],
            Layer::Seeds => &["csv"],
            Layer::Tests => &["yaml"],
            Layer::Staging | Layer::Intermediate | Layer::Marts => &["sql", "yaml"],
        }
    }

    /// The folder of a name, as its prefix tells.
    pub fn of_name(name: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.prefixes().iter().any(|prefix| name.starts_with(prefix)))
    }
}
