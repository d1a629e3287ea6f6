//! The calendar of the Republic of China (民國) in date formats.

/// Years of the common era before the calendar's first: 115 is 2026.
pub const YEARS_BEFORE: i32 = 1911;

/// Splits a strftime format around its first `%Ey`, the year of the calendar; None if it has none.
pub fn split(format: &str) -> Option<(&str, &str)> {
    let mut searched = 0;
    loop {
        let specifier = format.get(searched..)?.find('%')? + searched;
        if let Some(after) = format.get(specifier..)?.strip_prefix("%Ey") {
            return Some((format.get(..specifier)?, after));
        }
        // What follows belongs to this specifier, also in `%%`.
        searched = specifier + 1 + format.get(specifier + 1..)?.chars().next()?.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_split_around_the_year_but_not_within_an_escape() {
        assert_eq!(split("民國%Ey/%m/%d"), Some(("民國", "/%m/%d")));
        assert_eq!(split("%%Ey %d.%m.%Ey"), Some(("%%Ey %d.%m.", "")));
        for format in ["", "%", "%Y/%m/%d", "%%Ey", "Ey", "%E", "%年"] {
            assert_eq!(split(format), None, "{format}");
        }
    }
}
