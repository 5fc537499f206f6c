//! Amounts of PES: decimals of two digits, added as integers of cents.

/// An amount in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cents(pub(crate) i128);

impl Cents {
    /// `-1234.5`, `75724.75`, `12`: at most fifteen digits before the point and two after it.
    pub(crate) fn parse(text: &str) -> Option<Cents> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let digits = if negative { digits } else { digits.strip_prefix('+').unwrap_or(digits) };
        let (units, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if units.is_empty() || units.len() > 15 || decimals.len() > 2 || !plain(units) || !plain(decimals) {
            return None;
        }
        let hundredths: i128 = format!("{decimals:0<2}").parse().ok()?;
        let cents = units.parse::<i128>().ok()?.checked_mul(100)?.checked_add(hundredths)?;
        Some(Cents(if negative { -cents } else { cents }))
    }

    /// The sum; amounts are bounded, and so is how many there can be.
    pub(crate) fn plus(self, other: Cents) -> Cents {
        Cents(self.0.saturating_add(other.0))
    }
}

impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

/// A sum, which is one as long as nothing of it is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Total {
    sum: Cents,
    stated: bool,
    lacks: bool,
}

impl Total {
    pub(crate) fn add(&mut self, amount: Cents) {
        self.sum = self.sum.plus(amount);
        self.stated = true;
    }

    /// One of the amounts is missing, or is none.
    pub(crate) fn lack(&mut self) {
        self.lacks = true;
    }

    /// Nothing where nothing is stated, or not everything.
    pub(crate) fn told(&self) -> Option<Cents> {
        (self.stated && !self.lacks).then_some(self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cents, Total};

    #[test]
    fn a_sum_is_told_where_all_of_it_is_known() {
        let mut total = Total::default();
        assert_eq!(total.told(), None);
        total.add(Cents(0));
        total.add(Cents(150));
        assert_eq!(total.told(), Some(Cents(150)));
        total.lack();
        assert_eq!(total.told(), None);
    }

    #[test]
    fn amounts_are_read_and_written_in_cents() {
        for (text, shown) in [
            ("75724.75", "75724.75"),
            ("12", "12.00"),
            ("-0.5", "-0.50"),
            ("+3.10", "3.10"),
            ("0", "0.00"),
            ("007", "7.00"),
        ] {
            assert_eq!(Cents::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["", "-", ".5", "1.234", "1,50", "1e3", "--1", "1.-5", "1 000", &"9".repeat(16)] {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
        assert!(Cents::parse(&"9".repeat(15)).is_some());
        assert_eq!(Cents(7575).plus(Cents(-100)).to_string(), "74.75");
    }
}
