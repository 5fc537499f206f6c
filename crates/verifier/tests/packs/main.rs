//! Packs from the service's builder, judged by the verifier: honest ones pass, every forgery is refused.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../service/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../service/src/pack.rs"]
mod pack;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../../service/src/recipe.rs"]
mod recipe;
mod world;

mod authorities;
mod causes;
mod conclusions;
mod forged;
mod golden;
mod honest;
mod incomplete;
#[path = "../../../tabellion-verify/src/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../../../seal/tests/seal/lists.rs"]
mod lists;
mod mutations;
mod policies;
mod qualified;
mod receipts;
mod recipes;
mod related;
mod renewals;
mod seals;
mod sources;
mod validation;
mod witnesses;
