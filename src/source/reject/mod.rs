//! Rows set aside: their files, what of them may be shown, and how many are too many.

pub(super) mod file;
pub(super) mod limit;
pub(super) mod mask;
