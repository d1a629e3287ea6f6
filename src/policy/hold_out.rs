//! Who is held out of the action list: a share of the customers, the same ones every night.

use chrono::NaiveDate;
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde::Serialize;

/// Draws are below this.
const DRAWS: u64 = 1 << 32;

/// A share of the customers that is left alone, so that it is seen what customers do without being asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldOut {
    /// Share of the customers, in millionths.
    pub share_millionths: u32,
    /// Which customers: another key holds others out.
    pub key: String,
    /// The first day whose list holds anybody out.
    pub from: NaiveDate,
}

impl HoldOut {
    /// Customers whose draw is below this are held out, of lists of `day`.
    pub fn draws_below(&self, day: NaiveDate) -> u64 {
        match day >= self.from {
            true => (u64::from(self.share_millionths) * DRAWS).div_ceil(1_000_000),
            false => 0,
        }
    }

    /// Whether a customer is held out, of lists from [`HoldOut::from`] on.
    pub fn holds(&self, customer_id: &str) -> bool {
        u64::from(keyed_draw(&self.key, customer_id)) < self.draws_below(self.from)
    }
}

/// A number of 32 bits that stands for `id` under `key`, each as likely as the next: the first ones of HMAC-SHA256.
pub fn keyed_draw(key: &str, id: &str) -> u32 {
    let tag = sign(&Key::new(HMAC_SHA256, key.as_bytes()), id.as_bytes());
    tag.as_ref().first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold_out(share_millionths: u32) -> HoldOut {
        HoldOut { share_millionths, key: "spring".to_owned(), from: "2026-03-01".parse().expect("a date") }
    }

    #[test]
    fn a_draw_is_what_other_programs_make_of_key_and_id() {
        // python3 -c 'import hmac; print(hmac.new(b"spring", b"C00000059", "sha256").hexdigest()[:8])'
        assert_eq!(format!("{:08x}", keyed_draw("spring", "C00000059")), "c667078e");
    }

    #[test]
    fn about_the_share_is_held_out_and_more_of_a_greater_one() {
        let ids: Vec<String> = (0..20_000).map(|number| format!("C{number:08}")).collect();
        let held = |share| ids.iter().filter(|id| hold_out(share).holds(id)).collect::<Vec<_>>();
        let (tenth, fifth) = (held(100_000), held(200_000));
        assert!((1_850..2_150).contains(&tenth.len()), "{}", tenth.len());
        assert!(tenth.iter().all(|id| fifth.contains(id)));
    }

    #[test]
    fn nobody_is_held_out_before_the_first_day() {
        let day = |text: &str| text.parse().expect("a date");
        assert_eq!(hold_out(500_000).draws_below(day("2026-02-28")), 0);
        assert_eq!(hold_out(500_000).draws_below(day("2026-03-01")), 1 << 31);
    }
}
