//! What one evidence pack cannot do without: its bytes decrypted and hashed, its paths climbed, its signatures checked. Taken from a
//! real pack and done bare on two cores, it is the limit beside which packs a second are told.

use anyhow::{Context, Result, ensure};
use proof::tlog_proof::parse_hashes;
use proof::{SignedNote, TlogProof, VerifierKey};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use seal::{
    Container, ExpectedToken, RingVerifier, SealError, SignatureAlgorithm, SignatureVerifier, Token, TokenPolicy,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use verifier::Policy;

/// Threads that do them at the same time.
pub(super) const CORES: u32 = 2;

/// One check of a signature of the authority, with everything it needs.
struct Signed {
    algorithm: SignatureAlgorithm,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// What is done for one pack.
pub struct Primitives {
    documents: Vec<Vec<u8>>,
    /// The same, encrypted.
    sealed: Vec<Vec<u8>>,
    document_bytes: usize,
    /// Records and whatever else is hashed once.
    small: Vec<Vec<u8>>,
    /// Of those, the records that are hashed by SHA-512 too.
    twice: Vec<Vec<u8>>,
    /// Nodes of the log's and of the batch's tree.
    nodes: usize,
    /// Heads signed by the log.
    heads: Vec<(VerifierKey, SignedNote)>,
    /// Signatures of the authority.
    signed: Vec<Signed>,
}

/// The door of `seal`, which remembers what passed through it.
#[derive(Default)]
struct Recorder(Mutex<Vec<Signed>>);

impl SignatureVerifier for Recorder {
    fn verify(&self, by: SignatureAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SealError> {
        RingVerifier.verify(by, key, message, signature)?;
        let signed =
            Signed { algorithm: by, key: key.to_vec(), message: message.to_vec(), signature: signature.to_vec() };
        if let Ok(mut seen) = self.0.lock() {
            seen.push(signed);
        }
        Ok(())
    }
}

impl Primitives {
    /// Those of this pack, of a batch of so many groups.
    ///
    /// # Errors
    /// It is not a sealed pack.
    pub fn of(pack: &[u8], policy: &Policy, groups: u64) -> Result<Self> {
        let container = Container::parse(pack)?;
        let text = |name: &str| anyhow::Ok(String::from_utf8(container.read(&format!("META-INF/tabellion/{name}"))?)?);
        let names: Vec<&str> = container.names().collect();
        let is_file = |name: &&&str| !["META-INF/", "unit/", "mimetype"].iter().any(|kind| name.starts_with(kind));
        let documents: Vec<Vec<u8>> =
            names.iter().filter(is_file).map(|name| container.read(name)).collect::<Result<_, _>>()?;
        let records = |under: [&str; 2]| -> Result<Vec<Vec<u8>>> {
            let wanted = names.iter().filter(|name| under.iter().any(|under| name.starts_with(under)));
            Ok(wanted.map(|name| container.read(name)).collect::<Result<_, _>>()?)
        };
        let mut small = records(["unit/"; 2])?;
        let twice = records(["unit/E", "unit/F/"])?;
        let receipt = TlogProof::parse(&text("receipt.tlog-proof")?)?;
        let checkpoint = text("checkpoint")?;
        let consistency = parse_hashes(&text("consistency")?).context("a consistency path of another form")?;
        let token = container.read("META-INF/tabellion/token.tst")?;
        // One path for the entry, one for each file, one for the head; each node hashes two hashes.
        let depth = groups.max(2).next_power_of_two().ilog2() as usize;
        let nodes = receipt.path.len() + 2 * consistency.len() + (2 + documents.len()) * (depth + 1);
        let key = &policy.keys.first().context("a policy without key")?.key;
        let heads = [receipt.checkpoint.as_str(), checkpoint.as_str()].into_iter();
        let heads = heads.map(|note| Ok((key.clone(), SignedNote::parse(note)?))).collect::<Result<Vec<_>>>()?;
        let signed = signatures(&token, policy)?;
        small.extend([checkpoint.into_bytes(), token]);
        let document_bytes = documents.iter().map(Vec::len).sum();
        let sealed = documents.iter().cloned().map(encrypted).collect::<Result<_>>()?;
        Ok(Self { documents, sealed, document_bytes, small, twice, nodes, heads, signed })
    }

    /// All of them, once.
    fn once(&self) -> bool {
        let mut digests = 0_u8;
        for sealed in &self.sealed {
            let mut bytes = sealed.clone();
            let opened =
                key().and_then(|key| key.open_in_place(nonce(), Aad::empty(), &mut bytes).map_err(|_| closed()));
            let Ok(document) = opened else { return false };
            digests ^= by_both(document);
        }
        self.of_the_rest(digests)
    }

    /// Those of whoever verifies the pack, once: nothing is decrypted, and some records are hashed twice.
    pub(super) fn checked(&self) -> bool {
        let both = self.documents.iter().fold(0, |digests, document| digests ^ by_both(document));
        self.of_the_rest(self.twice.iter().fold(both, |digests, record| digests ^ Sha512::digest(record)[0]))
    }

    /// Records and nodes hashed, signatures checked.
    fn of_the_rest(&self, mut digests: u8) -> bool {
        for bytes in &self.small {
            digests ^= Sha256::digest(bytes)[0];
        }
        for node in 0..self.nodes {
            digests ^= Sha256::digest([node as u8; 65])[0];
        }
        black_box(digests);
        let of_authority =
            |one: &Signed| RingVerifier.verify(one.algorithm, &one.key, &one.message, &one.signature).is_ok();
        self.heads.iter().all(|(key, note)| key.verify(note).is_ok()) && self.signed.iter().all(of_authority)
    }

    /// How often two cores do all of them in a second.
    ///
    /// # Errors
    /// One of the signatures is not good.
    pub fn rate(&self, counted: Duration) -> Result<f64> {
        on_both_cores(counted, &|_| {
            ensure!(black_box(self).once(), "a primitive of the pack fails");
            Ok(())
        })
    }

    /// What is counted, in words.
    pub fn words(&self) -> String {
        format!(
            "one pack's primitives: {} bytes decrypted and hashed by SHA-256 and SHA-512, {} records and {} nodes hashed, {} signatures of the \
             log and {} of the authority checked",
            self.document_bytes,
            self.small.len(),
            self.nodes,
            self.heads.len(),
            self.signed.len(),
        )
    }

    /// What is counted where the pack is verified, in words.
    pub fn words_of_a_check(&self) -> String {
        format!(
            "its primitives: {} bytes hashed by SHA-256 and SHA-512, {} records ({} of them by both) and {} nodes hashed, {} signatures of \
             the log and {} of the authority checked",
            self.document_bytes,
            self.small.len(),
            self.twice.len(),
            self.nodes,
            self.heads.len(),
            self.signed.len(),
        )
    }

    /// The same, for another program.
    pub fn json(&self) -> Value {
        json!({
            "document_bytes": self.document_bytes, "records": self.small.len(), "nodes": self.nodes,
            "log_signatures": self.heads.len(), "authority_signatures": self.signed.len(), "cores": CORES,
        })
    }
}

fn by_both(document: &[u8]) -> u8 {
    Sha256::digest(document)[0] ^ Sha512::digest(document)[0]
}

/// How often two cores, both at work for so long, do this in a second; each is told how often it did it before.
///
/// # Errors
/// It failed once.
pub(super) fn on_both_cores(counted: Duration, once: &(dyn Fn(u64) -> Result<()> + Sync)) -> Result<f64> {
    let began = Instant::now();
    let work = || {
        let mut done = 0_u64;
        loop {
            once(done)?;
            done += 1;
            if began.elapsed() >= counted {
                return Ok(done);
            }
        }
    };
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CORES).map(|_| scope.spawn(work)).collect();
        let ended = threads.into_iter().map(|thread| thread.join().ok().context("a thread of primitives died")?);
        ended.sum::<Result<u64>>()
    })?;
    Ok(done as f64 / began.elapsed().as_secs_f64())
}

/// The signatures that a judgement of this token checks.
fn signatures(token: &[u8], policy: &Policy) -> Result<Vec<Signed>> {
    let token = Token::parse(token)?;
    let imprint: [u8; 32] = token.imprint().digest.try_into().context("an imprint of another length")?;
    let expected = ExpectedToken::sha256(&imprint);
    let (recorder, at) = (Recorder::default(), token.gen_time());
    let trust = TokenPolicy::new(&policy.tsa_roots, at, &recorder);
    ensure!(seal::check_token(&token, &expected, &trust).passed(), "the token of a pack does not pass");
    recorder.0.into_inner().ok().context("a judgement died")
}

pub(super) fn closed() -> anyhow::Error {
    anyhow::anyhow!("AES-256-GCM refuses")
}

pub(super) fn key() -> Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| closed())?))
}

pub(super) fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

pub(super) fn encrypted(mut document: Vec<u8>) -> Result<Vec<u8>> {
    key()?.seal_in_place_append_tag(nonce(), Aad::empty(), &mut document).map_err(|_| closed())?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::Primitives;
    use std::time::Duration;
    use verifier::Policy;

    #[test]
    fn a_pack_is_taken_apart_and_a_false_signature_is_noticed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/verifier/tests/golden");
        let pack = std::fs::read(folder.join("v1.asice")).unwrap();
        let policy = Policy::parse(&std::fs::read(folder.join("policy.json")).unwrap()).unwrap();
        let mut made = Primitives::of(&pack, &policy, 100).unwrap();
        assert!(made.document_bytes > 0 && made.small.len() >= 5 && made.nodes > 0, "{}", made.words());
        assert_eq!((made.heads.len(), made.signed.len()), (2, 2));
        assert!(made.rate(Duration::from_millis(5)).unwrap() > 0.0 && made.checked());
        // E and both F.
        assert_eq!(made.twice.len(), 3);
        made.signed[1].signature[9] ^= 1;
        assert!(made.rate(Duration::from_millis(5)).is_err() && !made.checked());
    }
}
