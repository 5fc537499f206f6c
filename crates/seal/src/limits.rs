//! Every limit of this crate, in one place; each is tested at the limit and one past it.

/// Nesting of TLVs followed while reading or checking DER.
pub const DEPTH: usize = 24;
/// Bytes of a request, response, token or evidence record.
pub const MESSAGE_BYTES: usize = 1 << 20;
/// Certificates carried by one token, and those given beside it.
pub const CERTIFICATES: usize = 32;
/// Lists of revoked certificates and answers about one, carried by one token or given beside it.
pub const REVOCATION_PIECES: usize = 512;
/// Forms of algorithm identifiers met in certificates beyond the usual ones, kept for the life of the program.
pub const RARE_ALGORITHMS: usize = 256;
/// Signed attributes of one token.
pub const ATTRIBUTES: usize = 32;
/// Bytes of a nonce or serial number.
pub const INTEGER_BYTES: usize = 72;
/// Bytes of an object identifier's content.
pub const OID_BYTES: usize = 64;
/// Bits of the longest RSA modulus.
pub const RSA_BITS: usize = 8192;
/// Bits of the shortest RSA modulus that is not called weak.
pub const RSA_SOUND_BITS: usize = 2048;
/// Bits of the shortest RSA modulus that is not remembered as short (ETSI TS 119 312).
pub const RSA_LONG_BITS: usize = 3000;
/// Bits of the shortest RSA modulus that is read at all.
pub const RSA_OLD_BITS: usize = 1024;
/// Bytes of an RSA exponent: those met have three, and a long one only makes work.
pub const RSA_EXPONENT_BYTES: usize = 5;
/// Lists of a reduced hash tree: a path in a tree of 2^63 groups, and the group itself.
pub const TREE_LISTS: usize = 64;
/// Hashes in one list of a reduced hash tree.
pub const LIST_HASHES: usize = 1 << 12;
/// Chains of an evidence record, and digests it declares.
pub const CHAINS: usize = 64;
/// Time-stamps of one chain.
pub const CHAIN_STAMPS: usize = 256;
/// Data objects judged under one record.
pub const DATA_OBJECTS: usize = LIST_HASHES;
/// Bytes of an evidence record in XML, of a manifest, and of an XML document to be canonicalised.
pub const XML_BYTES: usize = 1 << 24;
/// Elements, texts and comments of an XML document.
pub const XML_NODES: u32 = 1 << 18;
/// Elements of an XML document inside each other.
pub const XML_DEPTH: usize = 64;
/// Attributes of one element, declarations of namespaces included.
pub const XML_ATTRIBUTES: usize = 256;
/// Namespaces declared by an element and all those around it: what is signed or archived has some ten.
pub const XML_NAMESPACES: usize = 64;
/// Trusted lists judged together.
pub const LISTS: usize = 64;
/// Bytes of all those that a pack brings along.
pub const LISTS_BYTES: u64 = 1 << 26;
/// Bytes of a trusted list.
pub const LIST_BYTES: usize = 1 << 25;
/// Elements, texts and comments of a trusted list: the longest have some hundreds of thousands.
pub const LIST_NODES: u32 = 1 << 20;
/// Lists that a list of lists points to.
pub const LIST_POINTERS: usize = 256;
/// Services of a trusted list, and providers.
pub const LIST_SERVICES: usize = 1 << 14;
/// Past periods of a service, extensions of one, and languages of a name.
pub const LIST_HISTORY: usize = 256;
/// Octets of one XML document whose signatures are looked at: those of a flow.
pub const SIGNED_XML_BYTES: usize = 1 << 25;
/// Nodes of such a document.
pub const SIGNED_XML_NODES: u32 = 1 << 20;
/// How often, in all, the length of such a document may be made canonical and hashed.
pub const SIGNED_XML_PASSES: usize = 4;
/// Octets of other files that the signatures of one document may have held to be transformed.
pub const SIGNED_BESIDE_BYTES: usize = 1 << 26;
/// Signatures of one document that are looked at.
pub const XML_SIGNATURES: usize = 1_000;
/// References of one of them.
pub const XML_REFERENCES: usize = 64;
/// Bytes of a signature in CMS, its content included where it stands inside.
pub const SIGNED_CMS_BYTES: usize = 1 << 26;
/// Bytes of a name of X.501 that is read to be compared with another: longer ones are compared byte for byte.
pub const NAME_TEXT_BYTES: usize = 4096;
/// Signers of one.
pub const CMS_SIGNERS: usize = 64;
/// Bytes of a PDF whose signatures are looked at.
pub const SIGNED_PDF_BYTES: usize = 1 << 26;
/// How often, in all, the length of such a PDF may be hashed.
pub const SIGNED_PDF_PASSES: usize = 8;
/// Signatures of one PDF that are looked at.
pub const PDF_SIGNATURES: usize = 64;
/// Bytes in which the four numbers of a `/ByteRange` stand.
pub const BYTE_RANGE_BYTES: usize = 256;
/// Bytes of a PDF's signature dictionary on either side of what it covers.
pub const DICTIONARY_BYTES: usize = 4096;
/// References of a signature.
pub const LIST_REFERENCES: usize = 16;
/// How far a token's time may be ahead of the moment of judgement, for two clocks that disagree.
pub const GEN_TIME_AHEAD_MS: i64 = 300_000;

/// Entries of a container.
pub const ENTRIES: usize = 20_000;
/// Bytes of a container's directory: it is held whole.
pub const DIRECTORY_BYTES: u64 = 64 << 20;
/// Bytes of an entry's name.
pub const NAME_BYTES: usize = 1024;
/// Bytes of the file that says a container's media type.
pub const MEDIA_TYPE_BYTES: u64 = 256;
/// Inflated bytes of one entry.
pub const ENTRY_BYTES: u64 = 1 << 31;
/// Inflated bytes of all entries together.
pub const TOTAL_BYTES: u64 = (1 << 32) - 2;
/// Inflated bytes for one stored byte, beyond [`RATIO_FREE_BYTES`].
pub const RATIO: u64 = 100;
/// An entry no larger than this when inflated is not held to [`RATIO`].
pub const RATIO_FREE_BYTES: u64 = 1 << 20;

/// Characters of a file's name in a pack.
pub const MEMBER_NAME_CHARS: usize = 100;
/// How many of them stand before what is dropped from a longer name.
pub const MEMBER_NAME_HEAD: usize = 60;
/// Characters of a cause that those who repeat it keep: longer ones are cut.
pub const CAUSE_CHARS: usize = 300;
