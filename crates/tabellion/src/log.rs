//! A published log as its watchers read it: asked over HTTP, believed in nothing, judged by `proof` under a pinned key.
//!
//! [`site`] fetches bytes, [`trust`] says whose head it is, [`tree`] lets no tile through that does not lead to the signed root,
//! [`succession`] says whether a head continues the one seen before, [`evidence`] keeps the two that do not.

pub mod evidence;
pub mod site;
pub mod succession;
pub mod tree;
pub mod trust;
