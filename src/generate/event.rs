//! What happens in a customer's life with the chain. Times are local to the branch: days from the
//! start of the history, and minutes of the day.

/// Status of an order line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Paid.
    Paid,
    /// Paid back.
    Refunded,
    /// Never carried out.
    Cancelled,
}

impl OrderStatus {
    /// Canonical word.
    pub fn word(self) -> &'static str {
        match self {
            OrderStatus::Paid => "paid",
            OrderStatus::Refunded => "refunded",
            OrderStatus::Cancelled => "cancelled",
        }
    }
}

/// Kind of an order line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// One treatment.
    Single,
    /// A package of sessions.
    Package,
    /// Sold on top of what the customer came for (升單).
    TopUp,
}

impl OrderKind {
    /// Canonical word.
    pub fn word(self) -> &'static str {
        match self {
            OrderKind::Single => "single",
            OrderKind::Package => "package",
            OrderKind::TopUp => "top_up",
        }
    }
}

/// Kind of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitKind {
    /// A treatment.
    Treatment,
    /// A session of a package.
    PackageSession,
    /// An on-site review (複查).
    Review,
    /// A consultation.
    Consultation,
}

impl VisitKind {
    /// Canonical word.
    pub fn word(self) -> &'static str {
        match self {
            VisitKind::Treatment => "treatment",
            VisitKind::PackageSession => "package_session",
            VisitKind::Review => "review",
            VisitKind::Consultation => "consultation",
        }
    }
}

/// Status of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitStatus {
    /// The customer came.
    Attended,
    /// Called off.
    Cancelled,
    /// The customer didn't come.
    NoShow,
}

impl VisitStatus {
    /// Canonical word.
    pub fn word(self) -> &'static str {
        match self {
            VisitStatus::Attended => "attended",
            VisitStatus::Cancelled => "cancelled",
            VisitStatus::NoShow => "no_show",
        }
    }
}

/// A local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    /// Days from the start of the history.
    pub day: i32,
    /// Minutes from midnight; may be below 0 or above 1439 until it is written.
    pub minute: i32,
}

impl Timestamp {
    /// So many minutes later.
    pub fn plus_minutes(self, minutes: i32) -> Self {
        let all = self.minute + minutes;
        Timestamp { day: self.day + all.div_euclid(1440), minute: all.rem_euclid(1440) }
    }
}

/// A line of an order.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// Number of the order among the customer's, from 1.
    pub order: u32,
    /// Number of the line within its order, from 1.
    pub line: u32,
    /// Index of the branch.
    pub branch: usize,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// Index of the item.
    pub item: usize,
    /// Pieces, below 0 for what was paid back.
    pub quantity: i32,
    /// Hundredths of TWD, below 0 for what was paid back.
    pub amount_cents: i64,
    /// Hundredths of TWD by the branch's list; none for what was paid back.
    pub list_cents: Option<i64>,
    /// Hundredths of TWD; none for what was paid back.
    pub cost_cents: Option<i64>,
    /// Status.
    pub status: OrderStatus,
    /// Kind.
    pub kind: OrderKind,
    /// Sessions of a package.
    pub package_sessions: Option<u32>,
    /// Number of the customer who brought this one.
    pub referrer: Option<u64>,
    /// Channel and day of the lead that a first purchase goes back to.
    pub campaign: Option<(&'static str, i32)>,
    /// When the row was last touched.
    pub updated_at: Timestamp,
}

impl OrderLine {
    /// Number of who sold the order to the customer among the branch's staff, from 1 to 4.
    pub fn staff(&self, customer: u64) -> u32 {
        u32::try_from((customer + u64::from(self.order)) % 4).map_or(1, |place| place + 1)
    }
}

/// A visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Number of the visit among the customer's, from 1.
    pub number: u32,
    /// Index of the branch.
    pub branch: usize,
    /// When the customer came, or should have.
    pub visited_at: Timestamp,
    /// When the customer was expected.
    pub appointment_at: Timestamp,
    /// Index of the item.
    pub item: usize,
    /// Kind.
    pub kind: VisitKind,
    /// Number of the customer's order that it belongs to.
    pub order: Option<u32>,
    /// Index of the branch that sold the order.
    pub order_branch: Option<usize>,
    /// Status.
    pub status: VisitStatus,
    /// When the row was last touched.
    pub updated_at: Timestamp,
}

/// The day on which someone showed interest.
#[derive(Clone, Debug)]
pub struct Lead {
    /// When.
    pub created_at: Timestamp,
    /// Index of the branch asked for.
    pub branch: Option<usize>,
    /// Where the person heard of the chain.
    pub channel: &'static str,
}

/// A call or message.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Number of the contact among the customer's, from 1.
    pub number: u32,
    /// Index of the branch that called.
    pub branch: usize,
    /// When.
    pub contacted_at: Timestamp,
    /// Action of the list that it was for; empty where nobody noted it.
    pub action: &'static str,
    /// By which means.
    pub channel: &'static str,
    /// Number of the caller at the branch.
    pub staff: u32,
    /// What came of it.
    pub outcome: &'static str,
    /// When the row was last touched.
    pub updated_at: Timestamp,
}

/// All that happened to one customer.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Number of the customer, from 1.
    pub customer: u64,
    /// Interest; walk-ins have shown none before they came.
    pub lead: Option<Lead>,
    /// Order lines, as they came about.
    pub orders: Vec<OrderLine>,
    /// Visits, as they came about.
    pub visits: Vec<Visit>,
    /// Contacts, as they came about.
    pub contacts: Vec<Contact>,
}
