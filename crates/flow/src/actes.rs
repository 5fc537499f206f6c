//! ACTES v1.1: names, envelopes, messages, and the story they tell together.
//! Not here: the schema, what the préfecture answers with, what signatures are worth.

pub(crate) mod about;
mod carriers;
pub(crate) mod classification;
pub(crate) mod document;
mod facts;
pub(crate) mod kinds;
mod matters;
pub(crate) mod name;
mod pieces;
pub(crate) mod signatures;
pub(crate) mod story;
pub(crate) mod told;

pub(crate) use kinds::label as message_label;
pub use kinds::nature as act_nature;
pub use matters::matter_name;
pub use name::meant_act;

/// The namespace of every element and attribute.
pub(crate) const NAMESPACE: &str = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216";
