//! What can be read: the entities, their canonical columns and the type of each.

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

/// A kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entity {
    /// Branches of the chain.
    Branches,
    /// Calls and messages to customers.
    Contacts,
    /// What number each customer has at a branch, of those whose numbers are a branch's own.
    Customers,
    /// What is sold.
    Items,
    /// People who showed interest (潛客).
    Leads,
    /// Order lines. The only entity that must be there.
    Orders,
    /// What was spent on winning customers.
    Spend,
    /// Visits to a branch.
    Visits,
}

/// How a canonical column's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 text, trimmed; empty is null.
    Text,
    /// A point in time or a day; staged as the local day of the branch.
    LocalDay,
    /// A point in time, staged as UTC microseconds.
    Instant,
    /// A calendar day.
    Day,
    /// Money, DECIMAL(18,2).
    Money,
    /// A 64-bit integer.
    Integer,
    /// One of the given words, after the source's value mapping.
    Word(&'static [&'static str]),
    /// An IANA zone's name.
    Zone,
}

impl ColumnKind {
    /// Whether values of an arrow type can be read as this kind. Texts and nulls always can be.
    pub fn takes(self, data_type: &DataType) -> bool {
        let is_text = data_type.is_string() || data_type.is_null();
        let is_day = matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
        is_text
            || match self {
                ColumnKind::Text => !data_type.is_nested(),
                ColumnKind::Word(_) | ColumnKind::Zone => false,
                ColumnKind::Money | ColumnKind::Integer => data_type.is_numeric(),
                ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day => is_day,
            }
    }

    /// What is wanted, for messages: `an amount is`.
    pub fn wanted(self) -> &'static str {
        match self {
            ColumnKind::Text => "a single value is",
            ColumnKind::Word(_) | ColumnKind::Zone => "a text is",
            ColumnKind::Money => "an amount is",
            ColumnKind::Integer => "a whole number is",
            ColumnKind::LocalDay | ColumnKind::Instant | ColumnKind::Day => "a day or a time is",
        }
    }
}

/// A canonical column of an entity.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Canonical name.
    pub name: &'static str,
    /// Type.
    pub kind: ColumnKind,
    /// A row without a value is rejected.
    pub required: bool,
    /// The value of rows whose source doesn't have the column (or has it empty).
    pub default: Option<&'static str>,
}

const fn required(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, required: true, default: None }
}

const fn optional(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, required: false, default: None }
}

const fn defaulting(name: &'static str, kind: ColumnKind, default: &'static str) -> Column {
    Column { name, kind, required: false, default: Some(default) }
}

use ColumnKind::{Day, Instant, Integer, LocalDay, Money, Text, Word, Zone};

const ORDERS: &[Column] = &[
    // Without one, each row is an order of its own.
    optional("order_id", Text),
    required("customer_id", Text),
    required("branch_id", Text),
    required("paid_at", LocalDay),
    required("amount", Money),
    optional("line_no", Text),
    optional("department", Text),
    optional("item_id", Text),
    optional("quantity", Integer),
    optional("list_amount", Money),
    optional("cost", Money),
    defaulting("status", Word(&["paid", "refunded", "cancelled"]), "paid"),
    defaulting("kind", Word(&["single", "package", "top_up"]), "single"),
    optional("package_sessions", Integer),
    optional("referrer_id", Text),
    optional("campaign_id", Text),
    optional("staff_id", Text),
    // Given, or taken where below 0; no till counts them in money, but some in fractions.
    optional("points", Money),
    optional("updated_at", Instant),
];

const VISITS: &[Column] = &[
    required("visit_id", Text),
    required("customer_id", Text),
    required("branch_id", Text),
    required("visited_at", LocalDay),
    optional("department", Text),
    optional("item_id", Text),
    defaulting("kind", Word(&["treatment", "package_session", "review", "consultation"]), "treatment"),
    optional("order_id", Text),
    optional("order_branch_id", Text),
    optional("appointment_at", Instant),
    defaulting("status", Word(&["attended", "cancelled", "no_show"]), "attended"),
    optional("updated_at", Instant),
];

const LEADS: &[Column] = &[
    required("customer_id", Text),
    required("created_at", LocalDay),
    optional("branch_id", Text),
    optional("channel", Text),
    optional("campaign_id", Text),
    optional("updated_at", Instant),
];

const CONTACTS: &[Column] = &[
    required("contact_id", Text),
    required("customer_id", Text),
    required("contacted_at", LocalDay),
    optional("branch_id", Text),
    optional("action", Text),
    optional("campaign_id", Text),
    optional("channel", Text),
    optional("staff_id", Text),
    optional("outcome", Word(&["reached", "booked", "refused", "no_answer"])),
    optional("updated_at", Instant),
];

// Without a key: what is spent has no number.
const SPEND: &[Column] = &[
    required("spent_on", LocalDay),
    required("amount", Money),
    optional("branch_id", Text),
    optional("channel", Text),
    optional("campaign_id", Text),
];

const CUSTOMERS: &[Column] = &[
    required("local_id", Text),
    required("branch_id", Text),
    required("customer_id", Text),
    optional("updated_at", Instant),
];

const BRANCHES: &[Column] = &[
    required("branch_id", Text),
    optional("name", Text),
    optional("region", Text),
    optional("opened_on", Day),
    optional("timezone", Zone),
];

const ITEMS: &[Column] = &[
    required("item_id", Text),
    optional("name", Text),
    optional("department", Text),
    optional("category", Text),
    optional("list_price", Money),
];

impl Column {
    /// Whether the values tell customers: hashed where privacy is asked for.
    pub fn names_customer(&self) -> bool {
        matches!(self.name, "customer_id" | "referrer_id" | "local_id")
    }

    /// Whether the values are branches' ids: of one dictionary, and held against the branches source.
    pub fn names_branch(&self) -> bool {
        matches!(self.name, "branch_id" | "order_branch_id")
    }
}

impl Entity {
    /// All entities: branches first, for rows of the others are checked against them.
    pub const ALL: [Entity; 8] = [
        Entity::Branches,
        Entity::Contacts,
        Entity::Customers,
        Entity::Items,
        Entity::Leads,
        Entity::Orders,
        Entity::Spend,
        Entity::Visits,
    ];

    /// Whether the rows go on to SQL. Those of customers have done their work once everything is read.
    pub fn is_staged(self) -> bool {
        self != Entity::Customers
    }

    /// The name in the pipeline YAML, in logs and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Entity::Branches => "branches",
            Entity::Contacts => "contacts",
            Entity::Customers => "customers",
            Entity::Items => "items",
            Entity::Leads => "leads",
            Entity::Orders => "orders",
            Entity::Spend => "spend",
            Entity::Visits => "visits",
        }
    }

    /// The entity of a name.
    pub fn named(name: &str) -> Option<Self> {
        Entity::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// The canonical columns, in the order in which they are staged.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Entity::Branches => BRANCHES,
            Entity::Contacts => CONTACTS,
            Entity::Customers => CUSTOMERS,
            Entity::Items => ITEMS,
            Entity::Leads => LEADS,
            Entity::Orders => ORDERS,
            Entity::Spend => SPEND,
            Entity::Visits => VISITS,
        }
    }

    /// The columns that identify a row, within its branch where keys are a branch's own: the same key delivered
    /// twice counts once. Without such columns every row counts.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Entity::Branches => &["branch_id"],
            Entity::Contacts => &["contact_id"],
            Entity::Customers => &["local_id"],
            Entity::Items => &["item_id"],
            Entity::Leads => &["customer_id"],
            Entity::Orders => &["order_id", "line_no"],
            Entity::Spend => &[],
            Entity::Visits => &["visit_id"],
        }
    }
}
