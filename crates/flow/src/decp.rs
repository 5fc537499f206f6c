//! Essential data of public procurement (DECP), editions 2.0 and 1.x, in JSON and in XML: the contracts of a file, each held against the
//! rules of its edition, and known by `acheteur/id`.
//! Not here: the published schemas themselves (the rules are ours, drawn from them); who won and who lost, never facts; whether a contract is lawful.

mod check;
mod export;
mod facts;
pub(crate) mod story;
mod tables;
mod walk;
mod xml;

use std::io::{self, Read};

use serde_json::{Map, Number, Value};

use crate::codes::{self, Fault, Faults};
use crate::json::{self, Stop, Why};
use crate::limits::{Limits, MAX_LISTED};
use walk::{One, Walk};

pub(crate) use check::{FORMS, is_siret};
pub use export::{EssentialContract, Extent, essential_contracts};
pub use story::contract_keys;

/// Which edition of the format a contract follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edition {
    /// That of 2016 to 2023.
    First,
    /// That of the decree of 2022.
    Second,
}

impl Edition {
    fn as_str(self) -> &'static str {
        match self {
            Edition::First => "1.x",
            Edition::Second => "2.0",
        }
    }
}

/// A file of essential data, summed up.
#[derive(Debug, Default)]
pub(crate) struct Decp {
    /// Whether it was read at all; else the oddities say why not.
    pub(crate) read: bool,
    pub(crate) contracts: usize,
    pub(crate) modifications: usize,
    pub(crate) editions: std::collections::BTreeSet<Edition>,
    /// The first of them.
    pub(crate) listed: Vec<Contract>,
    /// The keys by which they meet others, in order.
    pub(crate) keys: Vec<String>,
    pub(crate) oddities: Faults,
}

/// What is kept of one contract.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) key: Option<String>,
    pub(crate) concession: bool,
    pub(crate) nature: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) modifications: Vec<Modification>,
    pub(crate) modification_count: usize,
}

/// What is kept of one modification.
#[derive(Debug)]
pub(crate) struct Modification {
    pub(crate) number: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) months: Option<String>,
}

/// Whether the first bytes announce essential data: JSON that names `marches`, or XML with such an element.
pub(crate) fn is_announced(head: &[u8], file: &str) -> bool {
    is_json(head, file) || head.windows(8).any(|bytes| bytes == b"<marches")
}

/// JSON by its name or first byte, that names `marches` among its first bytes.
pub(crate) fn is_json(head: &[u8], file: &str) -> bool {
    let named = file.len() >= 5 && file.as_bytes()[file.len() - 5..].eq_ignore_ascii_case(b".json");
    let body = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    (named || body.starts_with(b"{")) && head.windows(9).any(|bytes| bytes == b"\"marches\"")
}

/// Reads the JSON whose first bytes were taken from `rest`; `None` when it is of another kind.
pub(crate) fn read_json(
    file: &str,
    head: Vec<u8>,
    rest: &mut dyn Read,
    size: u64,
    limits: &Limits,
) -> io::Result<Option<Decp>> {
    let most = limits.decp_bytes.min(limits.xml_bytes);
    let too_large =
        || Some(unread(Fault::new(&codes::DECP_LIMIT, file).with_words(codes::Measure::Bytes.words()).with(most)));
    if size > most {
        return Ok(too_large());
    }
    let mut bytes = head;
    let room = (most + 1).saturating_sub(bytes.len() as u64);
    rest.take(room).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Ok(too_large());
    }
    Ok(match parsed(file, &bytes, limits) {
        Err(fault) => Some(unread(fault)),
        Ok(document) if document.get("marches").is_none() => None,
        Ok(document) => Some(summed(file, limits, |walk| walk.json(&document))),
    })
}

/// The essential data of this XML; `None` when it is of another kind.
pub(crate) fn read_xml(xml: &roxmltree::Document<'_>, file: &str, limits: &Limits) -> Option<Decp> {
    let root = xml.root_element();
    walk::is_decp(root).then(|| summed(file, limits, |walk| walk.xml(root)))
}

/// The document these bytes hold.
fn parsed(file: &str, bytes: &[u8], limits: &Limits) -> Result<Value, Fault> {
    let malformed = |at: usize, why: String| Fault::new(&codes::DECP_MALFORMED, format!("{file} @{at}")).with(why);
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(body).map_err(|error| malformed(error.valid_up_to(), "UTF-8".to_owned()))?;
    json::document(text, limits).map_err(|Stop { at, why }| match why {
        Why::Malformed(why) => malformed(at, why),
        Why::Number(digits) => Fault::new(&codes::DECP_NUMBER, format!("{file} @{at}")).with(digits),
        Why::Twice(key) => malformed(at, format!("« {key} » ×2")),
        Why::TooDeep => {
            Fault::new(&codes::DECP_LIMIT, file).with_words(codes::Measure::Depth.words()).with(limits.json_depth)
        }
        Why::TooMany => {
            Fault::new(&codes::DECP_LIMIT, file).with_words(codes::Measure::Values.words()).with(limits.json_nodes)
        }
    })
}

fn unread(fault: Fault) -> Decp {
    let mut decp = Decp::default();
    decp.oddities.push(fault);
    decp
}

/// Everything that is kept of a document, contract by contract.
fn summed(file: &str, limits: &Limits, walked: impl FnOnce(&mut Walk<'_>)) -> Decp {
    let mut decp = Decp { read: true, ..Decp::default() };
    let (mut met, mut known) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    let mut twice = Vec::new();
    let mut each = |one: One<'_>| {
        decp.contracts += 1;
        decp.editions.insert(one.edition);
        let kept = Contract::of(&one);
        decp.modifications += kept.modification_count;
        for key in one.keys() {
            if kept.key.as_ref() == Some(&key) && !met.insert(key.clone()) {
                twice.push(Fault::new(&codes::DECP_TWICE, one.place()).with(&key));
            } else if decp.keys.len() < limits.decp_keys && known.insert(key.clone()) {
                decp.keys.push(key);
            }
        }
        if decp.listed.len() < MAX_LISTED {
            decp.listed.push(kept);
        }
    };
    let mut walk = Walk::new(file, limits, &mut each);
    walked(&mut walk);
    decp.oddities = walk.end();
    decp.oddities.extend(twice);
    if met.len() > limits.decp_keys {
        decp.oddities.push(Fault::new(&codes::DECP_KEYS_LIMIT, file).with(met.len()).with(limits.decp_keys));
    }
    if decp.editions.contains(&Edition::First) {
        decp.oddities.push(Fault::new(&codes::DECP_FIRST_EDITION, file));
    }
    decp
}

impl Contract {
    fn of(one: &One<'_>) -> Contract {
        let (amount, date) =
            if one.concession { ("valeurGlobale", "dateSignature") } else { ("montant", "dateNotification") };
        let all = walk::modifications(one.body);
        let kept = all.iter().take(MAX_LISTED).map(|body| Modification::of(body, one.concession));
        Contract {
            key: one.key(),
            concession: one.concession,
            nature: said(one.body, "nature"),
            subject: said(one.body, "objet"),
            amount: said(one.body, amount),
            date: said(one.body, date),
            modifications: kept.collect(),
            modification_count: all.len(),
        }
    }
}

impl Modification {
    fn of(body: &Map<String, Value>, concession: bool) -> Modification {
        let (amount, date) = match concession {
            true => ("valeurGlobale", "dateSignatureModification"),
            false => ("montant", "dateNotificationModification"),
        };
        Modification {
            number: said(body, "id"),
            date: said(body, date),
            amount: said(body, amount),
            months: said(body, "dureeMois"),
        }
    }
}

/// The number of a modification.
fn number_of(modification: &Map<String, Value>) -> Option<u64> {
    whole(modification.get("id")?.as_number()?)
}

/// The whole number this is, however it is written: the published schema takes `2.0` for one.
fn whole(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| number.to_string().strip_suffix(".0")?.parse().ok())
}

/// The text or number of this name; nothing for anything else.
fn said(body: &Map<String, Value>, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
