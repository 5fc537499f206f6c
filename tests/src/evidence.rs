//! Evidence records of every shape the product writes, with tokens of test authorities over thirty years, and as many with one
//! fault each: what a reader must accept and must refuse. `tests/src/bin/evidence-records.rs` writes them down for readers that
//! are not ours; `tests/tests/evidence.rs` judges them with ours.

mod draft;
mod honest;
mod mutants;

pub use draft::World;

use anyhow::Result;
use seal::{
    ArchiveRecord, DataContent, DataObject, RecordReport, RecordTrust, RingVerifier, SealError, UnixMillis,
    judge_record,
};

/// One record, what it is to be judged over, and what must come of it.
pub struct Sample {
    /// Its name, in kebab case.
    pub name: String,
    /// The record.
    pub record: Vec<u8>,
    /// The documents given with it.
    pub documents: Vec<Vec<u8>>,
    /// The code of its one fault; none when it has none.
    pub fault: Option<&'static str>,
    /// The moment at which it is to be judged: some months after its newest token.
    pub at: UnixMillis,
}

/// All samples, honest ones first.
///
/// # Errors
/// When an authority cannot be made or does not answer.
pub fn samples(world: &World) -> Result<Vec<Sample>> {
    let mut all = honest::records(world)?;
    all.extend(mutants::records(world)?);
    Ok(all)
}

/// What our reader says of a sample by these roots; the error when it cannot be read.
///
/// # Errors
/// As [`ArchiveRecord::parse`].
pub fn judged(sample: &Sample, roots: &[Vec<u8>]) -> Result<RecordReport, SealError> {
    let record = ArchiveRecord::parse(&sample.record)?;
    let names: Vec<String> = (1..=sample.documents.len()).map(|n| format!("document {n}")).collect();
    let object = |(name, bytes)| DataObject { name, content: DataContent::Bytes(bytes) };
    let documents = sample.documents.iter().map(Vec::as_slice);
    let data: Vec<DataObject<'_>> = names.iter().map(String::as_str).zip(documents).map(object).collect();
    let at = sample.at;
    let trust = RecordTrust { roots, extra_certificates: &[], at, accept_weak: false, verifier: &RingVerifier };
    Ok(judge_record(&record, &data, &trust))
}
