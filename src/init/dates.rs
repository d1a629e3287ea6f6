//! How an export writes dates, as far as its first rows tell.

use super::sample::Sample;
use crate::source::is_date_of;

/// Forms beside the usual ones, which need no format: the likely ones first.
const FORMS: &[&str] = &[
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Ey/%m/%d",
    "%Ey.%m.%d",
    "%Ey-%m-%d",
    "民國%Ey年%m月%d日",
    "%Ey%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
];
const TIMES: &[&str] = &["", " %H:%M", " %H:%M:%S", "%H%M%S", " %I:%M %p", " %I:%M:%S %p"];

/// A format of dates, and what else it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    /// None where the usual forms do.
    pub format: Option<String>,
    /// Another format that reads all of them, too, as another day.
    pub other: Option<String>,
}

/// How the values of a column are dates, if they are.
pub fn dates(sample: &Sample) -> Option<Dates> {
    if sample.is_time {
        return Some(Dates { format: None, other: None });
    }
    if !sample.are(|value| value.len() >= 6) {
        return None;
    }
    if sample.are(|value| is_date_of(None, value)) {
        return Some(Dates { format: None, other: None });
    }
    let forms = FORMS.iter().flat_map(|form| TIMES.iter().map(move |time| format!("{form}{time}")));
    let mut fitting = forms.filter(|form| sample.are(|value| is_date_of(Some(form), value)));
    let format = fitting.next()?;
    let other = fitting.find(|other| is_other_day(&format, other));
    Some(Dates { format: Some(format), other })
}

/// Whether day and month change places.
fn is_other_day(format: &str, other: &str) -> bool {
    let place = |format: &str, field| format.find(field);
    let is_day_first = |format: &str| place(format, "%d") < place(format, "%m");
    !format.contains("%Ey") && !other.contains("%Ey") && is_day_first(format) != is_day_first(other)
}
