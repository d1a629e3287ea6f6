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
    partitions: usize,
}

impl Ranges {
    /// Buckets small enough to be sorted in memory, few enough to be open at once.
    pub fn of(customers: usize, partitions: usize) -> Self {
        const CUSTOMERS_OF_A_BUCKET: usize = 8_192;
        const MOST_BUCKETS: usize = 256;
        let wanted = customers.div_ceil(CUSTOMERS_OF_A_BUCKET).max(partitions).clamp(1, MOST_BUCKETS);
        let bucket_width = customers.div_ceil(wanted).max(1);
        let buckets = customers.div_ceil(bucket_width).max(1);
        Ranges { bucket_width, buckets, partitions: partitions.clamp(1, buckets) }
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// How many partitions there are.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// The bucket of a customer's key; the first, of no customer.
    pub fn bucket(&self, key: Option<i32>) -> usize {
        let key = key.and_then(|key| usize::try_from(key).ok()).unwrap_or_default();
        (key / self.bucket_width).min(self.buckets - 1)
    }

    /// The buckets of a partition.
    pub fn buckets_of(&self, partition: usize) -> Range<usize> {
        let first = |partition: usize| partition * self.buckets / self.partitions;
        first(partition)..first(partition + 1)
    }

    /// The first key of each partition but the first.
    ///
    /// # Errors
    /// More customers than keys.
    pub fn split_points(&self) -> Result<Vec<SplitPoint>> {
        let first_key = |partition| i32::try_from(self.buckets_of(partition).start * self.bucket_width);
        (1..self.partitions)
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
            customers in 0..200_000_usize,
            partitions in 1..20_usize,
            key in 0..200_000_i32,
        ) {
            let ranges = Ranges::of(customers, partitions);
            let key = key % i32::try_from(customers.max(1)).expect("few customers");
            let bucket = ranges.bucket(Some(key));
            let partition = (0..ranges.partitions()).find(|&p| ranges.buckets_of(p).contains(&bucket)).expect("one");
            let points = ranges.split_points().expect("split points");
            prop_assert_eq!(points.len() + 1, ranges.partitions());
            let reached = points.iter().filter(|point| point.values()[0] <= ScalarValue::Int32(Some(key))).count();
            prop_assert_eq!(partition, reached);
        }
    }

    #[test]
    fn no_customers_are_one_empty_range() {
        let ranges = Ranges::of(0, 4);
        assert_eq!((ranges.buckets(), ranges.partitions(), ranges.bucket(None)), (1, 1, 0));
    }
}
