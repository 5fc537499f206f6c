//! The contracts of an archived document given out again, in the JSON of edition 2.0.

use serde_json::{Map, Value};

use super::walk::{Walk, is_decp, modifications};
use super::{Edition, parsed};
use crate::codes::Fault;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::{encoding, xml};

/// One contract of a document, with what exports need to know of it.
#[derive(Clone, Debug)]
pub struct EssentialContract {
    /// `acheteur/id`.
    pub key: String,
    /// A concession, else a contract.
    pub concession: bool,
    /// As JSON of edition 2.0; of another edition, as it stood there.
    pub body: Map<String, Value>,
    /// Nothing in it goes against the rules of edition 2.0.
    pub sound: bool,
}

impl EssentialContract {
    /// The numbers of its modifications, with each as it stands in the list.
    pub fn modifications(&self) -> Vec<(u64, Value)> {
        let numbered = |body: &Map<String, Value>| {
            let number = body.get("id").and_then(Value::as_u64)?;
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

/// Each contract of this document that has a key is handed to `with`, in the order of the document.
///
/// # Errors
/// The finding that says why the document is not read.
pub fn essential_contracts(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    with: &mut dyn FnMut(EssentialContract),
) -> Result<(), Box<Finding>> {
    let told = |fault: Fault| Box::new(Finding::from(fault));
    let mut each = |one: super::walk::One<'_>| {
        if let Some(key) = one.key() {
            let sound = one.sound && one.edition == Edition::Second;
            with(EssentialContract { key, concession: one.concession, body: one.body.clone(), sound });
        }
    };
    let mut walk = Walk::new(name, limits, &mut each);
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if body.starts_with(b"{") {
        walk.json(&parsed(name, bytes, limits).map_err(told)?);
        return Ok(());
    }
    let decoded = encoding::decode(bytes, name).map_err(told)?;
    xml::parse(&decoded.text, name, limits, |document| {
        let root = document.root_element();
        if is_decp(root) {
            walk.xml(root);
        }
    })
    .map_err(told)
}
