//! Planning a renewal of hashes (RFC 4998 §5.2): of every group of every batch, both objects hashed under SHA-512 together with all
//! that its record held so far; a tree over these groups.
//!
//! No document is read for it: the digests of files stand in their `F`s. That they are still those of the documents is another
//! question, and asked first by whoever calls (a full fixity pass).

use super::leaves::Tower;
use super::tree::RenewalTree;
use super::{
    Of, Renewal, RenewalPlan, RenewalToken, bounded, hashed_again, kept, renewals, renewed_token, sealed_token,
};
use crate::sealing::batch::{BatchHead, batch_head, entry_at, last_logged};
use crate::sealing::{BatchTree, SealingError};
use crate::storage::{NewLeaf, Put, Reader};
use proof::record::LogRecord;
use proof::{EntryId, Hash, Hash512, Index, UnixMillis};
use seal::DigestAlgorithm::{self, Sha256, Sha512};
use seal::{GroupRenewal, NewStamp, renew_record, renewed_group, write_evidence_record};

/// The digest of the new chains.
const DIGEST: DigestAlgorithm = Sha512;
/// Before the group's SHA-256, in what stands for a group whose documents were destroyed.
const GONE: &[u8] = b"tabellion/renewal/gone";

/// The two objects of a group, by their digests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Objects {
    /// SHA-256 of both.
    pub sha256: [Hash; 2],
    /// SHA-512 of both.
    pub sha512: [Hash512; 2],
}

/// What planning needs from outside.
pub struct HashInputs<'a> {
    /// Exact bytes of the policy that the first batch binds.
    pub policy: &'a [u8],
    /// The groups of this entry's files, a file and its `F` each; `None` when they were destroyed.
    pub files: &'a mut dyn FnMut(Index) -> Result<Option<Vec<Objects>>, SealingError>,
    /// Is given every leaf of the tree, in order.
    pub leaf: &'a mut dyn FnMut(&[u8]) -> Result<(), SealingError>,
}

/// A renewal of hashes that only lacks its token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HashPlan {
    /// What any renewal is.
    pub plan: RenewalPlan,
    /// Leaves of its tree.
    pub leaves: u64,
}

/// The next renewal of hashes over what was sealed since the last one; `None` when nothing was.
///
/// # Errors
/// [`SealingError`]: the storage failed, or does not agree with itself.
pub fn plan_hashes<R: Reader + ?Sized>(
    reader: &R,
    mut inputs: HashInputs<'_>,
) -> Result<Option<HashPlan>, SealingError> {
    let before = renewals(reader)?;
    let first = hashed_again(&before);
    let Some(last) = last_logged(reader)?.filter(|last| first <= *last) else { return Ok(None) };
    let mut newest = before.last().map_or(UnixMillis(0), |renewal| renewal.gen_time);
    bounded(reader, &before, 0)?;
    let stamps = stamps(reader, &before)?;
    let mut tower = Tower::new(DIGEST);
    for batch in first..=last {
        let (token, at) = sealed_token(reader, batch)?;
        newest = newest.max(at);
        let head = batch_head(reader, batch)?.ok_or(SealingError::NoBatch(batch))?;
        let tree = BatchTree::open(reader, batch)?;
        let chain = Chain { reader, tree, token, stamps: &stamps };
        chain.groups(&head, &mut inputs, &mut tower)?;
    }
    let (leaves, root) = tower.end().ok_or(SealingError::NoBatch(last))?;
    let number = before.len() as u64;
    let plan = RenewalPlan { number, digest: DIGEST, first, batches: last + 1, root, newest };
    Ok(Some(HashPlan { plan, leaves }))
}

/// Trees and tokens of the renewals of time-stamps so far.
type Stamps = Vec<(RenewalTree, Vec<u8>)>;

fn stamps<R: Reader + ?Sized>(reader: &R, before: &[Renewal]) -> Result<Stamps, SealingError> {
    let of_stamps = before.iter().filter(|renewal| !renewal.of_hashes() && renewal.digest == Sha256);
    let opened = of_stamps.map(|renewal| {
        let tree = RenewalTree::open(reader, before.to_vec(), renewal.number)?;
        Ok((tree, renewed_token(reader, renewal)?))
    });
    opened.collect()
}

/// The chain that every record of a batch bears, and the groups of the batch.
struct Chain<'a, R: ?Sized> {
    reader: &'a R,
    tree: BatchTree,
    token: Vec<u8>,
    stamps: &'a Stamps,
}

impl<R: Reader + ?Sized> Chain<'_, R> {
    /// A leaf for each group of the batch, the binding group last.
    fn groups(&self, head: &BatchHead, inputs: &mut HashInputs<'_>, tower: &mut Tower) -> Result<(), SealingError> {
        let mut add = |leaf: Vec<u8>| {
            (inputs.leaf)(&leaf)?;
            tower.add(leaf);
            Ok::<_, SealingError>(())
        };
        for index in (head.first.0..head.end.0).map(Index) {
            let Some(leaf) = entry_at(self.reader, index)? else { continue };
            let position = head.position_of(leaf.first_group).ok_or(SealingError::Entry(index))?;
            let objects = objects(index, &leaf, (inputs.files)(index)?)?;
            for ((objects, group), position) in objects.iter().zip(&leaf.groups).zip(position..) {
                add(match objects {
                    Some(objects) => self.leaf(position, objects)?,
                    None => Sha512.digest(&[GONE, group.as_bytes()].concat()),
                })?;
            }
        }
        add(self.leaf(head.binding_position(), &bound(self.reader, head, inputs.policy)?)?)
    }

    /// What the new tree holds of the group at this position.
    fn leaf(&self, position: u64, objects: &Objects) -> Result<Vec<u8>, SealingError> {
        let (_, path) = self.tree.path(self.reader, position)?;
        let path: Vec<[u8; 32]> = path.iter().map(|hash| hash.0).collect();
        let mut record = write_evidence_record(objects.sha256.map(|hash| hash.0), &path, &self.token);
        let unwritten = |why: seal::SealError| SealingError::Stored(format!("a record to be renewed: {why}"));
        for (tree, token) in self.stamps {
            let Some(lists) = tree.lists(self.tree.head.batch) else { continue };
            let stamp = NewStamp { algorithm: Sha256, lists: &lists, token_der: token };
            record = renew_record(&record, &GroupRenewal::Stamp(stamp)).map_err(unwritten)?;
        }
        let documents = objects.sha512.map(|hash| hash.as_bytes().to_vec());
        let group = renewed_group(&record, DIGEST, &documents).map_err(unwritten)?;
        Ok(seal::archive_node(DIGEST, &group))
    }
}

/// The objects of an entry's groups, its own first; `None` for those whose documents were destroyed. They are those of its groups.
fn objects(index: Index, leaf: &NewLeaf, files: Option<Vec<Objects>>) -> Result<Vec<Option<Objects>>, SealingError> {
    let record = LogRecord::parse(&leaf.record).map_err(|_| SealingError::Entry(index))?;
    let own = Objects {
        sha256: [proof::sha256(&leaf.record), record.entry_sha256],
        sha512: [proof::sha512(&leaf.record), record.entry_sha512],
    };
    let gone = vec![None; leaf.groups.len().saturating_sub(1)];
    let files = files.map_or(gone, |files| files.into_iter().map(Some).collect());
    let all: Vec<_> = [Some(own)].into_iter().chain(files).collect();
    let group = |objects: &Objects| Hash(seal::group_hash(&objects.sha256[0].0, &objects.sha256[1].0));
    let same = all.iter().zip(&leaf.groups).all(|(found, sealed)| found.as_ref().is_none_or(|o| group(o) == *sealed));
    if all.len() == leaf.groups.len() && same { Ok(all) } else { Err(SealingError::Entry(index)) }
}

/// The objects of a batch's binding group.
fn bound<R: Reader + ?Sized>(reader: &R, head: &BatchHead, policy: &[u8]) -> Result<Objects, SealingError> {
    let previous = match head.batch.checked_sub(1) {
        Some(before) => batch_head(reader, before)?.ok_or(SealingError::NoBatch(before))?.token_sha512,
        None => proof::sha512(policy),
    };
    if head.batch == 0 && proof::sha256(policy) != head.previous_sha256 {
        return Err(SealingError::Stored("the policy is not the one that the first batch binds".to_owned()));
    }
    Ok(Objects { sha256: head.binding(), sha512: [proof::sha512(head.checkpoint.as_bytes()), previous] })
}

impl HashPlan {
    /// The renewal under this token, whose leaves are in the second file of this entry, and the changes of state that keep it.
    ///
    /// # Errors
    /// [`SealingError`]: the token covers something else, is empty, too long or too old.
    pub fn stamped(&self, token: &RenewalToken, entry: EntryId) -> Result<(Renewal, Vec<Put>), SealingError> {
        let renewal = self.plan.under(token, Of::Hashes { leaves: self.leaves, entry })?;
        let puts = kept(&renewal, token)?;
        Ok((renewal, puts))
    }
}
