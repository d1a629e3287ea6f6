//! How customers are split: by ranges of their keys.

use std::ops::Range;

use arrow::compute::SortOptions;
use datafusion::common::{Result, ScalarValue, SplitPoint, internal_datafusion_err};

/// Ascending, nulls first: the order in which clustered rows lie.
pub const ORDER: SortOptions = SortOptions { descending: false, nulls_first: true };

/// Customers' keys 0, 1, … in buckets of equal width, and whole buckets in partitions. All clustered tables of a run are
/// split alike, so that rows of one customer meet in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges {
    bucket_width: usize,
    buckets: usize,
    /// The first bucket of each partition.
    firsts: Vec<usize>,
}

impl Ranges {
    /// Buckets small enough to be sorted in memory, few enough to be open at once.
    pub fn of(customers: usize, partitions: usize) -> Self {
        const CUSTOMERS_OF_A_BUCKET: usize = 8_192;
        const MOST_BUCKETS: usize = 256;
        let wanted = customers.div_ceil(CUSTOMERS_OF_A_BUCKET).max(partitions).clamp(1, MOST_BUCKETS);
        Ranges::in_buckets(customers, wanted, partitions)
    }

    /// As many buckets as wanted, or fewer where there are fewer customers.
    pub fn in_buckets(customers: usize, wanted: usize, partitions: usize) -> Self {
        let bucket_width = customers.div_ceil(wanted).max(1);
        let buckets = customers.div_ceil(bucket_width).max(1);
        let partitions = partitions.clamp(1, buckets);
        let firsts = (0..partitions).map(|partition| partition * buckets / partitions).collect();
        Ranges { bucket_width, buckets, firsts }
    }

    /// The same buckets shared out among as many partitions, where there are so many `rows` in each. Ids are often numbered
    /// as customers come, and who came first has most rows; later steps take their time by the row or by the customer, so
    /// half of a partition's share is of rows and half of customers.
    pub fn shared_out(&self, rows: &[usize]) -> Self {
        let (all, partitions): (usize, usize) = (rows.iter().sum(), self.partitions());
        let weights = rows.iter().map(|rows| rows * self.buckets + all);
        let total = 2 * all * self.buckets;
        let mut firsts = vec![0];
        let mut before = 0;
        for (bucket, weight) in weights.enumerate() {
            let begun = firsts.len();
            // The share is nearer to what is before this bucket than to what is before the next.
            let is_full = (2 * before + weight) * partitions >= 2 * begun * total;
            let is_needed = self.buckets - bucket <= partitions.saturating_sub(begun);
            if bucket > 0 && begun < partitions && (is_full || is_needed) {
                firsts.push(bucket);
            }
            before += weight;
        }
        Ranges { firsts, ..self.clone() }
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.firsts.len()
    }

    /// The bucket of a customer's key; the first, of no customer.
    pub fn bucket(&self, key: Option<i32>) -> usize {
        let key = key.and_then(|key| usize::try_from(key).ok()).unwrap_or_default();
        (key / self.bucket_width).min(self.buckets - 1)
    }

    /// The buckets of a partition.
    pub fn buckets_of(&self, partition: usize) -> Range<usize> {
        let first = |partition: usize| self.firsts.get(partition).copied().unwrap_or(self.buckets);
        first(partition)..first(partition + 1)
    }

    /// The first key of each partition but the first.
    ///
    /// # Errors
    /// More customers than keys.
    pub fn split_points(&self) -> Result<Vec<SplitPoint>> {
        let first_key = |partition| i32::try_from(self.buckets_of(partition).start * self.bucket_width);
        (1..self.partitions())
            .map(|partition| {
                let key = first_key(partition).map_err(|_| internal_datafusion_err!("more than 2^31 customers"))?;
                Ok(SplitPoint::new(vec![ScalarValue::Int32(Some(key))]))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_customer_is_in_the_partition_that_the_split_points_say(
            customers in 1..60_usize,
            wanted in 1..20_usize,
            partitions in 1..10_usize,
            rows in prop::collection::vec(0..1_000_usize, 60),
        ) {
            let equal = Ranges::in_buckets(customers, wanted, partitions);
            let ranges = equal.shared_out(&rows[..equal.buckets()]);
            prop_assert_eq!((ranges.buckets(), ranges.partitions()), (equal.buckets(), equal.partitions()));
            prop_assert!((0..ranges.partitions()).all(|partition| !ranges.buckets_of(partition).is_empty()));
            let points = ranges.split_points().expect("split points");
            prop_assert_eq!(points.len() + 1, ranges.partitions());
            for key in (0_i32..).take(customers) {
                let bucket = ranges.bucket(Some(key));
                let partition = (0..ranges.partitions()).find(|&place| ranges.buckets_of(place).contains(&bucket));
                let reached = points.iter().filter(|point| point.values()[0] <= ScalarValue::Int32(Some(key))).count();
                prop_assert_eq!(partition, Some(reached));
            }
        }
    }

    #[test]
    fn buckets_are_small_enough_to_sort_and_few_enough_to_be_open_at_once() {
        let of = |customers, partitions| {
            let ranges = Ranges::of(customers, partitions);
            (ranges.buckets(), ranges.partitions())
        };
        assert_eq!(of(3, 16), (3, 3), "no more of either than customers");
        assert_eq!(of(1_500_000, 2), (184, 2));
        assert_eq!(of(10_000_000, 2), (256, 2));
    }

    #[test]
    fn partitions_share_rows_and_customers_and_have_a_bucket_at_least() {
        let shared = |rows: &[usize], partitions| {
            let ranges = Ranges::in_buckets(rows.len(), rows.len(), partitions).shared_out(rows);
            (0..partitions).map(|partition| ranges.buckets_of(partition)).collect::<Vec<_>>()
        };
        assert_eq!(shared(&[9, 9, 9, 9, 9, 9], 2), [0..3, 3..6]);
        assert_eq!(shared(&[40, 30, 20, 10, 5, 5], 2), [0..2, 2..6], "a share of 70/110 + 2/6 and one of 40/110 + 4/6");
        assert_eq!(shared(&[90, 4, 3, 2, 1, 0], 2), [0..1, 1..6], "a share of 90/100 + 1/6 and one of 10/100 + 5/6");
        assert_eq!(shared(&[50, 50, 1, 1], 3), [0..1, 1..2, 2..4]);
        assert_eq!(shared(&[1, 1, 1, 100], 3), [0..2, 2..3, 3..4]);
        assert_eq!(shared(&[100, 1, 1, 1], 3), [0..1, 1..2, 2..4]);
        assert_eq!(shared(&[0, 0, 0], 2), [0..1, 1..3]);
    }

    #[test]
    fn no_customers_are_one_empty_range() {
        let ranges = Ranges::of(0, 4);
        assert_eq!((ranges.buckets(), ranges.partitions(), ranges.bucket(None)), (1, 1, 0));
    }
}
