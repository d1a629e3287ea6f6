//! Which references of a domain are taken by rows of earlier runs, and which are left.

/// Marks the references that occur.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Used(Vec<bool>);

impl Used {
    /// Marks a reference.
    pub fn mark(&mut self, reference: i32) {
        let Ok(place) = usize::try_from(reference) else { return };
        if place >= self.0.len() {
            self.0.resize(place + 1, false);
        }
        if let Some(slot) = self.0.get_mut(place) {
            *slot = true;
        }
    }

    /// Marks all that `other` marks.
    pub fn merge(&mut self, other: &Used) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), false);
        }
        for (slot, is_used) in self.0.iter_mut().zip(&other.0) {
            *slot |= is_used;
        }
    }

    /// Whether a reference is marked.
    pub fn is_marked(&self, reference: i32) -> bool {
        usize::try_from(reference).ok().and_then(|place| self.0.get(place)).copied().unwrap_or(false)
    }

    /// How many references are marked.
    pub fn count(&self) -> usize {
        self.0.iter().filter(|is_used| **is_used).count()
    }

    /// Those that aren't marked.
    pub fn unused(&self) -> Unused {
        let gaps = (0..).zip(&self.0).filter(|(_, is_used)| !**is_used).map(|(reference, _)| reference).collect();
        Unused { gaps, next: i32::try_from(self.0.len()).unwrap_or(i32::MAX) }
    }
}

/// References to give away, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Unused {
    gaps: Vec<i32>,
    /// The first one behind all that are taken.
    next: i32,
}

impl Unused {
    /// The `place`th of them, from 0; None behind the last one.
    pub fn nth(&self, place: i32) -> Option<i32> {
        let index = usize::try_from(place).ok()?;
        match self.gaps.get(index) {
            Some(gap) => Some(*gap),
            None => self.next.checked_add(i32::try_from(index - self.gaps.len()).ok()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_given_away_was_not_taken(taken in prop::collection::btree_set(0..60_i32, 0..40), more in 0..30_i32) {
            let mut used = Used::default();
            taken.iter().for_each(|reference| used.mark(*reference));
            prop_assert_eq!(used.count(), taken.len());
            let unused = used.unused();
            let given: Vec<i32> = (0..more).filter_map(|place| unused.nth(place)).collect();
            let expected: Vec<i32> = (0..).filter(|reference| !taken.contains(reference)).take(given.len()).collect();
            prop_assert_eq!(given, expected);
        }
    }

    #[test]
    fn numbers_come_to_an_end() {
        let unused = Unused { gaps: vec![7], next: i32::MAX };
        assert_eq!([0, 1, 2].map(|place| unused.nth(place)), [Some(7), Some(i32::MAX), None]);
        assert_eq!(unused.nth(-1), None);
    }
}
