//! Lists in which nothing may stand twice.

use crate::yaml::{At, Mistakes};

/// Notes every item that the list already has.
pub fn distinct<T: PartialEq>(items: &[T], at: &At, mistakes: &mut Mistakes) -> Option<()> {
    let mut is_distinct = true;
    for (index, item) in items.iter().enumerate() {
        if items.iter().take(index).any(|earlier| earlier == item) {
            is_distinct = false;
            mistakes.value(&at.index(index), format!("{at} already holds this; write it once"));
        }
    }
    is_distinct.then_some(())
}
