//! Writes the chain as its branches would deliver it: text files per month, with what goes wrong.

use std::path::Path;

use chrono::TimeDelta;

use super::catalogue::ITEMS;
use super::chain_spec::ChainSpec;
use super::dialect::Dialect;
use super::dice::{Dice, Purpose};
use super::event::{Contact, Lead, Life, OrderLine, OrderStatus, Timestamp, Visit};
use super::folder::make_dir;
use super::marketing::spending;
use super::row::{Defect, Row, SPENDING_HEADER, push_contact, push_lead, push_order, push_spending, push_visit};
use super::simulate::simulate;
use super::summary::Summary;
use super::text_file::TextFile;
use super::world::World;
use crate::Result;
use crate::entity::Entity;

/// Customers between two reports of progress.
const PROGRESS_EVERY: u64 = 1_000;

/// Writes all files but the pipeline's.
///
/// # Errors
/// A folder or file that can't be written.
pub fn write(world: &World, spec: &ChainSpec, dir: &Path, progress: &dyn Fn(u64)) -> Result<Summary> {
    let mut summary = Summary::default();
    write_master_data(world, dir, &mut summary)?;
    let mut delivery = Delivery {
        world,
        spec,
        orders: Monthly::create(Entity::Orders, world, dir)?,
        visits: Monthly::create(Entity::Visits, world, dir)?,
        leads: Monthly::create(Entity::Leads, world, dir)?,
        contacts: Monthly::create(Entity::Contacts, world, dir)?,
        row: String::new(),
    };
    let mut life = Life::default();
    for customer in 1..=world.customers {
        simulate(world, customer, &mut life);
        delivery.deliver(&life)?;
        if customer.is_multiple_of(PROGRESS_EVERY) || customer == world.customers {
            progress(customer);
        }
    }
    for monthly in [delivery.orders, delivery.visits, delivery.leads, delivery.contacts] {
        monthly.finish(&mut summary)?;
    }
    Ok(summary)
}

fn write_master_data(world: &World, dir: &Path, summary: &mut Summary) -> Result<()> {
    let create = |name: &str, header: &str| TextFile::create(dir.join(name), encoding_rs::UTF_8, header);
    let mut branches = create("branches.csv", "branch_id,name,region,opened_on,timezone\n")?;
    for branch in &world.branches {
        let opened_on = world.start + TimeDelta::days(branch.opened.into());
        let (id, name, region, zone) = (&branch.id, &branch.name, branch.region, branch.zone.name);
        branches.write_row(&format!("{id},{name},{region},{opened_on},{zone}\n"))?;
    }
    let mut items = create("items.csv", "item_id,name,department,category,list_price\n")?;
    for item in ITEMS {
        let (id, name, department) = (item.id, item.name, item.department.name());
        items.write_row(&format!("{id},{name},{department},{},{}\n", item.category, item.list_price))?;
    }
    let mut spend = create("spend.csv", SPENDING_HEADER)?;
    let mut row = String::new();
    for spending in spending(world) {
        push_spending(&mut row, world, &spending);
        spend.write_row(&row)?;
    }
    for (entity, file) in [(Entity::Branches, branches), (Entity::Items, items), (Entity::Spend, spend)] {
        let (rows, bytes) = file.finish()?;
        summary.add_file(entity, rows, bytes);
    }
    Ok(())
}

/// The files of an entity: one per way of writing and month.
struct Monthly {
    entity: Entity,
    files: Vec<(Dialect, Vec<TextFile>)>,
}

impl Monthly {
    fn create(entity: Entity, world: &World, dir: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for dialect in Dialect::ALL {
            // Leads and contacts come from one system for the whole chain.
            let is_of_branch = matches!(entity, Entity::Orders | Entity::Visits);
            let is_written = is_of_branch && dialect.only_branch(world).is_some();
            if dialect == Dialect::Canonical || is_written {
                files.push((dialect, months(dialect, entity, world, dir)?));
            }
        }
        Ok(Monthly { entity, files })
    }

    fn write_row(&mut self, dialect: Dialect, month: usize, row: &str) -> Result<()> {
        let months = self.files.iter_mut().find(|(written, _)| *written == dialect).map(|(_, months)| months);
        match months.and_then(|months| months.get_mut(month)) {
            Some(file) => file.write_row(row),
            None => Ok(()),
        }
    }

    fn finish(self, summary: &mut Summary) -> Result<()> {
        for file in self.files.into_iter().flat_map(|(_, months)| months) {
            let (rows, bytes) = file.finish()?;
            summary.add_file(self.entity, rows, bytes);
        }
        Ok(())
    }
}

fn months(dialect: Dialect, entity: Entity, world: &World, dir: &Path) -> Result<Vec<TextFile>> {
    let folder = dir.join(dialect.folder(entity, world));
    make_dir(&folder)?;
    let names: Vec<&str> = dialect.columns(entity).iter().map(|(_, name)| *name).collect();
    let header = names.join(",") + "\n";
    let name = |month: &String| folder.join(format!("{month}.{}", dialect.extension()));
    world.months.iter().map(|month| TextFile::create(name(month), dialect.encoding(), &header)).collect()
}

/// When a row is delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timing {
    /// In the file of its month.
    InTime,
    /// In the file of the next month only.
    Late,
    /// A first version in the file of its month, and the right one in the next.
    Twice,
}

/// Delivers lives, row by row.
struct Delivery<'a> {
    world: &'a World,
    spec: &'a ChainSpec,
    orders: Monthly,
    visits: Monthly,
    leads: Monthly,
    contacts: Monthly,
    row: String,
}

impl Delivery<'_> {
    fn deliver(&mut self, life: &Life) -> Result<()> {
        let mut dice = Dice::new(self.world.seed, life.customer, Purpose::Delivery);
        if let Some(lead) = &life.lead {
            self.deliver_lead(life.customer, lead, &mut dice)?;
        }
        for order in &life.orders {
            self.deliver_order(life.customer, order, &mut dice)?;
        }
        for visit in &life.visits {
            self.deliver_visit(life.customer, visit, &mut dice)?;
        }
        for contact in &life.contacts {
            self.deliver_contact(life.customer, contact, &mut dice)?;
        }
        Ok(())
    }

    fn deliver_lead(&mut self, customer: u64, lead: &Lead, dice: &mut Dice) -> Result<()> {
        let (month, timing) = self.timing(lead.created_at, dice);
        for (month, is_final) in deliveries(month, timing) {
            let branch = lead.branch.filter(|_| is_final);
            let at = self.touched(lead.created_at, timing, is_final, dice);
            self.put_lead(month, customer, &Lead { branch, ..lead.clone() }, at, None)?;
        }
        if dice.rare(self.spec.dirt_per_million) {
            let defect = dice.pick(&[Defect::Time, Defect::Customer, Defect::Future]).copied();
            self.put_lead(month, customer, lead, lead.created_at, defect)?;
        }
        Ok(())
    }

    fn deliver_order(&mut self, customer: u64, order: &OrderLine, dice: &mut Dice) -> Result<()> {
        let (month, timing) = self.timing(order.paid_at, dice);
        for (month, is_final) in deliveries(month, timing) {
            let version = if is_final { order.clone() } else { draft_of(order, dice) };
            let updated_at = self.touched(order.updated_at, timing, is_final, dice);
            self.put_order(month, customer, &OrderLine { updated_at, ..version }, None)?;
        }
        if dice.rare(self.spec.dirt_per_million) {
            let faults = [Defect::Amount, Defect::Time, Defect::Customer, Defect::Branch, Defect::Future];
            self.put_order(month, customer, order, dice.pick(&faults).copied())?;
        }
        Ok(())
    }

    fn deliver_visit(&mut self, customer: u64, visit: &Visit, dice: &mut Dice) -> Result<()> {
        let (month, timing) = self.timing(visit.visited_at, dice);
        for (month, is_final) in deliveries(month, timing) {
            let (order, order_branch) = if is_final { (visit.order, visit.order_branch) } else { (None, None) };
            let updated_at = self.touched(visit.updated_at, timing, is_final, dice);
            self.put_visit(month, customer, &Visit { order, order_branch, updated_at, ..visit.clone() }, None)?;
        }
        if dice.rare(self.spec.dirt_per_million) {
            let faults = [Defect::Time, Defect::Customer, Defect::Branch, Defect::Future];
            self.put_visit(month, customer, visit, dice.pick(&faults).copied())?;
        }
        Ok(())
    }

    fn deliver_contact(&mut self, customer: u64, contact: &Contact, dice: &mut Dice) -> Result<()> {
        let (month, timing) = self.timing(contact.contacted_at, dice);
        for (month, is_final) in deliveries(month, timing) {
            let outcome = if is_final { contact.outcome } else { "" };
            let updated_at = self.touched(contact.updated_at, timing, is_final, dice);
            self.put_contact(month, customer, &Contact { outcome, updated_at, ..contact.clone() }, None)?;
        }
        if dice.rare(self.spec.dirt_per_million) {
            let faults = [Defect::Time, Defect::Customer, Defect::Branch, Defect::Future];
            self.put_contact(month, customer, contact, dice.pick(&faults).copied())?;
        }
        Ok(())
    }

    fn timing(&self, at: Timestamp, dice: &mut Dice) -> (usize, Timing) {
        let month = self.world.month(at.day);
        let is_moved = dice.rare(self.spec.redelivered_per_million) && month + 1 < self.world.months.len();
        match (is_moved, dice.chance(300)) {
            (false, _) => (month, Timing::InTime),
            (true, false) => (month, Timing::Twice),
            (true, true) => (month, Timing::Late),
        }
    }

    /// When a version of a row was last touched: what is delivered twice, weeks after it happened.
    fn touched(&self, at: Timestamp, timing: Timing, is_final: bool, dice: &mut Dice) -> Timestamp {
        if timing == Timing::InTime || !is_final {
            return at;
        }
        let later = i32::try_from(dice.between((3, 25))).unwrap_or(3);
        Timestamp { day: (at.day + later).min(self.world.last_day.max(at.day)), minute: 1_425 }
    }

    fn put_lead(
        &mut self,
        month: usize,
        customer: u64,
        lead: &Lead,
        updated_at: Timestamp,
        defect: Option<Defect>,
    ) -> Result<()> {
        let row = Row { world: self.world, dialect: Dialect::Canonical, customer, defect };
        push_lead(&mut self.row, row, lead, updated_at);
        self.leads.write_row(Dialect::Canonical, month, &self.row)
    }

    fn put_contact(&mut self, month: usize, customer: u64, contact: &Contact, defect: Option<Defect>) -> Result<()> {
        let row = Row { world: self.world, dialect: Dialect::Canonical, customer, defect };
        push_contact(&mut self.row, row, contact);
        self.contacts.write_row(Dialect::Canonical, month, &self.row)
    }

    fn put_order(&mut self, month: usize, customer: u64, order: &OrderLine, defect: Option<Defect>) -> Result<()> {
        let dialect = Dialect::of_branch(order.branch, self.world);
        push_order(&mut self.row, Row { world: self.world, dialect, customer, defect }, order);
        self.orders.write_row(dialect, month, &self.row)
    }

    fn put_visit(&mut self, month: usize, customer: u64, visit: &Visit, defect: Option<Defect>) -> Result<()> {
        let dialect = Dialect::of_branch(visit.branch, self.world);
        push_visit(&mut self.row, Row { world: self.world, dialect, customer, defect }, visit);
        self.visits.write_row(dialect, month, &self.row)
    }
}

/// Month of each delivery, and whether it is the last word.
fn deliveries(month: usize, timing: Timing) -> impl Iterator<Item = (usize, bool)> {
    let (first, second) = match timing {
        Timing::InTime => (Some((month, true)), None),
        Timing::Late => (None, Some((month + 1, true))),
        Timing::Twice => (Some((month, false)), Some((month + 1, true))),
    };
    first.into_iter().chain(second)
}

/// What a row looked like before it was put right.
fn draft_of(order: &OrderLine, dice: &mut Dice) -> OrderLine {
    let mistyped = if order.amount_cents > 0 && dice.chance(400) { 10_000 } else { 0 };
    let amount_cents = order.amount_cents + mistyped;
    OrderLine { status: OrderStatus::Paid, cost_cents: None, amount_cents, ..order.clone() }
}
