//! Every text and every row of bytes that the ledger makes, written once more from docs/formats by other code.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Signer as _;
use ledger::sealing::{RegisterRow, SealPlan};
use ledger::storage::Put;
use ledger::{CheckedToken, spaces};
use proof::time::format_rfc3339;
use proof::{Hash, UnixMillis};
use sha2::{Digest as _, Sha256, Sha512};

use super::Asked;
use super::log::{Log, leaf_hash};

pub type Digest = [u8; 32];

/// The name of the simulated log, and the seed of its key.
pub const ORIGIN: &str = "simulated.test/log";
pub const KEY_SEED: [u8; 32] = [41; 32];

/// SHA-256 of all these bytes in a row.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Canonical bytes of `R`: names in order, no space.
pub fn record(asked: &Asked, sequence: u64, previous: Option<Digest>, at: UnixMillis) -> Vec<u8> {
    let previous = previous.map_or("null".to_owned(), |hash| format!("\"{}\"", hex(&hash)));
    format!(
        "{{\"entry_sha256\":\"{}\",\"entry_sha512\":\"{}\",\"id\":\"{}\",\"kind\":\"{}\",\"previous\":{previous},\
         \"received_at\":\"{}\",\"salt\":\"{}\",\"sequence\":{sequence},\"tenant\":\"{}\",\"version\":1}}",
        hex(&sha256(&[&asked.entry])),
        hex(&sha512(&asked.entry)),
        asked.id,
        asked.kind.as_str(),
        format_rfc3339(at),
        hex(&asked.salt),
        asked.tenant,
    )
    .into_bytes()
}

/// Leaf data of an entry.
pub fn entry_leaf(record: &[u8]) -> Vec<u8> {
    [&[1, 1][..], &sha256(&[record]), &sha512(record)].concat()
}

/// RFC 4998: two hashes, the smaller first, hashed.
pub fn pair(a: &Digest, b: &Digest) -> Digest {
    if a <= b { sha256(&[a, b]) } else { sha256(&[b, a]) }
}

/// RFC 4998: pairs of pairs up to one hash, an odd one goes up as it is.
pub fn batch_root(groups: &[Hash]) -> Digest {
    let mut level: Vec<Digest> = groups.iter().map(|group| group.0).collect();
    while level.len() > 1 {
        let up = |two: &[Digest]| if let [a, b] = two { pair(a, b) } else { two[0] };
        level = level.chunks(2).map(up).collect();
    }
    level.first().copied().unwrap_or_default()
}

/// Unsigned text of a checkpoint; nothing for an empty log.
pub fn checkpoint_text(size: u64, root: &Digest) -> String {
    if size == 0 {
        return String::new();
    }
    format!("{ORIGIN}\n{size}\n{}\n", BASE64_STANDARD.encode(root))
}

/// The log's key, in other hands.
pub struct Signer {
    key: ed25519_dalek::SigningKey,
    name: [u8; 4],
}

impl Default for Signer {
    fn default() -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&KEY_SEED);
        let [a, b, c, d, ..] = sha256(&[ORIGIN.as_bytes(), b"\n\x01", key.verifying_key().as_bytes()]);
        Self { key, name: [a, b, c, d] }
    }
}

impl Signer {
    /// The signed note over this text.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let line = BASE64_STANDARD.encode([&self.name[..], &signature].concat());
        format!("{text}\n\u{2014} {ORIGIN} {line}\n")
    }
}

/// A tlog-proof.
pub fn receipt(index: usize, path: &[Digest], checkpoint: &str) -> String {
    let path: String = path.iter().map(|hash| format!("{}\n", BASE64_STANDARD.encode(hash))).collect();
    format!("c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{checkpoint}")
}

fn row_bytes(row: &RegisterRow) -> Vec<u8> {
    [&row.tenant.0[..], &row.salt, &row.count.to_be_bytes(), &row.last.0].concat()
}

/// RFC 9162 root over the rows of a register.
pub fn register_root(rows: &[RegisterRow]) -> Digest {
    let mut tree = Log::default();
    rows.iter().for_each(|row| tree.push(leaf_hash(&sha256(&[&row_bytes(row)]))));
    tree.root(tree.size())
}

/// Leaf data of a seal.
pub fn seal_leaf(plan: &SealPlan, token: &CheckedToken) -> Vec<u8> {
    let numbers = [plan.batch, plan.first.0, plan.end.0].map(u64::to_be_bytes).concat();
    let register = register_root(&plan.register.rows);
    [&[1, 2][..], &numbers, &plan.root.0, &register, &sha256(&[&token.der]), &sha512(&token.der)].concat()
}

fn put(space: u8, key: &[u8], value: Vec<u8>) -> Put {
    Put { space, key: key.to_vec(), value: Some(value) }
}

/// What is kept of a batch, in canonical JSON, once its leaf stands there.
fn batch_head(plan: &SealPlan, token: &CheckedToken, leaf: Option<u64>) -> Put {
    let text = format!(
        "{{\"batch\":{},\"checkpoint\":\"{}\",\"end\":{},\"first\":{},\"first_group\":{},\"gen_time\":\"{}\",\
         \"group_count\":{},\"leaf\":{},\"previous_sha256\":\"{}\",\"register_root\":\"{}\",\"root\":\"{}\",\
         \"token_sha256\":\"{}\",\"token_sha512\":\"{}\",\"version\":1}}",
        plan.batch,
        plan.checkpoint.replace('\n', "\\n"),
        plan.end.0,
        plan.first.0,
        plan.first_group,
        format_rfc3339(token.gen_time),
        plan.groups.len() - 1,
        leaf.map_or("null".to_owned(), |leaf| leaf.to_string()),
        hex(&plan.previous_sha256.0),
        hex(&register_root(&plan.register.rows)),
        hex(&plan.root.0),
        hex(&sha256(&[&token.der])),
        hex(&sha512(&token.der)),
    );
    put(spaces::BATCHES, &plan.batch.to_be_bytes(), text.into_bytes())
}

/// State that makes token, register and tree of a batch durable.
pub fn seal_puts(plan: &SealPlan, token: &CheckedToken) -> Vec<Put> {
    let key = plan.batch.to_be_bytes();
    let rows: Vec<u8> = plan.register.rows.iter().flat_map(row_bytes).collect();
    vec![
        put(spaces::BATCH_TOKENS, &key, token.der.clone()),
        put(spaces::REGISTERS, &key, [vec![1], rows].concat()),
        batch_head(plan, token, None),
    ]
}

/// State that comes with the seal's leaf.
pub fn sealed_puts(plan: &SealPlan, token: &CheckedToken, leaf: u64) -> Vec<Put> {
    let number = plan.batch.to_be_bytes().to_vec();
    vec![batch_head(plan, token, Some(leaf)), put(spaces::LEDGER, b"last-seal", number)]
}
