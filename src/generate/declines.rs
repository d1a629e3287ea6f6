//! What declines in the last closed month, each for a reason of its own, so that there is something to find: fewer who
//! come, fewer of them who buy, or a lower price.

use super::catalogue::{CHEAPER_ITEM, FALLING_ITEM, ITEMS};
use super::dice::Dice;

/// Branch at which [`FALLING_ITEM`] is bought less often.
const FALLING_AT: usize = 0;
/// Branch at which [`CHEAPER_ITEM`] becomes cheaper.
const CHEAPER_AT: usize = 1;
/// Branch to which fewer come.
const QUIET_AT: usize = 4;
/// Of a thousand sales of the falling item, how many are lost.
const LOST_SALES: u32 = 600;
/// Price that is left of the cheaper item's, in percent.
const CHEAPER_PERCENT: i64 = 55;
/// Of a thousand visits to the quiet branch, how many fall away. The month before was quieter by itself.
const LOST_VISITS: u32 = 440;

/// The declines of a history.
#[derive(Clone, Copy, Debug)]
pub struct Declines {
    /// First and last day of the last closed month.
    pub month: (i32, i32),
    falling_item: Option<usize>,
    cheaper_item: Option<usize>,
}

impl Declines {
    /// The declines from the month of these days on.
    pub fn new(month: (i32, i32)) -> Self {
        let place = |id| ITEMS.iter().position(|item| item.id == id);
        Declines { month, falling_item: place(FALLING_ITEM), cheaper_item: place(CHEAPER_ITEM) }
    }

    /// Whether a customer who came for `item` leaves without it.
    pub fn loses_sale(&self, branch: usize, item: usize, day: i32, dice: &mut Dice) -> bool {
        branch == FALLING_AT && self.falling_item == Some(item) && day >= self.month.0 && dice.chance(LOST_SALES)
    }

    /// Whether a customer who would have come to `branch` doesn't.
    pub fn loses_visit(&self, branch: usize, day: i32, dice: &mut Dice) -> bool {
        branch == QUIET_AT && (self.month.0..=self.month.1).contains(&day) && dice.chance(LOST_VISITS)
    }

    /// Price of `item` in percent of what it was.
    pub fn price_percent(&self, branch: usize, item: usize, day: i32) -> i64 {
        match branch == CHEAPER_AT && self.cheaper_item == Some(item) && day >= self.month.0 {
            true => CHEAPER_PERCENT,
            false => 100,
        }
    }
}
