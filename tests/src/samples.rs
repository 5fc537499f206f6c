//! Sample flows, built from the grammars of ACTES, of PES, of SEDA and of DECP with invented authorities: same seed, same bytes.
//! Not here: any real act, any copied file, a signature.

mod accounting;
mod envelope;
mod exchange;
mod faults;
mod packed;
mod pdf;
mod procurement;
mod transfer;
mod xml;
mod zipped;

pub use accounting::Accounting;
pub use envelope::{AUTHORITIES, Authority, Envelope};
pub use exchange::{Exchange, ExchangeFault, MESSAGES};
pub use faults::SampleFault;
pub use packed::{gzip, tar_gz};
pub use pdf::pdf;
pub use procurement::{BUYER, HOLDER, Procurement, document, first_document, xml as procurement_xml};
pub use transfer::{Transfer, VERSIONS};
pub use zipped::zipped;

/// A file with its name.
pub type NamedFile = (String, Vec<u8>);

/// Hands over each order of these, all different.
pub fn in_every_order(places: &[usize], each: &mut impl FnMut(&[usize])) {
    fn from(first: usize, places: &mut [usize], each: &mut impl FnMut(&[usize])) {
        if first + 1 >= places.len() {
            return each(places);
        }
        for other in first..places.len() {
            places.swap(first, other);
            from(first + 1, places, each);
            places.swap(first, other);
        }
    }
    from(0, &mut places.to_vec(), each);
}
