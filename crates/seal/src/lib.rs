//! RFC 3161 requests, responses and tokens, the judgement of a token, RFC 4998 batch trees and evidence records,
//! the ASiC-E container, the built-in test authority, and signatures under sheets: read, check, build.
//!
//! A document's way passes here after it is logged: its batch's root is requested to be time-stamped
//! (`request`), the answer is read (`response`, `token`) and judged (`check`), the record and the container are
//! written for whoever asks (`evidence_record`, `manifest`, `container`), and a stranger reads and judges them
//! again with the same code.
//!
//! Records of other houses, renewed any number of times, in ASN.1 or in XML, come to one form (`evidence_record/parts`) and are
//! judged by one set of rules (`evidence_record/judge`). Trusted lists given from outside say whose tokens are qualified
//! (`trusted_list`). Signatures of documents are told with what they cover: inside XML (`xml_signature`), in CMS (`cms_signature`), inside PDF
//! (`pdf_signature`).
//!
//! Deliberately not here: any input or output (HTTP is the service's), a clock or a source of randomness (both
//! enter by argument), verdicts (`verifier`), and any claim of its own that an authority is a
//! qualified one.

#[cfg(feature = "authority")]
mod authority;
mod batch;
mod certificate;
mod check;
mod cms_signature;
mod container;
#[cfg(feature = "authority")]
mod detached;
mod digest;
mod document_signature;
mod error;
mod evidence_record;
pub mod limits;
mod manifest;
mod names;
mod oid;
mod path;
mod pdf_signature;
mod request;
mod response;
mod revocation;
mod signature;
mod strict;
mod time;
mod tlv;
mod token;
mod trusted_list;
mod words;
mod write;
mod xml_signature;

#[cfg(feature = "authority")]
pub use authority::{AuthorityFiles, TEST_POLICY, TestAuthority};
pub use batch::{archive_lists, archive_node, archive_root, batch_path, batch_root, group_hash, root_from_path};
pub use certificate::{SignerFacts, der_to_pem, pem_blocks, pem_to_der};
pub use check::{CheckName, ExpectedToken, TokenCheck, TokenPolicy, TokenReport, check_token};
pub use cms_signature::Cms;
pub use container::others::Departure;
pub use container::read::Container;
pub use container::source::{Checksum, Held, Measured, Measuring, Part, Source};
pub use container::{ContainerWriter, MEDIA_TYPE, MEDIA_TYPE_SIMPLE};
#[cfg(feature = "authority")]
pub use detached::{SigningChain, ecdsa_signature};
pub use digest::{DigestAlgorithm, Running};
pub use document_signature::DocumentSignature;
pub use error::SealError;
pub use evidence_record::data::{DataContent, DataObject};
pub use evidence_record::fault::{RecordFact, RecordFault};
pub use evidence_record::judge::{RecordFinding, RecordReport, RecordRule, RecordTrust, judge_record};
pub use evidence_record::parts::{ArchiveRecord, RecordForm};
pub use evidence_record::renew::{
    GroupRenewal, NewStamp, renew_hash_tree, renew_record, renew_time_stamp, renewed_digest, renewed_group,
    token_digests, write_archive_record,
};
pub use evidence_record::renewed::Later;
pub use evidence_record::{EvidenceRecord, write_evidence_record};
pub use manifest::read::{Manifest, ManifestObject, read_manifest};
pub use manifest::write_manifest;
pub use names::{file_member, group_members};
pub use path::signer_root;
pub use pdf_signature::{PdfSignature, pdf_signatures};
pub use request::{ImprintRequest, ParsedRequest, TimestampRequest};
pub use response::{FailInfo, parse_response, read_token};
pub use revocation::{CertificateStanding, Standing};
pub use signature::algorithm::{Pss, SignatureAlgorithm};
pub use signature::remembering::{Remembering, SHORT_RSA};
pub use signature::{AnyVerifier, RingVerifier, SignatureVerifier};
pub use time::UnixMillis;
pub use token::{Imprint, Token};
pub use trusted_list::fault::ListFault;
pub use trusted_list::{ListOutline, QualifiedSaid, TrustedLists, list_may_follow};
pub use words::{filled, numbered};
pub use xml_signature::{Beside, SignatureFault, XmlSignature, xml_signatures, xml_signatures_beside};
