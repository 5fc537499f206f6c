//! Days of the calendar, as flows and manifests write them: `AAAA-MM-JJ`. Not here: any clock; whoever has one says which day it is.

/// A day that the calendar has. Two such texts compare as the days they name.
pub fn is_day(text: &str) -> bool {
    parts(text).is_some()
}

/// The day that an `xs:date` names, without its time zone (XML Schema part 2 §3.2.9); the text itself where it is none.
pub(crate) fn without_zone(text: &str) -> &str {
    let Some((day, zone)) = text.split_at_checked(10).filter(|(day, _)| is_day(day)) else { return text };
    let two = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let offset =
        || zone.strip_prefix(['+', '-'])?.split_once(':').filter(|(hours, minutes)| two(hours) && two(minutes));
    if zone == "Z" || offset().is_some() { day } else { text }
}

/// The day as it is written in French, `JJ/MM/AAAA`; the text itself where it is none.
pub fn in_french(day: &str) -> String {
    match day.split('-').collect::<Vec<_>>()[..] {
        [year, month, date] if is_day(day) => format!("{date}/{month}/{year}"),
        _ => day.to_owned(),
    }
}

/// The day after; none after the last that can be written so.
pub fn day_after(day: &str) -> Option<String> {
    let (year, month, date) = parts(day)?;
    let (year, month, date) = match (month, date == length(year, month)) {
        (_, false) => (year, month, date + 1),
        (12, true) => (year + 1, 1, 1),
        (_, true) => (year, month + 1, 1),
    };
    written(year, month, date)
}

/// The same day two months later, or the last of that month.
pub fn two_months_after(day: &str) -> Option<String> {
    months_after(day, 2)
}

/// The same day so many months later, or the last of that month; none after the last that can be written.
pub fn months_after(day: &str, count: u32) -> Option<String> {
    let (year, month, date) = parts(day)?;
    let months = u64::from(month - 1) + u64::from(count);
    let (year, month) = (year + months / 12, u32::try_from(months % 12).ok()? + 1);
    written(year, month, date.min(length(year, month)))
}

/// The day so many days later; none after the last that can be written.
pub fn days_after(day: &str, count: u32) -> Option<String> {
    let (mut year, mut month, date) = parts(day)?;
    let mut left = date.checked_add(count)?;
    while left > length(year, month) {
        left -= length(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    written(year, month, left)
}

fn written(year: u64, month: u32, date: u32) -> Option<String> {
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{date:02}"))
}

fn parts(text: &str) -> Option<(u64, u32, u32)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, date) = (number(0..4)?.parse().ok()?, number(5..7)?.parse().ok()?, number(8..10)?.parse().ok()?);
    (1..=length(year, month)).contains(&date).then_some((year, month, date))
}

/// Days of that month; none of one that the calendar does not have.
pub(crate) fn length(year: u64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_french_and_what_is_none_as_it_is() {
        for (day, said) in [("2026-01-05", "05/01/2026"), ("2026-02-30", "2026-02-30"), ("?", "?"), ("", "")] {
            assert_eq!(in_french(day), said);
        }
    }

    #[test]
    fn a_day_with_a_time_zone_is_that_day() {
        for text in ["2026-10-03", "2026-10-03Z", "2026-10-03+02:00", "2026-10-03-11:30"] {
            assert_eq!(without_zone(text), "2026-10-03", "{text}");
        }
        for text in [
            "",
            "2026-10-03T00:00:00",
            "2026-10-03+2:00",
            "2026-10-03+02:0é",
            "2026-02-30Z",
            "éééééééééé",
            "2026-10-03 ",
        ] {
            assert_eq!(without_zone(text), text);
        }
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for day in ["2026-11-30", "2028-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert!(is_day(day), "{day}");
        }
        for day in [
            "2026-11-31",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-1-1",
            "20260101",
            "2026/01/01",
            "+026-01-01",
            "2026-01-0١",
            "éé26-01-1",
            "",
        ] {
            assert!(!is_day(day), "{day}");
        }
    }

    #[test]
    fn a_day_is_followed_by_another() {
        for (day, next) in [
            ("2026-01-30", "2026-01-31"),
            ("2026-02-28", "2026-03-01"),
            ("2028-02-28", "2028-02-29"),
            ("2026-12-31", "2027-01-01"),
        ] {
            assert_eq!(day_after(day).as_deref(), Some(next));
        }
        assert_eq!((day_after("9999-12-31"), day_after("2026-02-30")), (None, None));
    }

    #[test]
    fn two_months_end_with_a_month_that_is_shorter() {
        for (day, later) in [
            ("2026-01-20", "2026-03-20"),
            ("2026-12-31", "2027-02-28"),
            ("2027-12-31", "2028-02-29"),
            ("2026-11-30", "2027-01-30"),
            ("2026-07-31", "2026-09-30"),
        ] {
            assert_eq!(two_months_after(day).as_deref(), Some(later));
        }
        assert_eq!(two_months_after("2026-13-01"), None);
    }
}
