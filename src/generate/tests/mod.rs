mod files;
mod lives;
mod variety;

use super::chain_spec::{ChainSpec, FileFormat};
use super::event::{Life, OrderLine, OrderStatus, VisitKind, VisitStatus};
use super::simulate::simulate;
use super::world::World;

/// The lives of all customers of a spec.
fn lives(spec: &ChainSpec) -> (World, Vec<Life>) {
    let world = World::new(spec).expect("a spec");
    let life_of = |customer| {
        let mut life = Life::default();
        simulate(&world, customer, &mut life);
        life
    };
    let lives = (1..=spec.customers).map(life_of).collect();
    (world, lives)
}

fn small() -> ChainSpec {
    ChainSpec { branches: 7, customers: 300, months: 8, ..ChainSpec::default() }
}

fn clean(spec: ChainSpec) -> ChainSpec {
    ChainSpec { dirt_per_million: 0, redelivered_per_million: 0, ..spec }
}

impl Life {
    fn lines_of(&self, order: u32) -> impl Iterator<Item = &OrderLine> {
        self.orders.iter().filter(move |line| line.order == order)
    }

    /// Consumption days up to `as_of`, ascending, under the default policy.
    fn consumption_days(&self, as_of: i32) -> Vec<i32> {
        let counted = |line: &&OrderLine| line.status == OrderStatus::Paid && line.paid_at.day <= as_of;
        let net = |order| self.lines_of(order).filter(counted).map(|line| line.amount_cents).sum::<i64>();
        let bought = self.orders.iter().filter(counted).filter(|line| line.amount_cents >= 0 && net(line.order) > 0);
        let came = self.visits.iter().filter(|visit| visit.visited_at.day <= as_of);
        let came = came.filter(|visit| visit.status == VisitStatus::Attended && visit.kind != VisitKind::Consultation);
        let mut days: Vec<i32> =
            bought.map(|line| line.paid_at.day).chain(came.map(|visit| visit.visited_at.day)).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Net paid cents in the year up to `as_of`.
    fn monetary(&self, as_of: i32) -> i64 {
        let paid = self.orders.iter().filter(|line| line.status == OrderStatus::Paid);
        let in_window = paid.filter(|line| (as_of - 364..=as_of).contains(&line.paid_at.day));
        in_window.map(|line| line.amount_cents).sum()
    }
}
