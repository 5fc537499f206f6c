//! What `seal` promises, as named facts. One binary, a module a subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authority;
mod beside;
mod canonical;
mod container;
mod documents;
mod door;
mod evidence;
mod fixtures;
mod forge;
mod issuers;
mod lists;
mod matrix;
mod mutation;
mod openssl;
mod pivots;
mod record_regions;
mod records_of_others;
mod regions;
mod renewed;
mod revoked;
mod sources;
mod speed;
mod tokens;
mod tokens_dress;
mod tokens_shape;
mod trusted_lists;
mod xml_signatures;
mod xmlsec;
