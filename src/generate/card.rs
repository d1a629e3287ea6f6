//! Packages of sessions.

use super::event::OrderLine;

/// How long the sessions of a package may be used.
pub const PACKAGE_VALID_DAYS: i32 = 365;

/// A package with sessions left.
#[derive(Clone, Debug)]
pub struct Card {
    /// The package's line.
    pub line: OrderLine,
    /// Sessions left.
    pub left: u32,
    /// The first day on which none may be used any more.
    pub expires: i32,
}
