//! The contracts of a document, one after the other, in one form whatever the syntax: each checked, then handed on.

use std::borrow::Cow;

use roxmltree::Node;
use serde_json::{Map, Value};

use super::check::{Check, form_words, is_siret};
use super::tables::{self, Field};
use super::{Edition, said, xml};
use crate::codes::{self, Fault, Faults};
use crate::limits::Limits;
use crate::xml::{child, within};

/// Bytes of an identifier by which a contract can be known: the format has sixteen characters.
const ID_BYTES: usize = 64;

/// One contract.
pub(super) struct One<'o> {
    pub(super) edition: Edition,
    pub(super) concession: bool,
    /// As JSON of its edition.
    pub(super) body: &'o Map<String, Value>,
    /// Nothing in it goes against the rules of its edition.
    pub(super) sound: bool,
    /// The file, and where it stands in it.
    file: &'o str,
    at: &'o str,
}

impl One<'_> {
    pub(super) fn place(&self) -> String {
        within(self.file, self.at)
    }

    /// `acheteur/id`, when both are such.
    pub(super) fn key(&self) -> Option<String> {
        let buyer = self.body.get(if self.concession { "autoriteConcedante" } else { "acheteur" })?;
        let buyer = said(buyer.as_object()?, "id").filter(|siret| is_siret(siret))?;
        let id = said(self.body, "id").filter(|id| id.len() <= ID_BYTES)?;
        Some(format!("{buyer}/{id}"))
    }

    /// Its key; and, in the first edition, where the last two digits of an identifier count modifications, that of the contract they modify.
    pub(super) fn keys(&self) -> Vec<String> {
        let Some(key) = self.key() else { return Vec::new() };
        let first = Some(&key).filter(|_| self.edition == Edition::First).and_then(|key| unmodified(key));
        std::iter::once(key.clone()).chain(first).collect()
    }
}

/// `SIRET/AAAA…00` of `SIRET/AAAA…NN`, for NN other than 00.
pub(super) fn unmodified(key: &str) -> Option<String> {
    let (_, id) = key.split_once('/')?;
    let digits = |text: Option<&str>| text.is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let split = id.len().checked_sub(2).filter(|split| *split >= 5)?;
    let counted = digits(id.get(..4)) && digits(id.get(split..)) && !id.ends_with("00");
    counted.then(|| format!("{}00", &key[..key.len() - 2]))
}

/// The bodies of the modifications of a contract, wrapped (`{modification: {…}}`) or bare.
pub(super) fn modifications(body: &Map<String, Value>) -> Vec<&Map<String, Value>> {
    let items = body.get("modifications").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.get("modification").unwrap_or(item).as_object()).collect()
}

/// Whether this root is that of essential data in XML.
pub(super) fn is_decp(root: Node<'_, '_>) -> bool {
    let contract = ["marche", "contrat-concession"].iter().any(|name| child(root, name).is_some());
    root.tag_name().name() == "marches" && contract
}

/// Goes through the contracts of one document.
pub(super) struct Walk<'w> {
    file: &'w str,
    limits: &'w Limits,
    each: &'w mut dyn FnMut(One<'_>),
    faults: Faults,
    count: usize,
    /// Whether contracts are held against their rules; else none is sound.
    checked: bool,
    cut: bool,
}

impl<'w> Walk<'w> {
    pub(super) fn new(file: &'w str, limits: &'w Limits, each: &'w mut dyn FnMut(One<'_>)) -> Walk<'w> {
        Walk { file, limits, each, faults: Faults::default(), count: 0, checked: true, cut: false }
    }

    /// For the keys of the contracts alone.
    pub(super) fn of_keys(file: &'w str, limits: &'w Limits, each: &'w mut dyn FnMut(One<'_>)) -> Walk<'w> {
        Walk { checked: false, ..Walk::new(file, limits, each) }
    }

    /// There were more contracts than are read.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// What was odd, all contracts together.
    pub(super) fn end(mut self) -> Faults {
        if self.count == 0 {
            self.faults.push(Fault::new(&codes::DECP_EMPTY, self.file));
        }
        self.faults
    }

    /// The contracts of `{"marches": …}`: two lists in the second edition, one in the first.
    pub(super) fn json(&mut self, document: &Value) {
        match document.get("marches") {
            Some(Value::Array(items)) => self.items(Edition::First, items, "/marches"),
            Some(Value::Object(lists)) => {
                for (name, list) in lists {
                    let at = format!("/marches/{name}");
                    match list {
                        _ if name != "marche" && name != "contrat-concession" => {
                            self.fault(Fault::new(&codes::DECP_UNKNOWN, within(self.file, &at)).with(name));
                        }
                        Value::Array(items) => self.items(Edition::Second, items, &at),
                        _ => self.form(name, "array", &at),
                    }
                }
            }
            _ => self.form("marches", "object", "/marches"),
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    fn form(&mut self, name: &str, expected: &str, at: &str) {
        self.fault(Fault::new(&codes::DECP_FORM, within(self.file, at)).with(name).with_words(form_words(expected)));
    }

    fn items(&mut self, edition: Edition, items: &[Value], above: &str) {
        for (rank, item) in items.iter().enumerate() {
            let at = format!("{above}/{rank}");
            let Some(body) = item.as_object() else {
                self.form("marche", "object", &at);
                continue;
            };
            let concession = match edition {
                Edition::First => body.contains_key("autoriteConcedante"),
                Edition::Second => above.ends_with("contrat-concession"),
            };
            if !self.one((edition, concession), Cow::Borrowed(body), (&at, false), Vec::new()) {
                return;
            }
        }
    }

    /// The contracts under `marches`, each of the edition that its elements tell.
    pub(super) fn xml(&mut self, root: Node<'_, '_>) {
        let mut ranks = [0_usize; 2];
        for node in root.children().filter(Node::is_element) {
            let name = node.tag_name().name();
            let concession = name == "contrat-concession";
            if !concession && name != "marche" {
                self.fault(Fault::new(&codes::DECP_UNKNOWN, within(self.file, "/marches")).with(name));
                continue;
            }
            ranks[usize::from(concession)] += 1;
            let at = format!("/marches/{name}[{}]", ranks[usize::from(concession)]);
            let edition = edition_of(node);
            let mut repeated = Vec::new();
            let body = xml::body(node, tables::of(edition, concession), &mut repeated);
            if !self.one((edition, concession), Cow::Owned(body), (&at, true), repeated) {
                return;
            }
        }
    }

    /// One contract, unless there were too many before it.
    fn one(
        &mut self,
        (edition, concession): (Edition, bool),
        body: Cow<'_, Map<String, Value>>,
        (at, xml): (&str, bool),
        repeated: Vec<String>,
    ) -> bool {
        if self.count == self.limits.decp_contracts {
            self.fault(Fault::new(&codes::DECP_CONTRACTS_LIMIT, self.file).with(self.limits.decp_contracts));
            self.cut = true;
            return false;
        }
        self.count += 1;
        let once = repeated.is_empty();
        for name in repeated {
            self.fault(Fault::new(&codes::DECP_REPEATED, within(self.file, at)).with(name));
        }
        let fields: &'static [Field] = tables::of(edition, concession);
        let sound = self.checked && {
            let check = Check::new((self.file, at), xml, &mut self.faults);
            check.contract(&body, fields, edition == Edition::Second) && once
        };
        (self.each)(One { edition, concession, body: &body, sound, file: self.file, at });
        true
    }
}

/// The first edition names people and places beside their codes; the second has lists that the first has not.
fn edition_of(node: Node<'_, '_>) -> Edition {
    let second = ["considerationsSociales", "considerationsEnvironnementales", "techniques", "ccag", "offresRecues"];
    if second.iter().any(|name| child(node, name).is_some()) {
        return Edition::Second;
    }
    let names = ["acheteur", "autoriteConcedante", "lieuExecution"];
    let named = names.iter().filter_map(|name| child(node, name)).any(|inner| child(inner, "nom").is_some());
    if named { Edition::First } else { Edition::Second }
}

#[cfg(test)]
mod tests {
    use super::unmodified;

    #[test]
    fn the_last_two_digits_of_the_first_edition_count_modifications() {
        for (key, first) in [
            ("21990001500017/201872302", Some("21990001500017/201872300")),
            ("21990001500017/2018C1234501", Some("21990001500017/2018C1234500")),
            ("21990001500017/201872300", None),
            ("21990001500017/MARCHE-01", None),
            ("21990001500017/201801", None),
            ("21990001500017/2018é0", None),
        ] {
            assert_eq!(unmodified(key).as_deref(), first, "{key}");
        }
    }
}
