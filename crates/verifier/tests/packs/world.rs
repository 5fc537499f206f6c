//! A small archive held in memory: a log, entries of two tenants, one batch sealed by the test authority, and packs cut from it by
//! the service's own builder.

use std::io::{Cursor, Read};
use std::sync::Arc;

use ledger::paths::{Node, path_in, prove_consistency};
use proof::json::{Canonical, Members};
use proof::leaf::entry_leaf;
use proof::merkle;
use proof::record::{EntryRecord, FileRecord, Kind, LogRecord};
use proof::{
    Checkpoint, EntryId, FileNumber, Hash, Index, Sequence, Sha256Tree, Sha512Tree, SigningKey, TenantId, TlogProof,
    TreeAlgorithm, TreeSize, UnixMillis, sha256, sha512,
};
use ring::rand::SystemRandom;
use seal::{ContainerWriter, TestAuthority, TimestampRequest, batch_path, batch_root, group_hash};
use serde_json::json;
use verifier::Policy;

use crate::layout::OpenFile;
use crate::pack::{PackFile, PackInput, PackSeal, write_pack};

pub const ORIGIN: &str = "archives.exemple.fr/log";
/// 2026-11-23T12:00:00Z
pub const NOON: u64 = 1_795_435_200_000;
pub const RECEIVED: UnixMillis = UnixMillis(NOON);
pub const SEALED: UnixMillis = UnixMillis(NOON + 60_000);
pub const JUDGED: UnixMillis = UnixMillis(NOON + 86_400_000);

pub struct Entry {
    pub record: Vec<u8>,
    pub entry: Vec<u8>,
    pub files: Vec<(String, Vec<u8>, Vec<u8>)>,
}

pub struct World {
    pub key: SigningKey,
    pub authority: TestAuthority,
    pub entries: Vec<Entry>,
    pub batch: Batch,
}

pub struct Batch {
    pub size: u64,
    pub checkpoint: String,
    pub binding_second: [u8; 32],
    pub groups: Vec<[u8; 32]>,
    pub token: Vec<u8>,
}

pub fn tenant(number: u8) -> TenantId {
    TenantId([number; 16])
}

pub fn file_record(number: u64, name: &str, bytes: &[u8]) -> FileRecord {
    FileRecord {
        number: FileNumber(number),
        parent: None,
        name: name.to_owned(),
        name_base64: None,
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        sha512: sha512(bytes),
        media_type: "application/pdf".to_owned(),
        salt: [number as u8; 32],
        rest: Members::new(),
    }
}

/// Nothing of the samples needs more than sorted keys and no white space.
pub fn canonical(value: &serde_json::Value) -> Canonical {
    Canonical::parse(value.to_string().as_bytes(), 1 << 20).unwrap()
}

pub fn entry_record(files: &[Vec<u8>]) -> EntryRecord {
    let short: Vec<_> = files.iter().map(|f| Sha256Tree::leaf(f)).collect();
    let long: Vec<_> = files.iter().map(|f| Sha512Tree::leaf(f)).collect();
    let facts = json!({"id_acte": "034-243400017-20261123-86351-DE", "objet": "personne"});
    EntryRecord {
        kind: Kind::Deposit,
        facts: canonical(&facts).to_members().unwrap(),
        findings: Vec::new(),
        file_count: files.len() as u64,
        files_sha256: merkle::root::<Sha256Tree>(&short),
        files_sha512: merkle::root::<Sha512Tree>(&long),
        salt: [7; 32],
        rest: Members::new(),
    }
}

pub fn log_record(number: u64, tenant: TenantId, entry: &[u8]) -> LogRecord {
    LogRecord {
        id: EntryId([number as u8 + 1; 16]),
        tenant,
        sequence: Sequence(number + 1),
        previous: None,
        received_at: RECEIVED,
        kind: Kind::Deposit,
        entry_sha256: sha256(entry),
        entry_sha512: sha512(entry),
        salt: [9; 32],
        rest: Members::new(),
    }
}

/// An entry of these files, of tenant 1.
pub fn entry(number: u64, files: &[(&str, &[u8])]) -> Entry {
    let numbered = files.iter().zip(1u64..);
    let files: Vec<_> = numbered
        .map(|((name, bytes), n)| {
            let record = file_record(n, name, bytes).to_bytes().unwrap();
            ((*name).to_owned(), bytes.to_vec(), record)
        })
        .collect();
    let records: Vec<Vec<u8>> = files.iter().map(|(_, _, f)| f.clone()).collect();
    let entry = entry_record(&records).to_bytes().unwrap();
    let record = log_record(number, tenant(1), &entry).to_bytes().unwrap();
    Entry { record, entry, files }
}

/// The entry tests look at: two files, one with a name that needs care.
pub const SHOWN: usize = 2;

pub fn entries() -> Vec<Entry> {
    let act: &[u8] = b"%PDF-1.7 deliberation";
    (0..6)
        .map(|n| match n {
            2 => entry(n, &[("d\u{e9}lib\u{e9}ration n\u{b0} 1.pdf", act), ("annexe.pdf", b"annexe")]),
            4 => entry(n, &[]),
            _ => entry(n, &[("lettre.pdf", format!("lettre {n}").as_bytes())]),
        })
        .collect()
}

pub fn world() -> World {
    World::of(entries(), SEALED)
}

impl World {
    pub fn of(entries: Vec<Entry>, sealed_at: UnixMillis) -> Self {
        let rng = SystemRandom::new();
        let made = seal::UnixMillis(i64::try_from(NOON).unwrap() - 86_400_000);
        let authority = TestAuthority::create(made, &rng).unwrap();
        let key = SigningKey::from_seed(ORIGIN, &[3; 32]).unwrap();
        let nothing = Batch {
            size: 0,
            checkpoint: String::new(),
            binding_second: [5; 32],
            groups: Vec::new(),
            token: Vec::new(),
        };
        let mut world = Self { key, authority, entries, batch: nothing };
        world.batch = world.seal(world.entries.len() as u64, sealed_at);
        world
    }

    pub fn leaves(&self) -> Vec<Hash> {
        let leaf = |e: &Entry| Sha256Tree::leaf(&entry_leaf(&e.record));
        self.entries.iter().map(leaf).collect()
    }

    pub fn checkpoint_by(&self, key: &SigningKey, origin: &str, size: u64) -> String {
        let root = merkle::root::<Sha256Tree>(&self.leaves()[..size as usize]);
        let (origin, extensions) = (origin.to_owned(), Vec::new());
        let head = Checkpoint { origin, size: TreeSize(size), root, extensions };
        key.sign(&head.to_text())
    }

    pub fn checkpoint(&self, size: u64) -> String {
        self.checkpoint_by(&self.key, ORIGIN, size)
    }

    pub fn receipt_in(&self, index: usize, size: u64, checkpoint: String) -> String {
        let path = path_in::<Sha256Tree>(&self.leaves()[..size as usize], index).unwrap();
        TlogProof { extra: None, index: Index(index as u64), path, checkpoint }.write()
    }

    /// One commit an entry.
    pub fn receipt(&self, index: usize) -> String {
        let size = index as u64 + 1;
        self.receipt_in(index, size, self.checkpoint(size))
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        let leaves = self.leaves();
        let mut read = |node: Node| -> Result<Hash, ()> {
            let (start, end) = (node.index << node.level, (node.index + 1) << node.level);
            Ok(merkle::root::<Sha256Tree>(&leaves[start as usize..end as usize]))
        };
        prove_consistency::<Sha256Tree, ()>(TreeSize(old), TreeSize(new), &mut read).unwrap()
    }

    pub fn token(&self, imprint: [u8; 32], at: UnixMillis) -> Vec<u8> {
        let nonce = vec![1, 2, 3];
        let request = TimestampRequest { imprint_sha256: imprint, nonce, policy: None, cert_req: true };
        let now = seal::UnixMillis(i64::try_from(at.0).unwrap());
        let answer = self.authority.answer(&request.to_der(), now, at.0, &SystemRandom::new());
        seal::parse_response(&answer).unwrap().as_der().to_vec()
    }

    /// The batch of the first `size` entries.
    pub fn seal(&self, size: u64, at: UnixMillis) -> Batch {
        self.seal_head(size, self.checkpoint(size), at)
    }

    pub fn seal_head(&self, size: u64, checkpoint: String, at: UnixMillis) -> Batch {
        let mut groups = Vec::new();
        for e in &self.entries[..size as usize] {
            groups.push(group_hash(&sha256(&e.record).0, &sha256(&e.entry).0));
            let file =
                |(_, bytes, record): &(String, Vec<u8>, Vec<u8>)| group_hash(&sha256(bytes).0, &sha256(record).0);
            groups.extend(e.files.iter().map(file));
        }
        let binding_second = [5; 32];
        groups.push(group_hash(&sha256(checkpoint.as_bytes()).0, &binding_second));
        let token = self.token(batch_root(&groups).unwrap(), at);
        Batch { size, checkpoint, binding_second, groups, token }
    }

    pub fn path(&self, batch: &Batch, position: usize) -> Vec<Hash> {
        batch_path(&batch.groups, position).unwrap().into_iter().map(Hash).collect()
    }

    /// Position of an entry's own group in the batch; its files follow.
    pub fn position(&self, index: usize) -> usize {
        self.entries[..index].iter().map(|e| 1 + e.files.len()).sum()
    }

    pub fn pack_seal(&self, index: usize, batch: &Batch) -> PackSeal {
        let first = self.position(index);
        let groups = 1 + self.entries[index].files.len();
        PackSeal {
            checkpoint: batch.checkpoint.clone(),
            binding_second: batch.binding_second,
            binding_second_sha512: [5; 64],
            token: batch.token.clone(),
            consistency: self.consistency(index as u64 + 1, batch.size),
            paths: (first..first + groups).map(|p| self.path(batch, p)).collect(),
            binding_path: self.path(batch, batch.groups.len() - 1),
            renewals: Vec::new(),
        }
    }

    pub fn input(&self, index: usize, seal: Option<PackSeal>) -> PackInput {
        let of = &self.entries[index];
        let file = |((name, bytes, record), n): (&(String, Vec<u8>, Vec<u8>), u64)| {
            let held = bytes.clone();
            let open: OpenFile = Arc::new(move || Ok(Box::new(Cursor::new(held.clone())) as Box<dyn Read + Send>));
            PackFile {
                number: FileNumber(n),
                name: name.clone(),
                size: bytes.len() as u64,
                file_record: record.clone(),
                open: Some(open),
            }
        };
        PackInput {
            attestation: None,
            validation: Vec::new(),
            related: Vec::new(),
            record: of.record.clone(),
            entry: of.entry.clone(),
            files: of.files.iter().zip(1u64..).map(file).collect(),
            receipt: self.receipt(index),
            seal,
            cosignatures: String::new(),
            policy: b"{}".to_vec(),
        }
    }

    pub fn write(&self, input: PackInput) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        write_pack(input, &mut out).unwrap();
        out.into_inner()
    }

    pub fn pack(&self, index: usize) -> Vec<u8> {
        self.write(self.input(index, Some(self.pack_seal(index, &self.batch))))
    }

    pub fn unsealed(&self, index: usize) -> Vec<u8> {
        self.write(self.input(index, None))
    }

    pub fn policy_json(&self) -> serde_json::Value {
        let key =
            json!({"vkey": self.key.verifier_key().to_string(), "from": null, "until": null, "compromised": null});
        let names = ["sha256", "sha512", "ed25519", "ecdsa-sha256"];
        let algorithms: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!(null))).collect();
        json!({"version": 1, "log": {"origin": ORIGIN, "keys": [key]}, "witnesses": "",
            "tsa_roots": [self.authority.ca_pem()], "algorithms": algorithms})
    }

    pub fn policy(&self) -> Policy {
        policy(&self.policy_json())
    }
}

pub fn policy(json: &serde_json::Value) -> Policy {
    Policy::parse(json.to_string().as_bytes()).unwrap()
}

/// The members of a pack, the media type left out.
pub fn members(pack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let container = seal::Container::parse(pack).unwrap();
    let names = container.names().filter(|name| *name != "mimetype");
    names.map(|name| (name.to_owned(), container.read(name).unwrap())).collect()
}

pub fn zip(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    for (name, bytes) in members {
        writer.add(name, bytes).unwrap();
    }
    writer.finish().unwrap()
}

/// The pack with one member's bytes put through `change`, the container being written anew and correct.
pub fn with(pack: &[u8], name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut all = members(pack);
    let found = all.iter_mut().find(|(n, _)| n == name);
    change(&mut found.unwrap_or_else(|| panic!("no member {name}")).1);
    zip(&all)
}

/// The pack without the members whose names hold `part`.
pub fn without(pack: &[u8], part: &str) -> Vec<u8> {
    let all = members(pack);
    let kept: Vec<_> = all.iter().filter(|(name, _)| !name.contains(part)).cloned().collect();
    assert_ne!(kept.len(), all.len(), "nothing is called {part}");
    zip(&kept)
}

/// The pack with one more member.
pub fn plus(pack: &[u8], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut all = members(pack);
    all.push((name.to_owned(), bytes.to_vec()));
    zip(&all)
}

/// The pack without this file, of whose record the leaf alone stays.
pub fn kept_out(pack: &[u8], number: u64) -> Vec<u8> {
    let name = format!("unit/F/{number:03}.json");
    let f = member(pack, &name);
    let leaf = [&Sha256Tree::leaf(&f).as_bytes()[..], Sha512Tree::leaf(&f).as_bytes()].concat();
    let rest =
        [format!("files/{number:03}"), name.clone()].iter().fold(pack.to_vec(), |rest, name| without(&rest, name));
    let group = number + 1;
    let seal = [format!("META-INF/evidencerecord{group:03}"), format!("META-INF/ASiCEvidenceRecordManifest{group:03}")];
    let there = |name: &&String| members(pack).iter().any(|(known, _)| known.starts_with(name.as_str()));
    let rest = seal.iter().filter(there).fold(rest, |rest, name| without(&rest, name));
    plus(&rest, &name.replace("json", "leaf"), &leaf)
}

/// The pack with a member called otherwise.
pub fn renamed(pack: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut all = members(pack);
    let found = all.iter_mut().find(|(n, _)| n == from);
    found.unwrap_or_else(|| panic!("no member {from}")).0 = to.to_owned();
    zip(&all)
}

pub fn member(pack: &[u8], name: &str) -> Vec<u8> {
    seal::Container::parse(pack).unwrap().read(name).unwrap()
}
