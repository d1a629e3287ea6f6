//! What lists hold.

use arrow::array::{Array, ArrayRef, ListArray};

/// The items of `lists`, without those of longer ones that they are a part of.
pub fn own_items(lists: &ListArray) -> ArrayRef {
    // Offsets are never below zero, and there is one at least.
    let place = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or_default();
    let (start, end) = (place(lists.offsets().first()), place(lists.offsets().last()));
    lists.values().slice(start, end.saturating_sub(start))
}
