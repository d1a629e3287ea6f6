//! What the made-up chain sells and where its branches stand.

/// A department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Department {
    /// 皮膚科.
    Skin,
    /// 微整.
    Injection,
    /// 外科.
    Surgery,
}

impl Department {
    /// Canonical name.
    pub fn name(self) -> &'static str {
        match self {
            Department::Skin => "skin",
            Department::Injection => "injection",
            Department::Surgery => "surgery",
        }
    }

    /// What materials and hands cost, in percent of the list price: from, to.
    pub fn cost_percent(self) -> (u32, u32) {
        match self {
            Department::Skin => (16, 28),
            Department::Injection => (34, 46),
            Department::Surgery => (26, 38),
        }
    }
}

/// How dear an item is within its department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// To try.
    Entry,
    /// To stay.
    Middle,
    /// To be seen with.
    Premium,
}

impl Tier {
    /// The next dearer tier, or the dearest.
    pub fn dearer(self) -> Self {
        match self {
            Tier::Entry => Tier::Middle,
            Tier::Middle | Tier::Premium => Tier::Premium,
        }
    }
}

/// Something that is sold.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Id.
    pub id: &'static str,
    /// Name, as a Taiwanese clinic would print it.
    pub name: &'static str,
    /// Department.
    pub department: Department,
    /// Category within the department.
    pub category: &'static str,
    /// Price tier.
    pub tier: Tier,
    /// List price in whole TWD.
    pub list_price: u32,
    /// How popular, within department and tier.
    pub weight: u32,
    /// Sold as a package of sessions too.
    pub is_course: bool,
}

use Department::{Injection, Skin, Surgery};
use Tier::{Entry, Middle, Premium};

const fn item(
    id: &'static str,
    name: &'static str,
    (department, category, tier): (Department, &'static str, Tier),
    list_price: u32,
    weight: u32,
) -> Item {
    Item { id, name, department, category, tier, list_price, weight, is_course: false }
}

const fn course(item: Item) -> Item {
    Item { is_course: true, ..item }
}

/// The item that fewer buy at one branch from the last closed month on: 水光針, as in the articles' example.
pub const FALLING_ITEM: &str = "INJ-102";
/// The item that becomes cheaper at one branch from the last closed month on.
pub const CHEAPER_ITEM: &str = "SKN-102";

/// Everything that is sold.
pub const ITEMS: &[Item] = &[
    item("SKN-101", "唇部除毛", (Skin, "hair_removal", Entry), 499, 14),
    course(item(CHEAPER_ITEM, "腋下除毛", (Skin, "hair_removal", Entry), 799, 12)),
    course(item("SKN-103", "清粉刺", (Skin, "facial", Entry), 600, 10)),
    course(item("SKN-104", "杏仁酸煥膚", (Skin, "peel", Entry), 900, 10)),
    course(item("SKN-105", "保濕導入", (Skin, "facial", Entry), 1_200, 10)),
    course(item("SKN-201", "淨膚雷射", (Skin, "laser", Middle), 2_500, 14)),
    course(item("SKN-202", "脈衝光", (Skin, "light", Middle), 3_000, 12)),
    course(item("SKN-203", "皮秒雷射", (Skin, "laser", Middle), 3_800, 16)),
    course(item("SKN-204", "全腿除毛", (Skin, "hair_removal", Middle), 4_500, 8)),
    course(item("SKN-205", "皮秒蜂巢", (Skin, "laser", Middle), 6_800, 8)),
    item("SKN-301", "飛梭雷射", (Skin, "laser", Premium), 12_000, 10),
    item("SKN-302", "音波拉提", (Skin, "lifting", Premium), 48_000, 5),
    item("SKN-303", "電波拉提", (Skin, "lifting", Premium), 58_000, 4),
    item("INJ-101", "肉毒除皺", (Injection, "botulinum", Entry), 2_800, 12),
    course(item(FALLING_ITEM, "水光針", (Injection, "mesotherapy", Entry), 3_500, 24)),
    item("INJ-103", "消脂針", (Injection, "lipolysis", Entry), 4_000, 8),
    item("INJ-201", "肉毒瘦臉", (Injection, "botulinum", Middle), 6_800, 14),
    item("INJ-202", "嬰兒針", (Injection, "mesotherapy", Middle), 9_800, 8),
    item("INJ-203", "玻尿酸", (Injection, "filler", Middle), 12_000, 12),
    item("INJ-301", "舒顏萃", (Injection, "stimulator", Premium), 22_000, 8),
    item("INJ-302", "洢蓮絲", (Injection, "stimulator", Premium), 28_000, 6),
    item("INJ-303", "全臉填充", (Injection, "filler", Premium), 36_000, 4),
    item("SUR-101", "除痣", (Surgery, "minor", Entry), 1_500, 14),
    item("SUR-102", "疤痕修整", (Surgery, "minor", Entry), 8_000, 6),
    item("SUR-201", "雙眼皮", (Surgery, "eyes", Middle), 32_000, 10),
    item("SUR-202", "眼袋", (Surgery, "eyes", Middle), 45_000, 7),
    item("SUR-203", "線雕拉提", (Surgery, "lifting", Middle), 58_000, 6),
    item("SUR-301", "脂肪填充", (Surgery, "contour", Premium), 75_000, 6),
    item("SUR-302", "隆鼻", (Surgery, "nose", Premium), 90_000, 4),
    item("SUR-303", "抽脂", (Surgery, "contour", Premium), 110_000, 3),
];

/// A time zone, with the distance from UTC that it has had all through the data's years.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    /// IANA name.
    pub name: &'static str,
    /// Minutes ahead of UTC.
    pub ahead_minutes: i32,
}

/// Where most branches are.
pub const TAIPEI: Zone = Zone { name: "Asia/Taipei", ahead_minutes: 480 };
/// Where the last branch is.
pub const TOKYO: Zone = Zone { name: "Asia/Tokyo", ahead_minutes: 540 };
/// Where the last but one is, in a chain of many branches.
pub const BANGKOK: Zone = Zone { name: "Asia/Bangkok", ahead_minutes: 420 };

/// A city: code, name, region.
#[derive(Clone, Copy, Debug)]
pub struct City {
    /// First letters of its branches' ids.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Region.
    pub region: &'static str,
}

const fn city(code: &'static str, name: &'static str, region: &'static str) -> City {
    City { code, name, region }
}

/// Cities of the chain's branches, in the order in which they are opened.
pub const CITIES: &[City] = &[
    city("TPE", "台北", "north"),
    city("TPE", "台北", "north"),
    city("TYN", "桃園", "north"),
    city("HSC", "新竹", "north"),
    city("TXG", "台中", "central"),
    city("TNN", "台南", "south"),
    city("KHH", "高雄", "south"),
    city("NTP", "新北", "north"),
    city("TPE", "台北", "north"),
    city("KHH", "高雄", "south"),
    city("TXG", "台中", "central"),
    city("CYI", "嘉義", "south"),
];
/// City of the last branch.
pub const LAST_CITY: City = city("TYO", "東京", "japan");
/// City of the last branch but one.
pub const LAST_BUT_ONE_CITY: City = city("BKK", "曼谷", "thailand");

/// Ways in which people hear of the chain.
pub const CHANNELS: &[&str] = &["instagram", "line", "google", "facebook", "dcard", "walk_in", "friend"];
