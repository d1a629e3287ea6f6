//! Items brought together by a small number of groups.

use std::ops::Range;

/// Items, group after group, each group's in the order in which they came.
pub struct Grouped<T> {
    /// The items.
    pub items: Vec<T>,
    ends: Vec<usize>,
}

impl<T: Copy + Default> Grouped<T> {
    /// Counts, then places: as quick as two looks at each item. `group_of` tells a number below `groups`.
    pub fn of(items: &[T], groups: usize, group_of: impl Fn(&T) -> usize) -> Self {
        let mut next = vec![0; groups];
        for item in items {
            if let Some(count) = next.get_mut(group_of(item)) {
                *count += 1;
            }
        }
        // From counts to where each group begins; placing its items moves that to where it ends.
        let mut begin = 0;
        for next in &mut next {
            begin += std::mem::replace(next, begin);
        }
        let mut placed = vec![T::default(); items.len()];
        for item in items {
            if let Some(place) = next.get_mut(group_of(item)) {
                if let Some(slot) = placed.get_mut(*place) {
                    *slot = *item;
                }
                *place += 1;
            }
        }
        Grouped { items: placed, ends: next }
    }

    /// Where the items of each group are, an empty one's included.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| begin..*end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_group_has_its_items_in_their_order(items in prop::collection::vec((0..5_usize, any::<u8>()), 0..40)) {
            let grouped = Grouped::of(&items, 5, |(group, _)| *group);
            let found: Vec<Vec<(usize, u8)>> = grouped.ranges().map(|range| grouped.items[range].to_vec()).collect();
            let of = |group| items.iter().copied().filter(|item| item.0 == group).collect();
            prop_assert_eq!(found, (0..5).map(of).collect::<Vec<Vec<_>>>());
        }
    }
}
