//! Ids of customers, orders, visits and contacts. Written by hand: at a hundred million rows, `format!` is a
//! fifth of the whole time.

use std::fmt;

/// Most bytes of an id: a letter, 20 digits, a dash, 10 digits.
const MOST_BYTES: usize = 32;

/// A short text of ASCII letters and digits.
#[derive(Clone, Copy)]
pub struct Id {
    // Filled from the end.
    bytes: [u8; MOST_BYTES],
    start: usize,
}

impl Id {
    /// A plain number.
    pub fn number(number: u32) -> Self {
        Id { bytes: [0; MOST_BYTES], start: MOST_BYTES }.digits(number.into(), 1)
    }

    /// Id of a customer, such as `C00000059`.
    pub fn customer(customer: u64) -> Self {
        Id { bytes: [0; MOST_BYTES], start: MOST_BYTES }.digits(customer, 8).byte(b'C')
    }

    /// Id of a customer's order, such as `O00000059-011`.
    pub fn order(customer: u64, order: u32) -> Self {
        Id::part(customer, order).byte(b'O')
    }

    /// Id of a customer's visit, such as `V00000059-011`.
    pub fn visit(customer: u64, visit: u32) -> Self {
        Id::part(customer, visit).byte(b'V')
    }

    /// Id of a contact with a customer, such as `K00000059-011`.
    pub fn contact(customer: u64, contact: u32) -> Self {
        Id::part(customer, contact).byte(b'K')
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(self.start..).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or("")
    }

    fn part(customer: u64, number: u32) -> Self {
        Id { bytes: [0; MOST_BYTES], start: MOST_BYTES }.digits(number.into(), 3).byte(b'-').digits(customer, 8)
    }

    /// Puts `number` in front, with zeros to a width of at least `width`.
    fn digits(mut self, mut number: u64, width: u32) -> Self {
        let mut written = 0;
        while written < width || number > 0 {
            self = self.byte(b'0' + u8::try_from(number % 10).unwrap_or(0));
            number /= 10;
            written += 1;
        }
        self
    }

    fn byte(mut self, byte: u8) -> Self {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
        self
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn ids_have_a_letter_and_a_fixed_width_that_large_numbers_outgrow() {
        assert_eq!(Id::customer(59).as_str(), "C00000059");
        assert_eq!(Id::order(99_999_999, 1_234).as_str(), "O99999999-1234");
        assert_eq!(Id::visit(7, 0).as_str(), "V00000007-000");
        assert_eq!(Id::order(u64::MAX, u32::MAX).as_str(), "O18446744073709551615-4294967295");
        assert_eq!(Id::number(120).as_str(), "120");
    }
}
