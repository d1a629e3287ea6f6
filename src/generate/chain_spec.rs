//! What to generate.

use chrono::{Days, Months, NaiveDate};

use crate::{Error, Kind, Result};

/// How the data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// As a chain's branches would deliver it: a file per month, branches with exports of their own,
    /// late rows, redelivered rows, and some dirt.
    Csv,
    /// As a bench wants it: clean canonical Parquet, a file per block of customers.
    Parquet,
}

/// What to generate. The same spec gives the same bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainSpec {
    /// Branches of the chain.
    pub branches: u32,
    /// Customers and leads.
    pub customers: u64,
    /// Months of history.
    pub months: u32,
    /// About so many order lines in all (within 2 %); what comes naturally unless told.
    pub orders: Option<u64>,
    /// Seed of all chance.
    pub seed: u64,
    /// The last day on which anything happens.
    pub until: NaiveDate,
    /// How it is written.
    pub format: FileFormat,
    /// Of a million CSV rows, how many are followed by one that can't be used.
    pub dirt_per_million: u32,
    /// Of a million CSV rows, how many are delivered too early or too late: a first version that is
    /// corrected in the file of the next month, or only there.
    pub redelivered_per_million: u32,
}

/// More branches than any chain has, and few enough for a sixteen-bit number.
const MOST_BRANCHES: u32 = 10_000;
/// A century.
const MOST_MONTHS: u32 = 1_200;
/// Ids still have a fixed width.
const MOST_CUSTOMERS: u64 = 99_999_999;

impl Default for ChainSpec {
    /// The demo's chain: 12 branches, 6,000 customers, 26 months.
    fn default() -> Self {
        ChainSpec {
            branches: 12,
            customers: 6_000,
            months: 26,
            orders: None,
            seed: 1,
            until: NaiveDate::from_ymd_opt(2026, 10, 31).unwrap_or(NaiveDate::MIN),
            format: FileFormat::Csv,
            dirt_per_million: 1_000,
            redelivered_per_million: 8_000,
        }
    }
}

impl ChainSpec {
    /// The first day of the history.
    ///
    /// # Errors
    /// A spec that can't be carried out, with the number to change.
    pub fn first_day(&self) -> Result<NaiveDate> {
        let within = |what: &str, value: u64, most: u64| match value {
            0 => Err(usage(format!("{what} is 0")).hint(format!("choose from 1 to {most}"))),
            _ if value > most => Err(usage(format!("{what} is {value}")).hint(format!("choose from 1 to {most}"))),
            _ => Ok(()),
        };
        within("the number of branches", self.branches.into(), MOST_BRANCHES.into())?;
        within("the number of customers", self.customers, MOST_CUSTOMERS)?;
        within("the number of months", self.months.into(), MOST_MONTHS.into())?;
        if self.orders == Some(0) {
            return Err(usage("the number of order lines is 0").hint("leave it out to get what comes naturally"));
        }
        for (what, share) in [("dirty", self.dirt_per_million), ("redelivered", self.redelivered_per_million)] {
            if share > 1_000_000 {
                return Err(usage(format!("{share} of a million rows are {what}")).hint("choose 1000000 or less"));
            }
        }
        self.until
            .checked_add_days(Days::new(1))
            .and_then(|day| day.checked_sub_months(Months::new(self.months)))
            .filter(|day| day.format("%Y").to_string().len() == 4)
            .ok_or_else(|| usage(format!("{} months until {} leave the calendar", self.months, self.until)))
    }
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(Kind::Usage, message)
}
