//! Signatures of documents, in CMS and inside PDFs: whatever was done to one, it holds over nothing but what its signer signed.

use std::path::Path;
use std::sync::LazyLock;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use seal::{
    AnyVerifier, Cms, DocumentSignature, DigestAlgorithm, SignatureFault, SigningChain, TestAuthority, UnixMillis,
    pdf_signatures, pem_blocks,
};

use super::Target;
use crate::bugs::planted;
use crate::roles;
use crate::world::JUDGED;

pub const CMS: Target = Target {
    name: "document-cms",
    max_len: 1 << 13,
    check: check_cms,
    seeds: |_| vec![SCENE.cms.clone()],
    words: &["\u{6}\t*", "\u{6}\u{b}*", "1\u{b}0", "0\u{18}"],
};

pub const PDF: Target = Target {
    name: "document-pdf",
    max_len: 1 << 15,
    check: check_pdf,
    seeds: |_| vec![SCENE.pdf.clone()],
    words: &["/ByteRange [0 ", "/Contents <", "/SubFilter /ETSI.CAdES.detached", "endobj", "%%EOF", ">"],
};

const DOCUMENT: &[u8] = b"What was deliberated on that day.";
/// Digits in which a signature stands.
const ROOM: usize = 1 << 12;

/// What the seeds were made of.
struct Scene {
    cms: Vec<u8>,
    pdf: Vec<u8>,
    signer: [u8; 32],
    /// Bytes of the PDF that its signature covers: those before its own string, and those after.
    covered: [Vec<u8>; 2],
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let folder = Path::new(&roles::place()).join("archive").join("documents");
    let [cms, pdf] = ["document.p7s", "signed.pdf"].map(|name| std::fs::read(folder.join(name)).unwrap());
    let found = pdf_signatures(&pdf, &AnyVerifier).unwrap().remove(0);
    assert_eq!(found.signature.integrity, Ok(()));
    let signer = found.signature.signer.unwrap().sha256;
    Scene { covered: without_the_hole(&pdf), signer, cms, pdf }
});

/// The bytes of a PDF of ours before the string of its signature, and after.
fn without_the_hole(pdf: &[u8]) -> [Vec<u8>; 2] {
    let hole = pdf.windows(11).position(|held| held == b"/Contents <").unwrap() + 10;
    [pdf[..hole].to_vec(), pdf[hole + ROOM + 2..].to_vec()]
}

fn judged(data: &[u8]) -> Vec<DocumentSignature> {
    let digest_of = |digest: DigestAlgorithm| Some(digest.digest(DOCUMENT));
    Cms::parse(data).map(|cms| cms.judge(&digest_of, &AnyVerifier)).unwrap_or_default()
}

fn check_cms(data: &[u8]) {
    let found = judged(data);
    let words = |all: &[DocumentSignature]| format!("{all:?}");
    assert_eq!(words(&found), words(&judged(data)), "read twice, read alike");
    for one in found.iter().filter(|one| one.integrity.is_ok()) {
        assert_eq!(one.signer.as_ref().unwrap().sha256, SCENE.signer, "nobody else signed anything");
        let content = Cms::parse(data).unwrap().content().map(<[u8]>::to_vec);
        assert!(content.is_none_or(|content| content == DOCUMENT), "another content");
    }
    planted(|| found.iter().any(|one| one.integrity == Err(SignatureFault::NoCertificate)));
}

fn check_pdf(data: &[u8]) {
    let Ok(found) = pdf_signatures(data, &AnyVerifier) else { return };
    for one in found.iter().filter(|one| one.signature.integrity.is_ok()) {
        assert_eq!(one.signature.signer.as_ref().unwrap().sha256, SCENE.signer, "nobody else signed anything");
        assert_eq!(one.covers + one.added, data.len(), "every byte is covered or counted");
        let covered = data.get(..one.covers).unwrap();
        let [before, after] = &SCENE.covered;
        assert!(covered.starts_with(before) && covered.ends_with(after), "another document");
    }
    planted(|| found.iter().any(|one| one.added > 0 && one.signature.integrity.is_ok()));
}

/// Writes what was honestly made.
pub fn write_archive(folder: &Path) {
    let folder = folder.join("documents");
    std::fs::create_dir_all(&folder).unwrap();
    let rng = SystemRandom::new();
    let made = TestAuthority::create(UnixMillis(JUDGED.0 as i64), &rng).unwrap().to_files();
    let key = pem_blocks(&made.tsa_key_pem).unwrap().remove(0);
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &rng).unwrap();
    let chain = SigningChain::from_pem(&(made.tsa_certificate_pem + &made.ca_certificate_pem)).unwrap();
    let sign = |content: &[u8]| {
        let digest = <[u8; 32]>::try_from(DigestAlgorithm::Sha256.digest(content)).unwrap();
        let attributes = chain.attributes(&digest);
        chain.signed(&attributes, key.sign(&rng, &attributes).unwrap().as_ref(), None)
    };
    std::fs::write(folder.join("document.p7s"), sign(DOCUMENT)).unwrap();
    let head = "%PDF-1.7\n1 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents ";
    let hole = head.len();
    let mut tail = String::from("\n/ByteRange [0 HHHHHH AAAAAA LLLLLL]\n>>\nendobj\n%%EOF\n");
    let numbers = [("HHHHHH", hole), ("AAAAAA", hole + ROOM + 2), ("LLLLLL", tail.len())];
    for (word, number) in numbers {
        tail = tail.replace(word, &format!("{number:<6}"));
    }
    let digits: String = sign(format!("{head}{tail}").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let pdf = format!("{head}<{digits:0<ROOM$}>{tail}");
    std::fs::write(folder.join("signed.pdf"), pdf).unwrap();
}
