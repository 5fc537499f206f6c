//! ACTES v1.1: names, envelopes, messages, and the story they tell together.
//! Not here: the schema, the classification of matters, what the préfecture answers with, signatures.

pub(crate) mod document;
mod facts;
pub(crate) mod kinds;
pub(crate) mod name;
mod pieces;
pub(crate) mod story;
pub(crate) mod told;

/// The namespace of every element and attribute.
pub(crate) const NAMESPACE: &str = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216";
