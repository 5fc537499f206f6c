//! A contract held against the table of its edition: each defect is a fault with its place.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use serde_json::{Map, Number, Value};

use super::tables::{Field, Form, List};
use super::walk::modifications;
use super::{whole, xml};
use crate::codes::{self, Code, Fault, Faults};
use crate::day;
use crate::finding::Severity;

/// Longest identifier, in characters.
const ID_CHARS: usize = 16;

/// One step towards a value.
#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    /// An object of a list; JSON writes it under its name or not.
    Item(&'static str, usize, bool),
    /// A word of a list.
    Word(&'static str, usize),
}

/// A contract being checked.
pub(super) struct Check<'c> {
    /// The file, and where the contract stands in it.
    place: (&'c str, &'c str),
    /// Whether items are counted as XPath does.
    xml: bool,
    /// Whether the tables name every field there may be: of a contract; in XML, of what is in it too, as the published schemas have it.
    closed: bool,
    steps: Vec<Step>,
    faults: &'c mut Faults,
    sound: bool,
}

/// Where a value stands: as a JSON pointer, or as a path of XML.
struct Path<'p>(&'p [Step], bool);

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.0 {
            match *step {
                Step::Field(name) => write!(f, "/{name}")?,
                Step::Item(item, rank, _) | Step::Word(item, rank) if self.1 => write!(f, "/{item}[{}]", rank + 1)?,
                Step::Item(item, rank, true) => write!(f, "/{rank}/{item}")?,
                Step::Item(_, rank, false) => write!(f, "/{rank}")?,
                Step::Word(item, rank) => write!(f, "/{item}/{rank}")?,
            }
        }
        Ok(())
    }
}

impl<'c> Check<'c> {
    pub(super) fn new(place: (&'c str, &'c str), xml: bool, faults: &'c mut Faults) -> Check<'c> {
        Check { place, xml, closed: false, steps: Vec::new(), faults, sound: true }
    }

    /// Whether this contract keeps to the rules. A closed table names every field there may be.
    pub(super) fn contract(mut self, body: &Map<String, Value>, fields: &'static [Field], closed: bool) -> bool {
        self.closed = closed;
        self.object(body, fields);
        self.across(body);
        self.sound
    }

    fn fault(&self, code: &'static Code) -> Fault {
        let (file, at) = self.place;
        Fault::new(code, format!("{file}: {at}{}", Path(&self.steps, self.xml)))
    }

    /// Something to say of the contract. What is more than a note makes it unsound: the one rule by which exports leave contracts out.
    fn say(&mut self, fault: Fault) {
        self.sound &= fault.code.severity() == Severity::Info;
        self.faults.push(fault);
    }

    fn object(&mut self, body: &Map<String, Value>, fields: &'static [Field]) {
        for field in fields {
            match body.get(field.name) {
                None if field.required => {
                    let fault = self.fault(&codes::DECP_MISSING).with(field.name);
                    self.say(fault);
                }
                None => {}
                Some(value) => {
                    self.steps.push(Step::Field(field.name));
                    self.value(field, value);
                    self.steps.pop();
                }
            }
        }
        if let (Some("SIRET"), Some(id)) = (body.get("typeIdentifiant").and_then(Value::as_str), body.get("id"))
            && !id.as_str().is_some_and(|id| is_siret(id) && has_right_key(id))
        {
            let fault = self.fault(&codes::DECP_HOLDER_SIRET).with(id.as_str().unwrap_or("?"));
            self.say(fault);
        }
        if self.closed && (self.xml || self.steps.is_empty()) {
            for name in body.keys().filter(|name| !fields.iter().any(|field| field.name == name.as_str())) {
                let fault = self.fault(&codes::DECP_UNKNOWN).with(name);
                self.say(fault);
            }
        }
    }

    fn value(&mut self, field: &'static Field, value: &Value) {
        match (&field.form, value) {
            (Form::Object(fields), Value::Object(body)) => self.object(body, fields),
            (Form::List(list), Value::Array(items)) => self.list(field.name, list, items),
            (Form::Words(item, words), Value::Object(body)) => self.words(field.name, (*item, *words), body),
            (Form::Truth, Value::Bool(_)) => {}
            (form, Value::Number(number)) if is_number(form) => self.number(field, number),
            (form, Value::String(text)) if expected(form) == "string" => self.text(field, text),
            (form, Value::String(text)) if is_number(form) && self.xml && xml::is_beyond(text) => {
                let fault = self.fault(&codes::DECP_NUMBER).with(text);
                self.say(fault);
            }
            (form, _) => {
                let fault = self.fault(&codes::DECP_FORM).with(field.name).with_words(form_words(expected(form)));
                self.say(fault);
            }
        }
    }

    fn text(&mut self, field: &'static Field, text: &str) {
        let chars = text.chars().count();
        let fault = match field.form {
            Form::Text(most) if chars > most => {
                self.fault(&codes::DECP_TOO_LONG).with(field.name).with(chars).with(most)
            }
            Form::Id(least) if !(least..=ID_CHARS).contains(&chars) => {
                self.fault(&codes::DECP_ID).with(text).with(format_args!("{least}-{ID_CHARS}"))
            }
            Form::Siret if !is_siret(text) => self.fault(&codes::DECP_SIRET).with(text),
            Form::Siret if !has_right_key(text) => self.fault(&codes::DECP_SIRET_KEY).with(text),
            Form::Cpv if !is_cpv(text) => self.fault(&codes::DECP_CPV).with(text),
            Form::Day if !is_day(text) => self.fault(&codes::DECP_DATE).with(field.name).with(text),
            Form::Word(words) if !words.contains(&text) => {
                self.fault(&codes::DECP_WORD).with(field.name).with(text).with(words.join(" | "))
            }
            _ => return,
        };
        self.say(fault);
    }

    fn number(&mut self, field: &'static Field, number: &Number) {
        let (within, bounds) = match field.form {
            Form::Whole => (whole(number).is_some_and(|whole| whole >= 1), "1…".to_owned()),
            Form::Amount(least) => (number.as_f64().is_some_and(|n| n >= f64::from(least)), format!("{least}…")),
            _ => (number.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n)), "0…1".to_owned()),
        };
        if !within {
            let fault = self.fault(&codes::DECP_AMOUNT).with(field.name).with(number).with(bounds);
            self.say(fault);
        }
    }

    /// At least so many, none twice where that is asked.
    fn count(&mut self, name: &str, items: &[Value], (least, once): (usize, bool)) {
        if items.len() < least {
            let fault = self.fault(&codes::DECP_LIST_EMPTY).with(name);
            self.say(fault);
        }
        let mut met = BTreeSet::new();
        if once && !items.iter().all(|item| met.insert(item.to_string())) {
            let fault = self.fault(&codes::DECP_REPEATED).with(name);
            self.say(fault);
        }
    }

    fn list(&mut self, name: &str, list: &'static List, items: &[Value]) {
        self.count(name, items, (list.least, list.once));
        for (rank, item) in items.iter().enumerate() {
            self.steps.push(Step::Item(list.item, rank, list.wrapped));
            let inner = if list.wrapped { item.get(list.item) } else { Some(item) };
            match inner.and_then(Value::as_object) {
                Some(body) => self.object(body, list.fields),
                None => {
                    let fault = self.fault(&codes::DECP_FORM).with(list.item).with_words(form_words("object"));
                    self.say(fault);
                }
            }
            self.steps.pop();
        }
    }

    fn words(&mut self, name: &str, (item, words): (&'static str, &[&str]), body: &Map<String, Value>) {
        let Some(Value::Array(said)) = body.get(item) else {
            let fault = self.fault(&codes::DECP_FORM).with(item).with_words(form_words("array"));
            return self.say(fault);
        };
        self.count(name, said, (1, true));
        for (rank, word) in said.iter().enumerate() {
            if !word.as_str().is_some_and(|word| words.contains(&word)) {
                self.steps.push(Step::Word(item, rank));
                let shown = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
                let fault = self.fault(&codes::DECP_WORD).with(item).with(shown).with(words.join(" | "));
                self.say(fault);
                self.steps.pop();
            }
        }
    }

    /// What fields say of each other.
    fn across(&mut self, body: &Map<String, Value>) {
        let share = |name: &str| body.get(name).and_then(Value::as_f64);
        if let (Some(france), Some(union)) = (share("origineFrance"), share("origineUE"))
            && france > union
        {
            let fault = self.fault(&codes::DECP_ORIGINS).with(france).with(union);
            self.say(fault);
        }
        let numbers: Vec<u64> = modifications(body).into_iter().filter_map(super::number_of).collect();
        let mut met = BTreeSet::new();
        let twice: BTreeSet<u64> = numbers.iter().copied().filter(|number| !met.insert(*number)).collect();
        for number in twice {
            let fault = self.fault(&codes::DECP_MODIFICATION_TWICE).with(number);
            self.say(fault);
        }
        if numbers.windows(2).any(|pair| matches!(pair, [before, after] if before > after)) {
            let fault = self.fault(&codes::DECP_MODIFICATIONS);
            self.say(fault);
        }
    }
}

fn is_number(form: &Form) -> bool {
    matches!(expected(form), "integer" | "number")
}

/// The JSON type of a form.
fn expected(form: &Form) -> &'static str {
    match form {
        Form::Whole => "integer",
        Form::Amount(_) | Form::Share | Form::Origin => "number",
        Form::Truth => "boolean",
        Form::Object(_) | Form::Words(..) => "object",
        Form::List(_) => "array",
        _ => "string",
    }
}

/// The forms of JSON, in French and in English.
pub(crate) static FORMS: [(&str, &str); 6] = [
    ("un nombre entier", "an integer"),
    ("un nombre", "a number"),
    ("vrai ou faux", "a boolean"),
    ("un objet", "an object"),
    ("une liste", "an array"),
    ("un texte", "a string"),
];

/// A form of JSON as it is said in sentences.
pub(crate) fn form_words(form: &str) -> [String; 2] {
    let words = FORMS.iter().find(|(_, en)| en.ends_with(&format!(" {form}")));
    words.map_or_else(|| [form.to_owned(), form.to_owned()], |(fr, en)| [(*fr).to_owned(), (*en).to_owned()])
}

/// Fourteen digits.
pub(crate) fn is_siret(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The sum of Luhn (ISO/IEC 7812); for the offices of La Poste, the sum of the digits.
fn has_right_key(siret: &str) -> bool {
    let digits = || siret.bytes().rev().map(|byte| u32::from(byte.saturating_sub(b'0')));
    let luhn: u32 = digits()
        .enumerate()
        .map(|(rank, digit)| if rank % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    luhn.is_multiple_of(10) || (siret.starts_with("356000000") && digits().sum::<u32>().is_multiple_of(5))
}

fn is_cpv(text: &str) -> bool {
    let (code, key) = text.split_once('-').map_or((text, None), |(code, key)| (code, Some(key)));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(code, 8) && key.is_none_or(|key| digits(key, 1))
}

/// A day of the calendar, `AAAA-MM-JJ`; XML Schema and the first edition allow an offset after it.
fn is_day(text: &str) -> bool {
    let (day, offset) = text.split_at_checked(10).unwrap_or((text, ""));
    let shaped = offset.is_empty() || offset == "Z" || (offset.len() == 6 && offset.starts_with(['+', '-']));
    shaped && day::is_day(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_days_and_codes_have_their_forms() {
        for (day, right) in [
            ("2026-11-30", true),
            ("2028-02-29", true),
            ("2026-02-29", false),
            ("2026-11-31", false),
            ("2019-05-01+02:00", true),
            ("2019-05-01Z", true),
            ("30/11/2026", false),
            ("2026-11-30T10:00", false),
            ("éééé-11-30", false),
            ("", false),
        ] {
            assert_eq!(is_day(day), right, "{day}");
        }
        for (cpv, right) in [("45000000", true), ("45000000-7", true), ("4500000", false), ("45000000-77", false)] {
            assert_eq!(is_cpv(cpv), right, "{cpv}");
        }
        for (siret, right) in
            [("21990001500017", false), ("21750001600019", true), ("35600000000048", true), ("35600000009075", true)]
        {
            assert_eq!((is_siret(siret), has_right_key(siret)), (true, right), "{siret}");
        }
        assert!(!is_siret("2199000150001") && !is_siret("2199000150001X"));
    }
}
