//! Every limit of this crate, in one place; each is tested at the limit and one past it.

/// Files in one deposit, containers not opened.
pub const MAX_FILES: usize = 1_000;
/// Bytes of a file or member name.
pub const MAX_NAME_BYTES: usize = 1_024;
/// Components of a member name.
pub const MAX_NAME_DEPTH: usize = 64;
/// Members of one container, directories included.
pub const MAX_MEMBERS: usize = 10_000;
/// Bytes of one container once inflated.
pub const MAX_INFLATED_BYTES: u64 = 1 << 30;
/// Inflated bytes for one compressed byte, judged past [`RATIO_FLOOR_BYTES`].
pub const MAX_INFLATED_RATIO: u64 = 100;
/// Below this many inflated bytes the ratio is not judged: tar pads small files with zeros.
pub const RATIO_FLOOR_BYTES: u64 = 1 << 20;
/// Bytes of one pax or long-name header.
pub const MAX_TAR_EXTENSION_BYTES: u64 = 64 << 10;
/// Bytes of one XML document that is read.
pub const MAX_XML_BYTES: u64 = 16 << 20;
/// Bytes of all XML documents of one deposit that are read; those beyond are kept unread.
pub const MAX_XML_TOTAL_BYTES: u64 = 64 << 20;
/// Bytes of one PES that is read, beyond what is read of other XML: attached documents are most of such a flow.
pub const MAX_PES_BYTES: u64 = 128 << 20;
/// Bytes of all PES of one deposit that are longer than other XML may be; those beyond are kept unread.
pub const MAX_PES_TOTAL_BYTES: u64 = 512 << 20;
/// Nodes of such a PES.
pub const MAX_PES_NODES: u32 = 4_000_000;
/// Bytes of an XML document before its root element ends to begin, among which it is told what it is of what is longer than is read, or packed.
pub const MAX_PROLOG_BYTES: usize = 64 << 10;
/// Packings (gzip, bzip2), one in the other, of one document in which it is still told what it is.
pub const MAX_PACKINGS: usize = 3;
/// Nested XML elements.
pub const MAX_XML_DEPTH: usize = 128;
/// Attributes of one XML element, namespace declarations included.
pub const MAX_XML_ATTRIBUTES: usize = 256;
/// Bytes of one XML attribute value, in UTF-8, references not resolved.
pub const MAX_XML_VALUE_BYTES: usize = 64 << 10;
/// Bytes of one XML name, in UTF-8.
pub const MAX_XML_NAME_BYTES: usize = 1_024;
/// Nodes of one XML document: elements, attributes, texts.
pub const MAX_XML_NODES: u32 = 1_000_000;
/// Namespace declarations of one XML document: the parser copies those in scope at each new one.
pub const MAX_XML_NAMESPACES: usize = 4_096;
/// Bytes of the directory of a zip.
pub const MAX_ZIP_DIRECTORY_BYTES: u64 = 64 << 20;
/// Bytes of the bordereau of a SEDA transfer, read as it comes.
pub const MAX_SEDA_MANIFEST_BYTES: u64 = 512 << 20;
/// Bytes of one tag, text or comment of such a bordereau: what its reading holds at once.
pub const MAX_SEDA_TOKEN_BYTES: u64 = 1 << 20;
/// Units, objects and groups of one transfer.
pub const MAX_SEDA_NODES: usize = 500_000;
/// References to objects, and rules, of all its units together: each takes memory, however short it is written.
pub const MAX_SEDA_LINKS: usize = 2_000_000;
/// Different rules that one transfer names.
pub const MAX_SEDA_RULES: usize = 10_000;
/// Members of the container of a transfer declared as such.
pub const MAX_SEDA_MEMBERS: usize = 60_000;
/// Bytes of that container once inflated.
pub const MAX_SEDA_INFLATED_BYTES: u64 = 8 << 30;
/// Below this many the ratio of that container is not judged: real objects hold runs of zeros.
pub const SEDA_RATIO_FLOOR_BYTES: u64 = 128 << 20;
/// Bytes of a signature beside or around a document that is looked at; a PDF or an XML document that is longer is in memory one at a time.
pub const MAX_SIGNED_BYTES: u64 = 16 << 20;
/// Bytes of a PDF of which signatures are looked at.
pub const MAX_SIGNED_PDF_BYTES: u64 = 64 << 20;
/// Bytes of an XML document of a deposit told by its manifest of which signatures are looked at.
pub const MAX_SIGNED_XML_BYTES: u64 = 32 << 20;
/// Bytes of all documents of one deposit that are read again for the signatures beside them, with what stands before them in their archives.
pub const MAX_BESIDE_BYTES: u64 = 16 << 30;
/// What each document that a signature may be over, by its digest alone, counts for in them besides its own bytes: small ones are tried one by one too.
pub const BESIDE_TRY_BYTES: u64 = 256 << 10;
/// Signatures that one message of ACTES gives of its files and that are looked at.
pub const MAX_GIVEN_SIGNATURES: usize = 200;
/// Bytes of such a document that are held at once.
pub(crate) const BESIDE_PIECE: usize = 64 << 10;
/// Bytes of a file in which what tells its format is looked for; of what goes on beyond, a version that may stand anywhere is not told.
pub const MAX_FORMAT_BYTES: u64 = 16 << 20;
/// Bytes of its beginning that are held meanwhile.
pub const MAX_FORMAT_HEAD_BYTES: usize = 64 << 10;
/// Bytes of the submitter's JSON description.
pub const MAX_JSON_BYTES: usize = 64 << 10;
/// Nested arrays and objects of the description.
pub const MAX_JSON_DEPTH: usize = 32;
/// Largest integer, either sign, that every JSON reader keeps exactly: 2^53 - 1 (RFC 8785, I-JSON).
pub const MAX_JSON_INTEGER: u64 = (1 << 53) - 1;
/// Values of one JSON document of essential data: each takes memory, however short it is written.
pub const MAX_JSON_NODES: usize = 1_000_000;
/// Bytes of one document of essential data (DECP) that is read.
pub const MAX_DECP_BYTES: u64 = 16 << 20;
/// Contracts of one such document that are read.
pub const MAX_DECP_CONTRACTS: usize = 10_000;
/// Contracts by which one deposit can be found again.
pub const MAX_DECP_KEYS: usize = 1_000;
/// Bytes of one text taken into the facts; the file keeps the rest.
pub const MAX_FACT_BYTES: usize = 4 << 10;
/// Bytes of one text among many of a list in the facts: lists of [`MAX_LISTED`] such objects must fit in a record.
pub const MAX_LISTED_BYTES: usize = 512;
/// Bytes of one text of a flow that is told among others of the same deposit, for the same reason.
pub const MAX_AMONG_BYTES: usize = 200;
/// PES flows (PES_Aller, PES_ACQUIT, PES_Retour…) of one deposit: each is told in the facts.
pub const MAX_PES_FLOWS: usize = 50;
/// Bordereaux of one PES that are called by their number where a signature covers them; those beyond by their path.
pub const MAX_SIGNED_PARTS: usize = 10_000;
/// Bordereaux of one flow, and bordereaux and pieces of which its acknowledgements speak, that are held against each other; of more the
/// state is not told.
pub const MAX_PES_PARTS: usize = 5_000;
/// Of these, those that stand in the facts of one deposit, for acknowledgements that come in others.
pub const MAX_PES_PARTS_TOLD: usize = 1_000;
/// Bytes of the number, the year or the domain of one that is.
pub const MAX_PES_PART_BYTES: usize = 32;
/// PES_Retour that the acknowledgements (PES_ACQUIT_RETOUR) of one deposit are tied to.
pub const MAX_RETURNED: usize = 100;
/// Matters of one classification (message 7-2 of ACTES) that are read; the national one has about a hundred.
pub const MAX_MATTERS: usize = 10_000;
/// Messages and envelopes of ACTES, or flows of PES, in one deposit: each stands in the facts and ties the deposit to a story of its own.
pub const MAX_MESSAGES: usize = 1_000;
/// Bytes of what all of them say in the facts, which must leave room in a record.
pub const MAX_MESSAGES_BYTES: usize = 384 << 10;
/// Identifiers by which one deposit is found again.
pub const MAX_IDENTIFIERS: usize = 4_000;
/// Entries of one list in the facts, and findings of one code; of the latter what is beyond is counted.
pub const MAX_LISTED: usize = 20;
/// Findings listed in all, refusals apart: `E` holds them, and a record is at most 1 MiB.
pub const MAX_FINDINGS: usize = 100;

/// The limits of one reading. `Default` gives the constants of this file; a test or an operator may lower them.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is the constant of the same name")]
pub struct Limits {
    pub files: usize,
    pub name_bytes: usize,
    pub name_depth: usize,
    pub members: usize,
    pub inflated_bytes: u64,
    pub inflated_ratio: u64,
    pub ratio_floor_bytes: u64,
    pub tar_extension_bytes: u64,
    pub xml_bytes: u64,
    pub xml_total_bytes: u64,
    pub pes_bytes: u64,
    pub pes_total_bytes: u64,
    pub pes_nodes: u32,
    pub xml_depth: usize,
    pub xml_attributes: usize,
    pub xml_value_bytes: usize,
    pub xml_name_bytes: usize,
    pub xml_nodes: u32,
    pub xml_namespaces: usize,
    pub beside_bytes: u64,
    pub seda_manifest_bytes: u64,
    pub seda_token_bytes: u64,
    pub seda_nodes: usize,
    pub seda_links: usize,
    pub seda_rules: usize,
    pub seda_members: usize,
    pub seda_inflated_bytes: u64,
    pub seda_ratio_floor_bytes: u64,
    pub json_bytes: usize,
    pub json_depth: usize,
    pub json_nodes: usize,
    pub decp_bytes: u64,
    pub decp_contracts: usize,
    pub decp_keys: usize,
    pub pes_flows: usize,
    pub fact_bytes: usize,
    pub messages: usize,
    pub messages_bytes: usize,
    pub identifiers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            files: MAX_FILES,
            name_bytes: MAX_NAME_BYTES,
            name_depth: MAX_NAME_DEPTH,
            members: MAX_MEMBERS,
            inflated_bytes: MAX_INFLATED_BYTES,
            inflated_ratio: MAX_INFLATED_RATIO,
            ratio_floor_bytes: RATIO_FLOOR_BYTES,
            tar_extension_bytes: MAX_TAR_EXTENSION_BYTES,
            xml_bytes: MAX_XML_BYTES,
            xml_total_bytes: MAX_XML_TOTAL_BYTES,
            pes_bytes: MAX_PES_BYTES,
            pes_total_bytes: MAX_PES_TOTAL_BYTES,
            pes_nodes: MAX_PES_NODES,
            xml_depth: MAX_XML_DEPTH,
            xml_attributes: MAX_XML_ATTRIBUTES,
            xml_value_bytes: MAX_XML_VALUE_BYTES,
            xml_name_bytes: MAX_XML_NAME_BYTES,
            xml_nodes: MAX_XML_NODES,
            xml_namespaces: MAX_XML_NAMESPACES,
            beside_bytes: MAX_BESIDE_BYTES,
            seda_manifest_bytes: MAX_SEDA_MANIFEST_BYTES,
            seda_token_bytes: MAX_SEDA_TOKEN_BYTES,
            seda_nodes: MAX_SEDA_NODES,
            seda_links: MAX_SEDA_LINKS,
            seda_rules: MAX_SEDA_RULES,
            seda_members: MAX_SEDA_MEMBERS,
            seda_inflated_bytes: MAX_SEDA_INFLATED_BYTES,
            seda_ratio_floor_bytes: SEDA_RATIO_FLOOR_BYTES,
            json_bytes: MAX_JSON_BYTES,
            json_depth: MAX_JSON_DEPTH,
            json_nodes: MAX_JSON_NODES,
            decp_bytes: MAX_DECP_BYTES,
            decp_contracts: MAX_DECP_CONTRACTS,
            decp_keys: MAX_DECP_KEYS,
            pes_flows: MAX_PES_FLOWS,
            fact_bytes: MAX_FACT_BYTES,
            messages: MAX_MESSAGES,
            messages_bytes: MAX_MESSAGES_BYTES,
            identifiers: MAX_IDENTIFIERS,
        }
    }
}

impl Limits {
    /// The same for the container of a transfer that is declared as such.
    pub(crate) fn of_transfers(&self) -> Limits {
        Limits {
            members: self.seda_members,
            inflated_bytes: self.seda_inflated_bytes,
            ratio_floor_bytes: self.seda_ratio_floor_bytes,
            ..self.clone()
        }
    }
}
