//! How branches write their exports: most in the canonical way, two in ways of their own.

use std::fmt::Write;

use encoding_rs::Encoding;

use super::event::Timestamp;
use super::world::World;
use crate::entity::Entity;

/// A way to write exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Canonical names and words, UTF-8, all branches in one file.
    Canonical,
    /// One branch's own system: Chinese names and words, gzip, no branch.
    OwnSystem,
    /// Another branch's old system: Big5, the branch by its name.
    OldSystem,
}

/// Pairs of a canonical name or word and what stands for it in the export.
type Pairs = &'static [(&'static str, &'static str)];

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 3] = [Dialect::Canonical, Dialect::OwnSystem, Dialect::OldSystem];

    /// The branch that writes like this, in a chain that is large enough.
    pub fn only_branch(self, world: &World) -> Option<usize> {
        let place = match self {
            Dialect::Canonical => return None,
            Dialect::OwnSystem => 4,
            Dialect::OldSystem => 5,
        };
        (world.branches.len() >= 6).then_some(place)
    }

    /// How a branch writes.
    pub fn of_branch(branch: usize, world: &World) -> Self {
        let own = Dialect::ALL.into_iter().find(|dialect| dialect.only_branch(world) == Some(branch));
        own.unwrap_or(Dialect::Canonical)
    }

    /// Folder of an entity's files, ending in a slash.
    pub fn folder(self, entity: Entity, world: &World) -> String {
        match self.only_branch(world).and_then(|branch| world.branches.get(branch)) {
            Some(branch) => format!("exports/{}/{}/", branch.id.to_lowercase(), entity.name()),
            None => format!("{}/", entity.name()),
        }
    }

    /// Extension of the files.
    pub fn extension(self) -> &'static str {
        match self {
            Dialect::OwnSystem => "csv.gz",
            _ => "csv",
        }
    }

    /// Encoding of the files.
    pub fn encoding(self) -> &'static Encoding {
        match self {
            Dialect::OldSystem => encoding_rs::BIG5,
            _ => encoding_rs::UTF_8,
        }
    }

    /// Date format, as the pipeline file declares it; none where the usual forms will do.
    pub fn time_format(self) -> Option<&'static str> {
        match self {
            Dialect::OwnSystem => Some("%Y/%m/%d %H:%M"),
            _ => None,
        }
    }

    /// Canonical name and header of each column of an entity, in the order of the export.
    pub fn columns(self, entity: Entity) -> Pairs {
        match (self, entity) {
            (Dialect::OwnSystem, Entity::Orders) => OWN_ORDERS,
            (Dialect::OwnSystem, _) => OWN_VISITS,
            (Dialect::OldSystem, Entity::Orders) => OLD_ORDERS,
            (Dialect::OldSystem, _) => OLD_VISITS,
            (Dialect::Canonical, Entity::Orders) => ORDERS,
            (Dialect::Canonical, Entity::Visits) => VISITS,
            (Dialect::Canonical, Entity::Contacts) => CONTACTS,
            (Dialect::Canonical, _) => LEADS,
        }
    }

    /// Canonical word and what stands for it, for a column; empty where the words are canonical.
    pub fn words(self, entity: Entity, column: &str) -> Pairs {
        match (self, entity, column) {
            (Dialect::OwnSystem, Entity::Orders, "status") => OWN_ORDER_STATUS,
            (Dialect::OwnSystem, Entity::Orders, "kind") => OWN_ORDER_KIND,
            (Dialect::OwnSystem, Entity::Visits, "status") => OWN_VISIT_STATUS,
            (Dialect::OwnSystem, Entity::Visits, "kind") => OWN_VISIT_KIND,
            (Dialect::OwnSystem, _, "department") => OWN_DEPARTMENT,
            (Dialect::OldSystem, Entity::Orders, "status") => OLD_ORDER_STATUS,
            (Dialect::OldSystem, Entity::Visits, "status") => OLD_VISIT_STATUS,
            _ => &[],
        }
    }

    /// The export's word for a canonical one.
    pub fn word(self, entity: Entity, column: &str, canonical: &'static str) -> &'static str {
        let found = self.words(entity, column).iter().find(|(word, _)| *word == canonical);
        found.map_or(canonical, |(_, word)| word)
    }

    /// Appends a local time.
    pub fn push_time(self, row: &mut String, at: Timestamp, world: &World) {
        let at = at.plus_minutes(0);
        let (hour, minute) = (at.minute / 60, at.minute % 60);
        let date = world.date(at.day);
        // Writing to a string can't fail.
        let _ = match self {
            Dialect::OwnSystem => write!(row, "{} {hour:02}:{minute:02}", date.replace('-', "/")),
            _ => write!(row, "{date} {hour:02}:{minute:02}:00"),
        };
    }
}

const ORDERS: Pairs = &[
    ("order_id", "order_id"),
    ("line_no", "line_no"),
    ("customer_id", "customer_id"),
    ("branch_id", "branch_id"),
    ("paid_at", "paid_at"),
    ("department", "department"),
    ("item_id", "item_id"),
    ("quantity", "quantity"),
    ("amount", "amount"),
    ("list_amount", "list_amount"),
    ("cost", "cost"),
    ("status", "status"),
    ("kind", "kind"),
    ("package_sessions", "package_sessions"),
    ("referrer_id", "referrer_id"),
    ("campaign_id", "campaign_id"),
    ("staff_id", "staff_id"),
    ("updated_at", "updated_at"),
];

const VISITS: Pairs = &[
    ("visit_id", "visit_id"),
    ("customer_id", "customer_id"),
    ("branch_id", "branch_id"),
    ("visited_at", "visited_at"),
    ("department", "department"),
    ("item_id", "item_id"),
    ("kind", "kind"),
    ("order_id", "order_id"),
    ("order_branch_id", "order_branch_id"),
    ("appointment_at", "appointment_at"),
    ("status", "status"),
    ("updated_at", "updated_at"),
];

const LEADS: Pairs = &[
    ("customer_id", "customer_id"),
    ("created_at", "created_at"),
    ("branch_id", "branch_id"),
    ("channel", "channel"),
    ("campaign_id", "campaign_id"),
    ("updated_at", "updated_at"),
];

const CONTACTS: Pairs = &[
    ("contact_id", "contact_id"),
    ("customer_id", "customer_id"),
    ("contacted_at", "contacted_at"),
    ("branch_id", "branch_id"),
    ("action", "action"),
    ("channel", "channel"),
    ("staff_id", "staff_id"),
    ("outcome", "outcome"),
    ("updated_at", "updated_at"),
];

const OWN_ORDERS: Pairs = &[
    ("order_id", "訂單編號"),
    ("line_no", "項次"),
    ("customer_id", "會員編號"),
    ("paid_at", "付款時間"),
    ("department", "科別"),
    ("item_id", "項目代碼"),
    ("quantity", "數量"),
    ("amount", "金額"),
    ("list_amount", "原價"),
    ("cost", "成本"),
    ("status", "狀態"),
    ("kind", "類型"),
    ("package_sessions", "堂數"),
    ("referrer_id", "介紹人"),
    ("campaign_id", "活動"),
    ("staff_id", "諮詢師"),
    ("updated_at", "更新時間"),
];

const OWN_VISITS: Pairs = &[
    ("visit_id", "來院編號"),
    ("customer_id", "會員編號"),
    ("visited_at", "到院時間"),
    ("department", "科別"),
    ("item_id", "項目代碼"),
    ("kind", "類型"),
    ("order_id", "訂單編號"),
    ("order_branch_id", "售出院所"),
    ("appointment_at", "預約時間"),
    ("status", "狀態"),
    ("updated_at", "更新時間"),
];

const OLD_ORDERS: Pairs = &[
    ("branch_id", "分院"),
    ("order_id", "單號"),
    ("line_no", "項次"),
    ("customer_id", "客戶代號"),
    ("paid_at", "收款時間"),
    ("department", "department"),
    ("item_id", "品項"),
    ("quantity", "數量"),
    ("amount", "實收"),
    ("cost", "成本"),
    ("status", "狀態"),
    ("kind", "kind"),
    ("package_sessions", "堂數"),
    ("referrer_id", "介紹人"),
    ("campaign_id", "活動代號"),
    ("updated_at", "異動時間"),
];

const OLD_VISITS: Pairs = &[
    ("branch_id", "分院"),
    ("visit_id", "序號"),
    ("customer_id", "客戶代號"),
    ("visited_at", "報到時間"),
    ("department", "department"),
    ("item_id", "品項"),
    ("kind", "kind"),
    ("order_id", "單號"),
    ("order_branch_id", "售出院所"),
    ("appointment_at", "預約時間"),
    ("status", "狀態"),
    ("updated_at", "異動時間"),
];

const OWN_ORDER_STATUS: Pairs = &[("paid", "已付款"), ("refunded", "已退款"), ("cancelled", "已取消")];
const OWN_ORDER_KIND: Pairs = &[("single", "單次"), ("package", "療程"), ("top_up", "升單")];
const OWN_VISIT_STATUS: Pairs = &[("attended", "已到院"), ("cancelled", "已取消"), ("no_show", "未到")];
const OWN_VISIT_KIND: Pairs =
    &[("treatment", "治療"), ("package_session", "療程堂次"), ("review", "複查"), ("consultation", "諮詢")];
const OWN_DEPARTMENT: Pairs = &[("skin", "皮膚科"), ("injection", "微整"), ("surgery", "外科")];
const OLD_ORDER_STATUS: Pairs = &[("paid", "收訖"), ("refunded", "退費"), ("cancelled", "作廢")];
const OLD_VISIT_STATUS: Pairs = &[("attended", "報到"), ("cancelled", "取消"), ("no_show", "失約")];
