//! What pages are made of, besides their data. The files lie in `report/`.

macro_rules! part {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/report/", $path))
    };
}

/// The texts of a language, by its tag.
pub type Texts = (&'static str, &'static [&'static str]);

/// The parts of a page.
pub struct Parts {
    /// Its style, the files one after the other.
    pub style: &'static [&'static str],
    /// What stands before its script.
    pub library: &'static str,
    /// Its script, in the order in which its files use each other.
    pub script: &'static [&'static str],
    /// The texts of each language, in one or more files; the first one is that of who asks for none of them.
    pub texts: [Texts; 3],
}

/// What the pages have in common: a skeleton that the others are put into.
pub const SKELETON: &str = part!("page.html");

/// The page of a snapshot.
pub const REPORT: Parts = Parts {
    style: &[part!("page.css")],
    library: part!("echarts.min.js"),
    script: &[
        part!("script/island.js"),
        part!("script/data.js"),
        part!("script/language.js"),
        part!("script/format.js"),
        part!("script/dom.js"),
        part!("script/reader.js"),
        part!("script/metrics.js"),
        part!("script/table.js"),
        part!("script/chart.js"),
        part!("script/section.js"),
        part!("script/coverage.js"),
        part!("script/headline.js"),
        part!("script/branches.js"),
        part!("script/findings.js"),
        part!("script/stages.js"),
        part!("script/segments.js"),
        part!("script/vips.js"),
        part!("script/cohorts.js"),
        part!("script/second_visit.js"),
        part!("script/value_to_come.js"),
        part!("script/acquisition.js"),
        part!("script/items.js"),
        part!("script/actions.js"),
        part!("script/outcomes.js"),
        part!("script/trend.js"),
        part!("script/main.js"),
    ],
    texts: [
        ("zh-Hant", &[part!("texts/shared/zh-Hant.json"), part!("texts/zh-Hant.json")]),
        ("zh-Hans", &[part!("texts/shared/zh-Hans.json"), part!("texts/zh-Hans.json")]),
        ("en", &[part!("texts/shared/en.json"), part!("texts/en.json")]),
    ],
};

/// The data dictionary.
pub const DICTIONARY: Parts = Parts {
    style: &[part!("page.css"), part!("dictionary/dictionary.css")],
    library: "",
    script: &[
        part!("script/island.js"),
        part!("script/language.js"),
        part!("script/format.js"),
        part!("script/dom.js"),
        part!("script/reader.js"),
        part!("dictionary/script/data.js"),
        part!("dictionary/script/search.js"),
        part!("dictionary/script/list.js"),
        part!("dictionary/script/tables.js"),
        part!("dictionary/script/metrics.js"),
        part!("dictionary/script/lineage.js"),
        part!("dictionary/script/policy.js"),
        part!("dictionary/script/main.js"),
    ],
    texts: [
        ("zh-Hant", &[part!("texts/shared/zh-Hant.json"), part!("dictionary/texts/zh-Hant.json")]),
        ("zh-Hans", &[part!("texts/shared/zh-Hans.json"), part!("dictionary/texts/zh-Hans.json")]),
        ("en", &[part!("texts/shared/en.json"), part!("dictionary/texts/en.json")]),
    ],
};
