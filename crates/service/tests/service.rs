//! The service over a real socket: one binary, since each links the store.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "service/access.rs"]
mod access;
#[path = "service/algorithms.rs"]
mod algorithms;
#[path = "service/antivirus.rs"]
mod antivirus;
#[path = "service/attestations.rs"]
mod attestations;
#[path = "service/authority.rs"]
mod authority;
#[path = "service/bodies.rs"]
mod bodies;
#[path = "service/cachet.rs"]
mod cachet;
#[path = "service/cancellations.rs"]
mod cancellations;
#[path = "service/contracts.rs"]
mod contracts;
#[path = "service/custody.rs"]
mod custody;
#[path = "service/eliminations.rs"]
mod eliminations;
#[path = "service/flows.rs"]
mod flows;
#[path = "service/house.rs"]
mod house;
#[path = "service/idempotency.rs"]
mod idempotency;
#[path = "service/journeys.rs"]
mod journeys;
#[path = "service/large.rs"]
mod large;
#[path = "service/listed.rs"]
mod listed;
#[path = "service/lists.rs"]
mod lists;
#[path = "service/open_data.rs"]
mod open_data;
#[path = "service/page.rs"]
mod page;
#[path = "service/pressure.rs"]
mod pressure;
#[path = "service/renewals.rs"]
mod renewals;
#[path = "service/restitutions.rs"]
mod restitutions;
#[path = "service/seals.rs"]
mod seals;
#[path = "service/selections.rs"]
mod selections;
#[path = "service/texts.rs"]
mod texts;
#[path = "service/tiles.rs"]
mod tiles;
#[allow(dead_code, reason = "the builders of lists are shared")]
#[path = "../../seal/tests/seal/lists.rs"]
mod trusted;
#[path = "service/validation.rs"]
mod validation;
