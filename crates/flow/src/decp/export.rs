//! The contracts of an archived document given out again, in the JSON of edition 2.0.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::walk::{One, Walk, is_decp, modifications};
use super::{Edition, number_of, parsed};
use crate::codes::Fault;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::{encoding, xml};

/// One contract of a document, with what exports need to know of it.
#[derive(Clone, Debug)]
pub struct EssentialContract {
    /// `acheteur/id`; empty where it says no such two.
    pub key: String,
    /// A concession, else a contract.
    pub concession: bool,
    /// As JSON of edition 2.0; of another edition, as it stood there.
    pub body: Map<String, Value>,
    /// It is of edition 2.0, and nothing is said of it but notes: no rule is gone against, and no other contract of the document has its key.
    pub sound: bool,
}

/// How far a document was gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// To its end.
    Whole,
    /// It describes more contracts than are read: those after were not handed over.
    Cut,
}

impl EssentialContract {
    /// The numbers of its modifications, with each as it stands in the list.
    pub fn modifications(&self) -> Vec<(u64, Value)> {
        let numbered = |body: &Map<String, Value>| {
            let number = number_of(body)?;
            let wrapped = std::iter::once(("modification".to_owned(), Value::Object(body.clone())));
            Some((number, Value::Object(wrapped.collect())))
        };
        modifications(&self.body).into_iter().filter_map(numbered).collect()
    }

    /// The same contract with these modifications in place of its own, none for an empty list.
    pub fn with_modifications(mut self, all: impl IntoIterator<Item = Value>) -> Self {
        let list: Vec<Value> = all.into_iter().collect();
        match list.is_empty() {
            true => self.body.remove("modifications"),
            false => self.body.insert("modifications".to_owned(), Value::Array(list)),
        };
        self
    }
}

/// Each contract of this document is handed to `with`, in the order of the document.
///
/// # Errors
/// The finding that says why the document is not read.
pub fn essential_contracts(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    with: &mut dyn FnMut(EssentialContract),
) -> Result<Extent, Box<Finding>> {
    let told = |fault: Fault| Box::new(Finding::from(fault));
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if body.starts_with(b"{") {
        let document = parsed(name, bytes, limits).map_err(told)?;
        return Ok(handed((name, limits), |walk| walk.json(&document), with));
    }
    let decoded = encoding::decode(bytes, name).map_err(told)?;
    xml::parse(&decoded.text, name, limits, |document| {
        let root = document.root_element();
        let walked = |walk: &mut Walk<'_>| {
            if is_decp(root) {
                walk.xml(root);
            }
        };
        handed((name, limits), walked, with)
    })
    .map_err(told)
}

/// Goes through the contracts twice: for the keys that stand more than once, then to hand each over.
fn handed(
    (name, limits): (&str, &Limits),
    walked: impl Fn(&mut Walk<'_>),
    with: &mut dyn FnMut(EssentialContract),
) -> Extent {
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut counted = |one: One<'_>| {
        if let Some(key) = one.key() {
            *times.entry(key).or_default() += 1;
        }
    };
    walked(&mut Walk::of_keys(name, limits, &mut counted));
    let mut each = |one: One<'_>| {
        let key = one.key().unwrap_or_default();
        let once = times.get(&key).is_some_and(|times| *times == 1);
        let sound = one.sound && once && one.edition == Edition::Second;
        with(EssentialContract { key, concession: one.concession, body: one.body.clone(), sound });
    };
    let mut walk = Walk::new(name, limits, &mut each);
    walked(&mut walk);
    if walk.is_cut() { Extent::Cut } else { Extent::Whole }
}
