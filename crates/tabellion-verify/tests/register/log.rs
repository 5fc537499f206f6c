//! A small log held in memory: chains of several tenants, seals by the test authority, registers written from it. Its operator may
//! lie about the rows, as an operator can.

use ledger::paths::{Node, path_in, prove_consistency};
use proof::hash::TreeAlgorithm;
use proof::leaf::{SealLeaf, entry_leaf};
use proof::merkle;
use proof::record::{Kind, LogRecord};
use proof::{
    Checkpoint, EntryId, Hash, Index, Sequence, Sha256Tree, SigningKey, TenantId, TlogProof, TreeSize, UnixMillis,
    sha256, sha512,
};
use ring::rand::SystemRandom;
use seal::DigestAlgorithm::Sha256;
use seal::{TestAuthority, TimestampRequest, batch_path, batch_root, group_hash, write_evidence_record};
use serde_json::{Value, json};
use watch::register::{Listing, Register, RegisterRow, SealProof};

pub const ORIGIN: &str = "archives.exemple.fr/log";
/// 2026-11-23T12:00:00Z
pub const NOON: u64 = 1_795_435_200_000;
pub const AT: &str = "2026-11-24T12:00:00Z";
/// The platform in slot 0, then these.
const TENANTS: [u8; 3] = [1, 2, 3];

#[derive(Clone)]
pub struct Entry {
    pub tenant: TenantId,
    pub index: Index,
    pub record: Vec<u8>,
}

pub struct Sealed {
    pub leaf: SealLeaf,
    pub index: Index,
    rows: Vec<RegisterRow>,
    pub checkpoint: String,
    binding: Vec<u8>,
    pub token: Vec<u8>,
}

pub struct Log {
    pub key: SigningKey,
    pub authority: TestAuthority,
    pub leaves: Vec<Hash>,
    pub entries: Vec<Entry>,
    pub seals: Vec<Sealed>,
    salt: u8,
}

pub fn tenant(number: u8) -> TenantId {
    TenantId([number; 16])
}

impl Log {
    pub fn new() -> Self {
        let made = seal::UnixMillis(i64::try_from(NOON).unwrap() - 86_400_000);
        let authority = TestAuthority::create(made, &SystemRandom::new()).unwrap();
        let key = SigningKey::from_seed(ORIGIN, &[3; 32]).unwrap();
        Self { key, authority, leaves: Vec::new(), entries: Vec::new(), seals: Vec::new(), salt: 0 }
    }

    /// The same log, from here on another.
    pub fn fork(&self) -> Self {
        let mut fork = Self::new();
        (fork.leaves, fork.entries, fork.salt) = (self.leaves.clone(), self.entries.clone(), self.salt + 100);
        fork
    }

    pub fn chain(&self, of: TenantId) -> Vec<Entry> {
        self.entries.iter().filter(|entry| entry.tenant == of).cloned().collect()
    }

    pub fn record(&self, of: TenantId) -> LogRecord {
        let chain = self.chain(of);
        let index = self.leaves.len() as u64;
        LogRecord {
            id: EntryId(sha256(&[&index.to_be_bytes()[..], &[self.salt]].concat()).0[..16].try_into().unwrap()),
            tenant: of,
            sequence: Sequence(chain.len() as u64 + 1),
            previous: chain.last().map(|entry| Sha256Tree::leaf(&entry_leaf(&entry.record))),
            received_at: UnixMillis(NOON + index),
            kind: Kind::Deposit,
            entry_sha256: sha256(b"E"),
            entry_sha512: sha512(b"E"),
            salt: [self.salt; 32],
            rest: Default::default(),
        }
    }

    pub fn log(&mut self, record: &LogRecord) -> Entry {
        let (index, bytes) = (Index(self.leaves.len() as u64), record.to_bytes().unwrap());
        self.leaves.push(Sha256Tree::leaf(&entry_leaf(&bytes)));
        self.entries.push(Entry { tenant: record.tenant, index, record: bytes });
        self.entries.last().unwrap().clone()
    }

    /// So many rounds: an entry of each tenant, the first one twice.
    pub fn deposit(&mut self, rounds: usize) {
        for number in [1, 2, 3, 1].into_iter().cycle().take(rounds * 4) {
            let record = self.record(tenant(number));
            self.log(&record);
        }
    }

    pub fn checkpoint(&self, size: usize) -> String {
        let root = merkle::root::<Sha256Tree>(&self.leaves[..size]);
        let head = Checkpoint { origin: ORIGIN.to_owned(), size: TreeSize(size as u64), root, extensions: Vec::new() };
        self.key.sign(&head.to_text())
    }

    /// The rows that an honest operator seals now.
    pub fn rows(&self) -> Vec<RegisterRow> {
        let tenants = [TenantId::PLATFORM].into_iter().chain(TENANTS.map(tenant));
        let row = |of: TenantId| {
            let chain = self.chain(of);
            let last = chain.last().map_or(Hash([0; 32]), |entry| Sha256Tree::leaf(&entry_leaf(&entry.record)));
            let salt = sha256(&[&of.0[..], &(self.leaves.len() as u64).to_be_bytes()].concat()).0;
            RegisterRow { tenant: of, salt, count: chain.len() as u64, last }
        };
        tenants.map(row).collect()
    }

    pub fn seal(&mut self) {
        self.seal_rows(self.rows());
    }

    /// A seal over these rows, whatever they say.
    pub fn seal_rows(&mut self, rows: Vec<RegisterRow>) {
        let (batch, end) = (self.seals.len() as u64, self.leaves.len());
        let checkpoint = self.checkpoint(end);
        let bound = [sha256(checkpoint.as_bytes()).0, sha256(&batch.to_be_bytes()).0];
        let groups = [group_hash(&[7; 32], &[8; 32]), group_hash(&bound[0], &bound[1])];
        let root = batch_root(&groups).unwrap();
        let at = NOON + 60_000 * (batch + 1);
        let request = TimestampRequest { imprint_sha256: root, nonce: vec![1, 2, 3], policy: None, cert_req: true };
        let now = seal::UnixMillis(i64::try_from(at).unwrap());
        let answer = self.authority.answer(&request.to_der(), now, at, &SystemRandom::new());
        let token = seal::parse_response(&answer).unwrap().as_der().to_vec();
        let hashes: Vec<Hash> = rows.iter().map(RegisterRow::leaf_hash).collect();
        let first = self.seals.last().map_or(0, |before| before.leaf.end.0);
        let leaf = SealLeaf {
            batch,
            first: Index(first),
            end: TreeSize(end as u64),
            ers_root: Hash(root),
            register_root: merkle::root::<Sha256Tree>(&hashes),
            token_sha256: sha256(&token),
            token_sha512: sha512(&token),
        };
        let binding = write_evidence_record(bound, &batch_path(&groups, 1).unwrap(), &token);
        let index = Index(end as u64);
        self.leaves.push(Sha256Tree::leaf(&leaf.to_bytes()));
        self.seals.push(Sealed { leaf, index, rows, checkpoint, binding, token });
    }

    /// The last seal's token renewed at this moment by another authority, whose root the policy then has too.
    pub fn renew(&mut self, at: u64) -> TestAuthority {
        let now = seal::UnixMillis(i64::try_from(at).unwrap());
        let authority = TestAuthority::create(now, &SystemRandom::new()).unwrap();
        let sealed = self.seals.last_mut().unwrap();
        let groups = [vec![sha256(&sealed.token).0.to_vec()], vec![vec![9; 32]]];
        let root = seal::archive_root(Sha256, &groups).unwrap().try_into().unwrap();
        let request = TimestampRequest { imprint_sha256: root, nonce: vec![1, 2, 3], policy: None, cert_req: true };
        let answer = authority.answer(&request.to_der(), now, at, &SystemRandom::new());
        let token_der = seal::parse_response(&answer).unwrap().as_der().to_vec();
        let lists = seal::archive_lists(Sha256, &groups, 0).unwrap();
        let stamp = seal::NewStamp { algorithm: Sha256, lists: &lists, token_der: &token_der };
        sealed.binding = seal::renew_time_stamp(&sealed.binding, &stamp).unwrap();
        authority
    }

    fn path(&self, index: Index) -> Vec<Hash> {
        path_in::<Sha256Tree>(&self.leaves, index.0 as usize).unwrap()
    }

    /// The proof of the last seal under the head now.
    pub fn seal_proof(&self, of: TenantId) -> Option<SealProof> {
        let sealed = self.seals.last()?;
        let slot = sealed.rows.iter().position(|row| row.tenant == of).unwrap();
        let hashes: Vec<Hash> = sealed.rows.iter().map(RegisterRow::leaf_hash).collect();
        let mut read = |node: Node| -> Result<Hash, ()> {
            let (start, end) = (node.index << node.level, (node.index + 1) << node.level);
            Ok(merkle::root::<Sha256Tree>(&self.leaves[start as usize..end as usize]))
        };
        let now = TreeSize(self.leaves.len() as u64);
        Some(SealProof {
            leaf: sealed.leaf,
            index: sealed.index,
            path: self.path(sealed.index),
            row: sealed.rows[slot],
            slot: Index(slot as u64),
            slots: TreeSize(sealed.rows.len() as u64),
            row_path: path_in::<Sha256Tree>(&hashes, slot).unwrap(),
            checkpoint: sealed.checkpoint.clone(),
            consistency: prove_consistency::<Sha256Tree, ()>(sealed.leaf.end, now, &mut read).unwrap(),
            binding: sealed.binding.clone(),
            token: sealed.token.clone(),
        })
    }

    pub fn head_of(&self, of: TenantId) -> Register {
        let head = self.checkpoint(self.leaves.len());
        Register { origin: ORIGIN.to_owned(), tenant: of, head, seal: self.seal_proof(of) }
    }

    /// The register under the head now, of these entries.
    pub fn written(&self, register: &Register, entries: &[Entry]) -> String {
        let mut listing = Listing::after(register);
        let lines = entries.iter().map(|entry| listing.entry(entry.index, self.path(entry.index), &entry.record));
        let lines: String = lines.collect();
        format!("{}{lines}{}", register.write(), listing.end())
    }

    pub fn register(&self, of: TenantId) -> String {
        self.written(&self.head_of(of), &self.chain(of))
    }

    pub fn receipt(&self, entry: &Entry) -> String {
        let size = self.leaves.len();
        TlogProof { extra: None, index: entry.index, path: self.path(entry.index), checkpoint: self.checkpoint(size) }
            .write()
    }

    pub fn policy(&self) -> Value {
        let key = json!({"vkey": self.key.verifier_key().to_string()});
        json!({"version": 1, "log": {"origin": ORIGIN, "keys": [key]}, "witnesses": "",
            "tsa_roots": [self.authority.ca_pem()], "algorithms": {}})
    }
}
