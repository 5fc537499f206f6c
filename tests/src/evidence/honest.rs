//! Records without fault, written by the product's own writers: groups of 1 to 50, both renewals, chains of three.

use anyhow::{Result, anyhow};
use seal::DigestAlgorithm::{self, Sha256, Sha384, Sha512};
use seal::{
    NewStamp, SealError, group_hash, renew_hash_tree, renew_time_stamp, renewed_digest, token_digests,
    write_archive_record, write_evidence_record,
};

use super::Sample;
use super::draft::{
    Ats, Desk, FIRST, REHASHED, REHASHED_AGAIN, REHASHED_RENEWED, RENEWED, RENEWED_AGAIN, World, record,
};

/// A record being made, and the documents under it.
struct Life<'w> {
    world: &'w World,
    documents: Vec<Vec<u8>>,
    algorithm: DigestAlgorithm,
    record: Vec<u8>,
    newest: Desk,
}

fn said(why: SealError) -> anyhow::Error {
    anyhow!("{why}")
}

fn stamp(ats: &Ats) -> NewStamp<'_> {
    NewStamp { algorithm: ats.algorithm, lists: &ats.lists, token_der: &ats.token }
}

/// How renewed tokens stand in their renewal's first list: with the digest of a record of the renewal beside them, or alone.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    RenewalRecord,
}

impl<'w> Life<'w> {
    /// A first record over so many documents, at this place of its tree.
    fn begin(world: &'w World, count: usize, algorithm: DigestAlgorithm, place: usize) -> Result<Self> {
        let documents: Vec<Vec<u8>> = (0..count).map(|n| format!("document {n} de {count}").into_bytes()).collect();
        let mut life = Self { world, documents, algorithm, record: Vec::new(), newest: FIRST };
        let ats = world.stamp_at(FIRST, algorithm, &life.digests(), place)?;
        life.record = write_archive_record(&life.digests(), &stamp(&ats)).map_err(said)?;
        Ok(life)
    }

    fn digests(&self) -> Vec<Vec<u8>> {
        self.documents.iter().map(|document| self.algorithm.digest(document)).collect()
    }

    fn renew(mut self, desk: Desk, beside: Beside) -> Result<Self> {
        let mut group = token_digests(&self.record, self.algorithm).map_err(said)?;
        if let Beside::RenewalRecord = beside {
            group.push(self.algorithm.digest(b"what was renewed, and by whom"));
        }
        let ats = self.world.stamp(desk, self.algorithm, &group)?;
        self.newest = desk;
        self.record = renew_time_stamp(&self.record, &stamp(&ats)).map_err(said)?;
        Ok(self)
    }

    fn rehash(mut self, desk: Desk, algorithm: DigestAlgorithm) -> Result<Self> {
        self.algorithm = algorithm;
        let covered = |digest: &Vec<u8>| renewed_digest(&self.record, algorithm, digest).map_err(said);
        let group = self.digests().iter().map(covered).collect::<Result<Vec<_>>>()?;
        let ats = self.world.stamp(desk, algorithm, &group)?;
        self.newest = desk;
        self.record = renew_hash_tree(&self.record, &self.digests(), &stamp(&ats)).map_err(said)?;
        Ok(self)
    }

    fn sample(self, name: &str) -> Sample {
        let at = self.newest.later();
        Sample { name: name.to_owned(), record: self.record, documents: self.documents, fault: None, at }
    }

    /// Only some of the documents are given.
    fn part(mut self, count: usize, name: &str) -> Sample {
        self.documents.truncate(count);
        self.sample(name)
    }
}

/// All of them.
pub fn records(world: &World) -> Result<Vec<Sample>> {
    const ALL: [DigestAlgorithm; 3] = [Sha256, Sha384, Sha512];
    let mut all = Vec::new();
    for count in 1..=50 {
        let algorithm = ALL[count % 3];
        let name = format!("first-{}-group-of-{count}", algorithm.name());
        all.push(Life::begin(world, count, algorithm, count % 5)?.sample(&name));
    }
    for algorithm in ALL {
        all.push(without_tree(world, algorithm)?);
        all.push(newest_alone(world, algorithm)?);
        for (beside, shape) in [(Beside::Nothing, "alone"), (Beside::RenewalRecord, "with-record")] {
            let once = Life::begin(world, 2, algorithm, 0)?.renew(RENEWED, beside)?;
            all.push(once.sample(&format!("renewed-{}-{shape}", algorithm.name())));
            let twice = Life::begin(world, 1, algorithm, 4)?.renew(RENEWED, beside)?.renew(RENEWED_AGAIN, beside)?;
            all.push(twice.sample(&format!("renewed-twice-{}-{shape}", algorithm.name())));
        }
    }
    for (old, new) in [(Sha256, Sha384), (Sha256, Sha512), (Sha384, Sha512)] {
        for count in [1, 2, 5, 50] {
            let name = format!("rehashed-{}-{}-group-of-{count}", old.name(), new.name());
            all.push(Life::begin(world, count, old, 3)?.rehash(REHASHED, new)?.sample(&name));
        }
    }
    all.extend(both(world)?);
    all.extend(batch_form(world)?);
    all.push(Life::begin(world, 5, Sha256, 1)?.part(1, "first-one-of-five"));
    all.push(Life::begin(world, 5, Sha256, 1)?.rehash(REHASHED, Sha512)?.part(2, "rehashed-two-of-five"));
    Ok(all)
}

/// Time-stamp renewals before, between and after hash-tree renewals, up to chains of three.
fn both(world: &World) -> Result<Vec<Sample>> {
    let mut all = Vec::new();
    for (beside, shape) in [(Beside::Nothing, "alone"), (Beside::RenewalRecord, "with-record")] {
        let begin = |count| Life::begin(world, count, Sha256, 2);
        let before = begin(2)?.renew(RENEWED, beside)?.rehash(REHASHED, Sha512)?;
        all.push(before.sample(&format!("renewed-then-rehashed-{shape}")));
        let after = begin(1)?.rehash(REHASHED, Sha384)?.renew(REHASHED_RENEWED, beside)?;
        all.push(after.sample(&format!("rehashed-then-renewed-{shape}")));
        for count in [1, 3] {
            let three = begin(count)?.renew(RENEWED, beside)?.rehash(REHASHED, Sha384)?;
            let three = three.renew(REHASHED_RENEWED, beside)?.rehash(REHASHED_AGAIN, Sha512)?;
            all.push(three.sample(&format!("three-chains-five-stamps-group-of-{count}-{shape}")));
        }
    }
    let three = Life::begin(world, 4, Sha256, 2)?.rehash(REHASHED, Sha384)?.rehash(REHASHED_AGAIN, Sha512)?;
    all.push(three.sample("three-chains"));
    Ok(all)
}

/// Renewed twice, each renewal over the token before it and no other: what the standard asks for, and not what we write.
fn newest_alone(world: &World, algorithm: DigestAlgorithm) -> Result<Sample> {
    let documents = vec![b"renouvel\xc3\xa9 deux fois".to_vec()];
    let first = world.stamp(FIRST, algorithm, &[algorithm.digest(&documents[0])])?;
    let second = world.stamp(RENEWED, algorithm, &[algorithm.digest(&first.token)])?;
    let third = world.stamp(RENEWED_AGAIN, algorithm, &[algorithm.digest(&second.token)])?;
    let record = record(&[vec![first, second, third]]);
    let name = format!("renewed-twice-{}-newest-token-alone", algorithm.name());
    Ok(Sample { name, record, documents, fault: None, at: RENEWED_AGAIN.later() })
}

fn without_tree(world: &World, algorithm: DigestAlgorithm) -> Result<Sample> {
    let document = b"seul, sans arbre".to_vec();
    let digest = algorithm.digest(&document);
    let token = world.token(FIRST, algorithm, &digest)?;
    let alone = NewStamp { algorithm, lists: &[], token_der: &token };
    let record = write_archive_record(&[digest], &alone).map_err(said)?;
    let (name, documents) = (format!("no-tree-{}", algorithm.name()), vec![document]);
    Ok(Sample { name, record, documents, fault: None, at: FIRST.later() })
}

/// The record of a pack, groups of two under SHA-256, and its renewals.
fn batch_form(world: &World) -> Result<Vec<Sample>> {
    let documents = vec![b"le fichier".to_vec(), b"{\"F\":1}".to_vec()];
    let hash = |bytes: &[u8]| <[u8; 32]>::try_from(Sha256.digest(bytes)).map_err(|_| anyhow!("length"));
    let (a, b, sibling) = (hash(&documents[0])?, hash(&documents[1])?, hash(b"voisin")?);
    let root = group_hash(&group_hash(&a, &b), &sibling);
    let record = write_evidence_record([a, b], &[sibling], &world.token(FIRST, Sha256, &root)?);
    let life =
        || Life { world, documents: documents.clone(), algorithm: Sha256, record: record.clone(), newest: FIRST };
    Ok(vec![
        life().sample("pack-record"),
        life().renew(RENEWED, Beside::Nothing)?.sample("pack-record-renewed"),
        life().rehash(REHASHED, Sha512)?.sample("pack-record-rehashed"),
        life()
            .renew(RENEWED, Beside::RenewalRecord)?
            .rehash(REHASHED, Sha512)?
            .sample("pack-record-renewed-and-rehashed"),
    ])
}
