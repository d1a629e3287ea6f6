//! How often people must come for a chain to have as many order lines as asked for.

use super::event::Life;
use super::simulate::simulate;
use super::world::World;
use crate::{Error, Kind, Result};

/// Customers who are asked; their answers differ from everybody's by a few tenths of a percent.
const SAMPLE: u64 = 100_000;
/// Millionths by which the size of the sample may miss what was asked for.
const TOLERANCE: u64 = 3_000;
/// Millionths of the natural activity beyond which nothing is tried.
const LIMITS: (u64, u64) = (100, 60_000_000);
/// Halvings until the limits have met.
const STEPS: u32 = 40;

/// Sets the activity at which `world` has about `orders` order lines.
///
/// # Errors
/// More or fewer lines than the customers can have.
pub fn fit(world: &mut World, orders: u64) -> Result<()> {
    let sample = world.customers.min(SAMPLE);
    let wanted = u64::try_from(u128::from(orders) * u128::from(sample) / u128::from(world.customers)).unwrap_or(0);
    let (mut low, mut high) = LIMITS;
    // Chance has its say in each try, so the last one needn't be the nearest.
    let mut nearest = (u64::MAX, 0, world.activity);
    for _ in 0..STEPS {
        let lines = sampled_lines(world, sample);
        nearest = nearest.min((lines.abs_diff(wanted), lines, world.activity));
        if lines.abs_diff(wanted) * 1_000_000 <= wanted * TOLERANCE {
            return Ok(());
        }
        if lines < wanted {
            low = world.activity;
        } else {
            high = world.activity;
        }
        let next = if high == LIMITS.1 {
            (world.activity * 2).min(high)
        } else if low == LIMITS.0 {
            world.activity / 2
        } else {
            low.midpoint(high)
        };
        if next == world.activity || next <= LIMITS.0 {
            break;
        }
        world.activity = next;
    }
    let (_, lines, activity) = nearest;
    world.activity = activity;
    let nearest = u128::from(lines) * u128::from(world.customers) / u128::from(sample);
    if nearest.abs_diff(u128::from(orders)) * 50 <= u128::from(orders) {
        return Ok(());
    }
    let message =
        format!("{} customers in {} months don't make {orders} order lines", world.customers, world.months.len());
    Err(Error::new(Kind::Usage, message)
        .detail(format!("the nearest is about {nearest}"))
        .hint("change the number of customers, months or order lines"))
}

fn sampled_lines(world: &World, sample: u64) -> u64 {
    let mut life = Life::default();
    let mut lines = 0;
    for place in 0..sample {
        let customer = u128::from(place) * u128::from(world.customers) / u128::from(sample);
        simulate(world, 1 + u64::try_from(customer).unwrap_or(0), &mut life);
        lines += life.orders.len() as u64;
    }
    lines
}
