//! What the chain spends on winning people, channel by channel, and which campaigns that is for.

use super::catalogue::CHANNELS;
use super::dice::{Dice, Purpose};
use super::world::World;

/// Channels that cost money, and TWD for each person whom they bring, about.
const COSTS: &[(&str, u64)] =
    &[("instagram", 3_600), ("line", 1_500), ("google", 5_200), ("facebook", 4_400), ("dcard", 2_300)];

/// A day's spending on a channel.
pub struct Spending {
    /// Days from the start of the history.
    pub day: i32,
    /// Index of the branch, of what one paid for itself.
    pub branch: Option<usize>,
    /// Channel.
    pub channel: &'static str,
    /// Campaign.
    pub campaign: String,
    /// Hundredths of TWD.
    pub amount_cents: i64,
}

/// The campaign of a channel on `day`: one a month, where it costs anything.
pub fn campaign(world: &World, channel: &str, day: i32) -> Option<String> {
    let month = world.months.get(world.month(day))?;
    COSTS.iter().any(|(known, _)| *known == channel).then(|| format!("{channel}-{month}"))
}

/// What was spent, day by day. Channels are bought for the whole chain; a branch adds some of its own on Facebook.
pub fn spending(world: &World) -> Vec<Spending> {
    let mut rows = Vec::new();
    for day in 0..=world.last_day {
        let mut dice = Dice::new(world.seed, u64::try_from(day).unwrap_or(0), Purpose::Spend);
        let people = world.arrived_by(day).saturating_sub(world.arrived_by(day - 1));
        for (channel, per_person) in COSTS {
            let campaign = campaign(world, channel, day).unwrap_or_default();
            let share = CHANNELS.len() as u64;
            let cents = (people * per_person * 100 / share + 60_000) * u64::from(dice.between((70, 130))) / 100;
            let amount_cents = i64::try_from(cents).unwrap_or(i64::MAX);
            rows.push(Spending { day, branch: None, channel, campaign: campaign.clone(), amount_cents });
            if *channel == "facebook" && dice.chance(300) {
                let branch = Some(world.open_branch(day, &mut dice));
                let amount_cents = i64::from(dice.between((1_500, 6_000))) * 100;
                rows.push(Spending { day, branch, channel, campaign, amount_cents });
            }
        }
    }
    rows
}
