//! What is hashed, how it is proved.
#![no_std]
extern crate alloc;

pub mod hash;
pub mod ids;

pub use hash::{Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, sha256, sha512};
pub use ids::{EntryId, FileNumber, Index, Sequence, TenantId, TreeSize, UnixMillis};
