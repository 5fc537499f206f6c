//! A chain of one tenant in a log, and its register.

use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::merkle;
use proof::record::{Kind, LogRecord};
use proof::{
    Checkpoint, EntryId, Hash, Index, Sequence, Sha256Tree, SigningKey, TenantId, TreeSize, UnixMillis, sha256, sha512,
};
use watch::register::{Listing, Register};

pub const TENANT: TenantId = TenantId([1; 16]);

/// The tree of a log, level by level, so that paths of many leaves cost nothing.
pub struct Tree(Vec<Vec<Hash>>);

impl Tree {
    pub fn over(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while levels.last().unwrap().len() > 1 {
            let pairs = levels.last().unwrap().chunks(2);
            let above =
                pairs.map(|pair| pair.get(1).map_or(pair[0], |right| Sha256Tree::node(&pair[0], right))).collect();
            levels.push(above);
        }
        Self(levels)
    }

    pub fn path(&self, index: usize) -> Vec<Hash> {
        self.0.iter().enumerate().filter_map(|(level, nodes)| nodes.get((index >> level) ^ 1).copied()).collect()
    }
}

/// A chain of so many entries, one in `apart` of the leaves of its log, without a seal.
pub fn chain(count: u64, apart: u64) -> (Register, Tree, Vec<(Index, Vec<u8>)>) {
    let (mut entries, mut leaves, mut previous) = (Vec::new(), Vec::new(), None);
    for sequence in 1..=count {
        leaves.extend((1..apart).map(|n| sha256(&(sequence * apart + n).to_be_bytes())));
        let record = LogRecord {
            id: EntryId(sha256(&sequence.to_be_bytes()).0[..16].try_into().unwrap()),
            tenant: TENANT,
            sequence: Sequence(sequence),
            previous,
            received_at: UnixMillis(1_795_435_200_000 + sequence),
            kind: Kind::Deposit,
            entry_sha256: sha256(b"E"),
            entry_sha512: sha512(b"E"),
            salt: [7; 32],
            rest: Default::default(),
        };
        let bytes = record.to_bytes().unwrap();
        let leaf = Sha256Tree::leaf(&entry_leaf(&bytes));
        entries.push((Index(leaves.len() as u64), bytes));
        leaves.push(leaf);
        previous = Some(leaf);
    }
    let (size, root) = (TreeSize(leaves.len() as u64), merkle::root::<Sha256Tree>(&leaves));
    let origin = "essai.exemple.fr/journal".to_owned();
    let head = Checkpoint { origin: origin.clone(), size, root, extensions: Vec::new() }.to_text();
    let head = SigningKey::from_seed(&origin, &[3; 32]).unwrap().sign(&head);
    (Register { origin, tenant: TENANT, head, seal: None }, Tree::over(leaves), entries)
}

pub fn written(count: u64, apart: u64) -> String {
    let (register, tree, entries) = chain(count, apart);
    let mut listing = Listing::after(&register);
    let line = |(index, bytes): &(Index, Vec<u8>)| listing.entry(*index, tree.path(index.0 as usize), bytes);
    let lines: String = entries.iter().map(line).collect();
    format!("{}{lines}{}", register.write(), listing.end())
}
