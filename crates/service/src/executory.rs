//! Whether an act is executory, as far as the archive knows: transmitted to the préfecture, and published or notified (code général des
//! collectivités territoriales, L. 2131-1). Pieces are tied to the act by its identifier alone, and the acknowledgement carries no hash of the
//! act: this is what was deposited under that identifier, and no more.

use serde_json::{Value, json};

/// What one entry of an act's story says of it.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The préfecture acknowledged it on this day.
    pub(crate) received: Option<String>,
    /// The préfecture acknowledged its cancellation.
    pub(crate) cancelled: bool,
    /// It was published or notified on this day.
    pub(crate) published: Option<String>,
}

impl Said {
    /// By the facts of an entry.
    pub(crate) fn of(facts: &Value) -> Self {
        let day = |name: &str| facts.get(name).and_then(Value::as_str).filter(|day| is_day(day)).map(str::to_owned);
        let message = facts.get("message").and_then(Value::as_str).unwrap_or_default();
        Self {
            received: day("date_reception").filter(|_| matches!(message, "1-1" | "1-2")),
            cancelled: facts.get("date_annulation").is_some(),
            published: day("date").filter(|_| matches!(message, "publication" | "notification")),
        }
    }
}

/// The status, of all that is known.
pub(crate) fn status(story: &[&Said]) -> Value {
    let earliest = |of: fn(&Said) -> Option<&String>| story.iter().filter_map(|said| of(said)).min().cloned();
    let received = earliest(|said| said.received.as_ref());
    let published = earliest(|said| said.published.as_ref());
    if story.iter().any(|said| said.cancelled) {
        return json!({"etat": "annule", "recu_le": received, "publie_le": published});
    }
    let state = match (&received, &published) {
        (Some(_), Some(_)) => "executoire",
        (Some(_), None) => "recu-publication-inconnue",
        (None, Some(_)) => "publie-reception-inconnue",
        (None, None) => "inconnu",
    };
    let since = received.as_ref().zip(published.as_ref()).map(|(received, published)| received.max(published).clone());
    let appeal = since.as_deref().and(published.as_deref()).and_then(two_months_later);
    json!({
        "etat": state, "recu_le": received, "publie_le": published, "depuis": since, "recours_indicatif_jusqu_au": appeal,
        "rattachement": "identifiant",
    })
}

/// `AAAA-MM-JJ`: such texts compare as the days they name.
pub(crate) fn is_day(text: &str) -> bool {
    parts(text).is_some()
}

fn parts(text: &str) -> Option<(u16, u8, u8)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (number(0..4)?.parse().ok()?, number(5..7)?.parse().ok()?, number(8..10)?.parse().ok()?);
    ((1..=12).contains(&month) && day >= 1 && day <= days(year, month)).then_some((year, month, day))
}

fn days(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The same day two months later, or the last of that month: an indication, since delays move with holidays and appeals.
fn two_months_later(day: &str) -> Option<String> {
    let (year, month, day) = parts(day)?;
    let (year, month) = if month > 10 { (year.checked_add(1)?, month - 10) } else { (year, month + 2) };
    Some(format!("{year:04}-{month:02}-{:02}", day.min(days(year, month))))
}

#[cfg(test)]
mod tests {
    use super::{Said, status, two_months_later};
    use serde_json::{Value, json};

    fn told(entries: &[Value]) -> Value {
        let said: Vec<Said> = entries.iter().map(Said::of).collect();
        status(&said.iter().collect::<Vec<_>>())
    }

    #[test]
    fn an_act_is_executory_when_both_are_known_from_the_later_of_them_on() {
        let act = json!({"message": "1-1", "date": "2026-01-10"});
        let ar = json!({"message": "1-2", "date": "2026-01-10", "date_reception": "2026-01-15"});
        let published = json!({"message": "publication", "date": "2026-01-20"});
        assert_eq!(told(std::slice::from_ref(&act))["etat"], "inconnu");
        assert_eq!(told(&[act.clone(), ar.clone()])["etat"], "recu-publication-inconnue");
        assert_eq!(told(&[act.clone(), published.clone()])["etat"], "publie-reception-inconnue");
        let whole = told(&[published.clone(), act.clone(), ar.clone()]);
        assert_eq!((&whole["etat"], &whole["depuis"]), (&json!("executoire"), &json!("2026-01-20")));
        assert_eq!(whole["recours_indicatif_jusqu_au"], "2026-03-20");
        let late = json!({"message": "1-1", "date_reception": "2026-02-01"});
        assert_eq!(told(&[late, published.clone()])["depuis"], "2026-02-01");
        let cancelled = json!({"message": "6-2", "date_annulation": "2026-03-01"});
        assert_eq!(told(&[act, ar, published, cancelled])["etat"], "annule");
        // A day that is none says nothing.
        assert_eq!(told(&[json!({"message": "publication", "date": "2026-02-30"})])["etat"], "inconnu");
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
            assert_eq!(two_months_later(day).as_deref(), Some(later));
        }
        assert_eq!(two_months_later("2026-13-01"), None);
    }
}
