//! Tenants, callers and their scopes: the rules.
//!
//! A document passes here once, before anything is read of it: who calls ([`Secret`], [`TokenRow`]), for whom and what
//! for ([`Caller`], [`authorise`]), and who the tenant is ([`TenantRow`], [`Siren`], [`Siret`]).
//!
//! Deliberately not here: agreements, retention, holds (later steps); any file, socket, clock or
//! randomness (they enter by argument); where rows are kept (`store`) and how refusals are worded for people (`service`).

mod authorise;
mod elimination;
pub mod limits;
mod number;
mod restitution;
mod scope;
mod tenant;
mod token;

pub use authorise::{Caller, Denied, TenantKey, Tenants, authorise};
pub use elimination::{Asked, EliminationRefused, Reason, Standing, check_visa, propose, read_asked};
pub use number::{NumberError, Siren, Siret};
pub use restitution::{Handover, RestitutionRefused, read_handover, restituted};
pub use scope::{Scope, Scopes, UnknownScope};
pub use tenant::{Attributes, RowError, TenantNumber, TenantRow, check_name};
pub use token::{Secret, TokenRow};
