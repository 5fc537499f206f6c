//! RFC 3339 UTC times with milliseconds, the one form records use: `2026-11-23T21:10:27.123Z`.

use crate::ids::UnixMillis;
use alloc::format;
use alloc::string::String;

const DAY_MILLIS: u64 = 86_400_000;
/// 9999-12-31T23:59:59.999Z: four digits of year hold no more.
const LAST: u64 = 253_402_300_799_999;

/// This moment as `YYYY-MM-DDThh:mm:ss.mmmZ`; moments past the year 9999 read as its last millisecond.
pub fn format_rfc3339(at: UnixMillis) -> String {
    let millis = at.0.min(LAST);
    let (days, rest) = (millis / DAY_MILLIS, millis % DAY_MILLIS);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// The moment written in exactly that form, or `None`.
pub fn parse_rfc3339(text: &str) -> Option<UnixMillis> {
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let days = days_before_month(number(0, 4)?, number(5, 7)?).checked_add(number(8, 10)?.checked_sub(1)?)?;
    let seconds = number(11, 13)?
        .checked_mul(3600)?
        .checked_add(number(14, 16)?.checked_mul(60)?)?
        .checked_add(number(17, 19)?)?;
    let within = seconds.checked_mul(1000)?.checked_add(number(20, 23)?)?;
    let at = UnixMillis(days.checked_mul(DAY_MILLIS)?.checked_add(within)?);
    // Written again and compared: refuses month 13, 30 February, hour 24 and every other separator.
    (format_rfc3339(at) == text).then_some(at)
}

/// The proleptic Gregorian date of a day counted from 1970-01-01, for days up to the year 9999.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let near = 1970u64.saturating_add(days / 366);
    let year = (near..10_000).take_while(|year| days_before_month(*year, 1) <= days).last().unwrap_or(near);
    let month = (1..=12).rev().find(|month| days_before_month(year, *month) <= days).unwrap_or(1);
    (year, month, days.saturating_sub(days_before_month(year, month)).saturating_add(1))
}

/// Days from 1970-01-01 to the first of this month.
fn days_before_month(year: u64, month: u64) -> u64 {
    (1..month.min(13)).map(|month| month_days(year, month)).fold(days_before_year(year), u64::saturating_add)
}

/// Days from 1970-01-01 to the first of January of this year.
fn days_before_year(year: u64) -> u64 {
    let leaps = |y: u64| (y / 4).saturating_sub(y / 100).saturating_add(y / 400);
    let last = year.saturating_sub(1);
    year.saturating_sub(1970).saturating_mul(365).saturating_add(leaps(last).saturating_sub(leaps(1969)))
}

fn month_days(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}
