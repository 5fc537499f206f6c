//! Segment files and RocksDB: one durable commit, reads of what was published, replay at start-up.
//!
//! Segments and the key store hold the truth; the index (RocksDB) holds nothing that they cannot rebuild.
//! The one public way in for bytes is [`Vault`] (encryption, outside the sequencer), the one way to make them durable is
//! [`Store`] (the ledger's `Storage`), the one way to read them back is [`StoreReads`].
//!
//! Deliberately not here: trees, signatures and receipts (`ledger`), any reading of documents (`flow`), a clock (times come
//! with the commit), any deletion of what a record names (elimination is a later room over the same format).

mod error;
pub mod limits;
mod options;
mod reads;
mod spool;
mod store;
mod vault;

pub use error::{OpenError, VaultError};
pub use options::StoreOptions;
pub use reads::{FileReader, StoreReads};
pub use spool::{AheadFile, Body, SpoolWriter, Spooled, SpooledReader};
pub use store::Store;
pub use vault::{FilePart, SealedParts, Vault};
