//! The builders of sample flows that the product's own tests have: seeds are what they make.

#[rustfmt::skip]
#[path = "../../src/samples/accounting.rs"]
mod accounting;
#[rustfmt::skip]
#[path = "../../src/samples/envelope.rs"]
mod envelope;
#[rustfmt::skip]
#[path = "../../src/samples/exchange.rs"]
mod exchange;
#[rustfmt::skip]
#[path = "../../src/samples/faults.rs"]
mod faults;
#[rustfmt::skip]
#[path = "../../src/samples/packed.rs"]
mod packed;
#[rustfmt::skip]
#[path = "../../src/samples/pdf.rs"]
mod pdf;
#[rustfmt::skip]
#[path = "../../src/samples/procurement.rs"]
mod procurement;
#[rustfmt::skip]
#[path = "../../src/samples/transfer.rs"]
mod transfer;
#[rustfmt::skip]
#[path = "../../src/samples/xml.rs"]
mod xml;
#[rustfmt::skip]
#[path = "../../src/samples/zipped.rs"]
mod zipped;

pub use accounting::Accounting;
pub use envelope::Envelope;
pub use exchange::{Exchange, MESSAGES};
pub use faults::SampleFault;
pub use packed::tar_gz;
pub use pdf::pdf;
pub use procurement::{Procurement, document, first_document, xml as procurement_xml};
pub use transfer::{Transfer, VERSIONS};
pub use zipped::zipped;

/// A file with its name.
pub type NamedFile = (String, Vec<u8>);
