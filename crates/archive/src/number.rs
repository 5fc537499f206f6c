//! SIREN and SIRET: the numbers French bodies are known by, and their check digit (ISO/IEC 7812, Luhn).

use std::fmt;

/// Nine digits naming a legal entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Siren(String);

/// Fourteen digits naming an establishment: a SIREN and five digits more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Siret(String);

/// Why a text is no SIREN or SIRET.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NumberError {
    /// Another number of digits.
    Length {
        /// Digits of such a number.
        expected: usize,
        /// Characters given, spaces left out.
        given: usize,
    },
    /// Something else than a digit or a space.
    Character(char),
    /// The check digit does not agree: a digit is mistyped.
    CheckDigit,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, given } => write!(f, "{given} digits, {expected} expected"),
            Self::Character(c) => write!(f, "{c:?} is no digit"),
            Self::CheckDigit => f.write_str("the check digit does not agree, a digit is mistyped"),
        }
    }
}
impl std::error::Error for NumberError {}

impl Siren {
    /// The SIREN this text writes; spaces are left out.
    ///
    /// # Errors
    /// [`NumberError`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        digits(text, 9).map(Self)
    }
    /// The nine digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Siret {
    /// The SIRET this text writes; spaces are left out. Its first nine digits are a SIREN too.
    ///
    /// # Errors
    /// [`NumberError`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let number = digits(text, 14)?;
        digits(number.get(..9).unwrap_or_default(), 9)?;
        Ok(Self(number))
    }
    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The legal entity of this establishment.
    pub fn siren(&self) -> &str {
        self.0.get(..9).unwrap_or_default()
    }
}

fn digits(text: &str, expected: usize) -> Result<String, NumberError> {
    let number: String = text.chars().filter(|c| *c != ' ').collect();
    if let Some(other) = number.chars().find(|c| !c.is_ascii_digit()) {
        return Err(NumberError::Character(other));
    }
    if number.len() != expected {
        return Err(NumberError::Length { expected, given: number.len() });
    }
    if luhn(&number) { Ok(number) } else { Err(NumberError::CheckDigit) }
}

/// From the right, every second digit doubled (less nine when past nine): the sum ends in zero.
fn luhn(number: &str) -> bool {
    let doubled = |(place, digit): (usize, u8)| {
        let value = u32::from(digit - b'0');
        match (place % 2, value) {
            (0, _) => value,
            (_, 0..=4) => value * 2,
            _ => value * 2 - 9,
        }
    };
    let sum: u32 = number.bytes().rev().enumerate().map(doubled).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_good_check_digit_are_read() {
        assert_eq!(Siren::parse("243 400 017").unwrap().as_str(), "243400017");
        let siret = Siret::parse("24340001700022").unwrap();
        assert_eq!(siret.siren(), "243400017");
    }

    #[test]
    fn any_single_mistyped_digit_is_refused() {
        let good = "243400017";
        for place in 0..9 {
            for digit in '0'..='9' {
                let mut wrong = good.to_owned();
                wrong.replace_range(place..=place, &digit.to_string());
                let read = Siren::parse(&wrong);
                assert_eq!(read.is_ok(), wrong == good, "{wrong}");
            }
        }
    }

    #[test]
    fn other_lengths_and_characters_say_what_they_are() {
        assert_eq!(Siren::parse("24340001"), Err(NumberError::Length { expected: 9, given: 8 }));
        assert_eq!(Siren::parse("2434000170"), Err(NumberError::Length { expected: 9, given: 10 }));
        assert_eq!(Siren::parse("24340001O"), Err(NumberError::Character('O')));
        assert_eq!(Siren::parse("24340001٧"), Err(NumberError::Character('٧')));
        assert_eq!(Siret::parse("243400017"), Err(NumberError::Length { expected: 14, given: 9 }));
        assert!(Siren::parse("").is_err());
    }

    #[test]
    fn a_siret_over_a_wrong_siren_is_refused() {
        // The whole passes Luhn, its first nine digits do not.
        let wrong = (0..10).map(|last| format!("2434000180002{last}")).find(|s| luhn(s)).unwrap();
        assert_eq!(Siret::parse(&wrong), Err(NumberError::CheckDigit));
    }
}
