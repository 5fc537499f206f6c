//! The text of `tabellion check`: what the deposit is, its facts under their captions, lists as lines, then what was found and what to do.
//! Nothing of the facts is left out: one that has no caption stands under its own name, at the end.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::captions::{CAPTIONS, Caption, Shape};
use super::{Language, words};
use crate::day::{in_french, is_day};
use crate::finding::{Finding, Outcome, Severity};
use crate::model::{Flow, FlowKind};
use crate::names::is_treacherous;

/// Values of one thing of a list that stand on one line; more of them stand one below the other.
const INLINE: usize = 8;
/// Files named in the text.
const FILES_SHOWN: usize = 20;
/// Said in the first lines.
const SAID_ABOVE: [&str; 3] = ["message", "transmission", "seda_version"];

/// The text of `tabellion check`, several lines, the last one ended.
pub fn to_text(flow: &Flow, language: Language) -> String {
    let mut page = Page { text: String::new(), language };
    page.line(0, verdict(flow, language));
    let what = what_it_is(flow, language);
    page.value(1, language.pick("Ce que c'est", "What it is"), &what);
    let facts: Map<String, Value> = flow.facts.clone().into_iter().filter(|(key, _)| !is_above(flow, key)).collect();
    page.object(1, &facts);
    page.files(flow);
    page.findings(&flow.findings);
    page.text
}

/// The first lines say it.
fn is_above(flow: &Flow, key: &str) -> bool {
    // A dossier or a procedure may have a field of that name.
    SAID_ABOVE.contains(&key) && matches!(flow.kind, FlowKind::Actes | FlowKind::Pes | FlowKind::Seda)
}

fn verdict(flow: &Flow, language: Language) -> String {
    let words = match flow.outcome() {
        Outcome::Accepted => language.pick("Accepté.", "Accepted."),
        Outcome::AcceptedWithWarnings => language.pick("Accepté avec avertissements.", "Accepted with warnings."),
        Outcome::Refused => language.pick("Refusé.", "Refused."),
        Outcome::Unreadable => language.pick("Illisible.", "Unreadable."),
    };
    words.to_owned()
}

fn what_it_is(flow: &Flow, language: Language) -> String {
    let kind = match flow.kind {
        FlowKind::Actes => language.pick("échange avec la préfecture (ACTES)", "exchange with the préfecture (ACTES)"),
        FlowKind::Pes => language.pick("flux comptable (HELIOS, PES V2)", "accounting flow (HELIOS, PES V2)"),
        FlowKind::Seda => language.pick("transfert d'archives (SEDA)", "transfer of archives (SEDA)"),
        FlowKind::Teleservice => language.pick("demande en ligne d'un usager", "citizen's online request"),
        FlowKind::Dossier => language.pick("dossier de l'administration électronique", "electronic administration"),
        FlowKind::Marches => language.pick("marché public", "public procurement"),
        FlowKind::File => language.pick("fichiers, conservés tels quels", "files, kept as they are"),
    };
    let version = flow.facts.get("seda_version").and_then(Value::as_str);
    let kind = version.map_or_else(|| kind.to_owned(), |version| kind.replace("SEDA", &format!("SEDA {version}")));
    let said = flow.message.as_deref().map(|message| match flow.kind {
        FlowKind::Teleservice | FlowKind::Dossier => words::step(message, language),
        FlowKind::Marches if message != "decp" => words::step(message, language),
        _ => words::meaning("message", message, language).unwrap_or_else(|| clean(message)),
    });
    // A transfer says its name already.
    match said.filter(|_| flow.kind != FlowKind::Seda) {
        Some(said) => format!("{kind}{} {said}", language.pick(" :", ":")),
        None => kind,
    }
}

struct Page {
    text: String,
    language: Language,
}

impl Page {
    fn line(&mut self, depth: usize, line: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}{line}", "  ".repeat(depth));
    }

    fn pair(&self, caption: &str, value: &str) -> String {
        format!("{caption}{} {value}", self.colon())
    }

    fn colon(&self) -> &'static str {
        self.language.pick(" :", ":")
    }

    fn value(&mut self, depth: usize, caption: &str, value: &str) {
        let pair = self.pair(caption, value);
        self.line(depth, pair);
    }

    /// Each fact under its caption, in the order of the captions; then those that have none.
    fn object(&mut self, depth: usize, object: &Map<String, Value>) {
        for (caption, key, value) in ordered(object) {
            self.fact(depth, (caption, key), value);
        }
    }

    fn caption(&self, caption: Option<&Caption>, key: &str) -> String {
        caption.map_or_else(|| clean(key), |known| self.language.pick(known.fr, known.en).to_owned())
    }

    fn fact(&mut self, depth: usize, (known, key): (Option<&Caption>, &str), value: &Value) {
        let caption = self.caption(known, key);
        match value {
            Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                self.heading(depth, &caption);
                items.iter().for_each(|item| self.item(depth + 1, (key, item)));
            }
            Value::Object(object) if !object.is_empty() => {
                self.heading(depth, &caption);
                self.object(depth + 1, object);
            }
            Value::Null | Value::Array(_) | Value::Object(_) if is_nothing(value) => {}
            one => {
                let shown = self.scalar(known, key, one);
                self.value(depth, &caption, &shown);
            }
        }
    }

    fn heading(&mut self, depth: usize, caption: &str) {
        let heading = format!("{caption}{}", self.colon());
        self.line(depth, heading);
    }

    /// One thing of a list: a line, and below it what does not fit in one.
    fn item(&mut self, depth: usize, (list, item): (&str, &Value)) {
        let Value::Object(object) = item else {
            let shown = self.scalar(None, "", item);
            return self.line(depth, format!("- {shown}"));
        };
        let all = ordered(object);
        let (short, long): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, _, value)| is_short(value));
        let told = short.iter().filter(|(_, _, value)| !is_nothing(value)).map(|(known, key, value)| {
            let caption = self.caption(*known, key);
            self.pair(&caption, &self.scalar(*known, key, value))
        });
        let mut told: Vec<String> = told.collect();
        if list == "formats" && !object.contains_key("nom") {
            told.insert(0, self.language.pick("Format non reconnu", "Format not known").to_owned());
        }
        if told.is_empty() {
            told.push(self.language.pick("(rien n'en est dit)", "(nothing is said of it)").to_owned());
        }
        if told.len() > INLINE {
            for (rank, line) in told.iter().enumerate() {
                let mark = if rank == 0 { "- " } else { "  " };
                self.line(depth, format!("{mark}{line}"));
            }
        } else {
            self.line(depth, format!("- {}", told.join(" · ")));
        }
        for (known, key, value) in long {
            self.fact(depth + 2, (known, key), value);
        }
    }

    /// A value of one line.
    fn scalar(&self, known: Option<&Caption>, key: &str, value: &Value) -> String {
        let shape = known.map_or(Shape::Plain, |known| known.shape);
        let joint = match shape {
            Shape::Levels => ".",
            Shape::Labels => " / ",
            _ => ", ",
        };
        match value {
            Value::Array(items) => {
                items.iter().map(|item| self.scalar(known, key, item)).collect::<Vec<_>>().join(joint)
            }
            Value::Bool(true) => self.language.pick("oui", "yes").to_owned(),
            Value::Bool(false) => self.language.pick("non", "no").to_owned(),
            Value::String(text) => self.text(shape, key, text),
            Value::Number(number) if shape == Shape::Size => {
                format!("{} {}", self.grouped(&number.to_string()), self.language.pick("octets", "bytes"))
            }
            other => clean(&other.to_string()),
        }
    }

    fn text(&self, shape: Shape, key: &str, text: &str) -> String {
        let shown = match shape {
            Shape::Day => self.day(text),
            Shape::Amount => self.amount(text),
            _ => words::meaning(key, text, self.language),
        };
        shown.unwrap_or_else(|| clean(text))
    }

    /// Days as they are written in that language; the hour behind one as it is.
    fn day(&self, text: &str) -> Option<String> {
        let (day, hour) = text.get(..10).map(|day| (day, &text[10..])).filter(|(day, _)| is_day(day))?;
        let day = match self.language {
            Language::Fr => in_french(day),
            Language::En => day.to_owned(),
        };
        match hour.strip_prefix('T') {
            None if hour.is_empty() => Some(day),
            None => None,
            Some(hour) => Some(format!("{day}, {}", clean(hour))),
        }
    }

    /// Euros, as they are written in that language; nothing where it is no plain amount.
    fn amount(&self, text: &str) -> Option<String> {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(cents) {
            return None;
        }
        let mark = self.language.pick(",", ".");
        let cents = if cents.is_empty() { String::new() } else { format!("{mark}{cents:0<2}") };
        Some(format!("{sign}{}{cents} €", self.grouped(whole)))
    }

    /// Digits, by three from the right.
    fn grouped(&self, digits: &str) -> String {
        let mut grouped = String::with_capacity(digits.len() * 2);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push_str(self.language.pick(" ", ","));
            }
            grouped.push(digit);
        }
        grouped
    }

    fn files(&mut self, flow: &Flow) {
        let role = |role| words::meaning(words::ROLE, role, self.language).unwrap_or_else(|| clean(role));
        let told = flow.files.iter().map(|file| format!("{} ({})", role(file.role), file.media_type));
        let all: Vec<String> = told.collect();
        if all.is_empty() {
            return;
        }
        let hidden = all.len().saturating_sub(FILES_SHOWN);
        let mut list = all.into_iter().take(FILES_SHOWN).collect::<Vec<_>>().join(", ");
        if hidden > 0 {
            let _ = match self.language {
                Language::Fr => write!(list, " et {hidden} autres"),
                Language::En => write!(list, " and {hidden} more"),
            };
        }
        self.value(1, self.language.pick("Rôle des fichiers", "Roles of the files"), &list);
    }

    /// What was found, the gravest first.
    fn findings(&mut self, findings: &[Finding]) {
        let language = self.language;
        if findings.is_empty() {
            return self.line(0, language.pick("Aucun constat.", "No finding."));
        }
        let heading = format!("{} ({})", language.pick("Constats", "Findings"), findings.len());
        self.heading(0, &heading);
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in sorted {
            let severity = match finding.severity {
                Severity::Info => language.pick("note", "note"),
                Severity::Warning => language.pick("avertissement", "warning"),
                Severity::Refusal => language.pick("refus", "refusal"),
            };
            self.line(0, format!("- {severity} [{}] {}", finding.code, finding.message(language)));
            if !finding.place.is_empty() {
                self.value(2, language.pick("où", "where"), &clean(&finding.place));
            }
            self.value(2, language.pick("que faire", "what to do"), finding.remedy(language));
        }
    }
}

/// The facts in the order of the captions, then those without one.
fn ordered(object: &Map<String, Value>) -> Vec<(Option<&'static Caption>, &str, &Value)> {
    let with = CAPTIONS.iter().filter_map(|known| Some((Some(known), known.key, object.get(known.key)?)));
    let is_known = |key: &str| CAPTIONS.iter().any(|known| known.key == key);
    let without = object.iter().filter(|(key, _)| !is_known(key)).map(|(key, value)| (None, key.as_str(), value));
    with.chain(without).collect()
}

/// An empty list says nothing, nor does an empty object.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Null => true,
        _ => false,
    }
}

/// It stands on a line among others.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.iter().any(|item| item.is_object() || item.is_array()),
        other => !other.is_object(),
    }
}

/// A value fit for a terminal, on one line, whole.
fn clean(text: &str) -> String {
    let one = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_treacherous(c) => '\u{FFFD}',
        c => c,
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests;
