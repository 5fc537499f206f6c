//! Renewals (RFC 4998 §5.2): of time-stamps, one token over the newest tokens of all batches; of hashes, one token over everything,
//! hashed again under a stronger digest. And the lists each of them gives to a batch.
//!
//! A renewal of time-stamps reads nothing but tokens, whatever was archived: in its tree each chain has one leaf, the digests of all its tokens
//! (docs/decisions/0013). A renewal is logged as an entry of the platform's, with its token; what is kept here comes with that entry, in
//! one commit.

mod hashes;
mod head;
mod leaves;
mod tree;

pub use hashes::{HashInputs, HashPlan, Objects, plan_hashes};
pub use head::{Of, Renewal};
pub use leaves::LeafTree;
pub use tree::RenewalTree;

use super::SealingError;
use super::batch::{batch_head, last_logged, token};
use crate::limits::{CHAIN_RENEWALS, RENEWAL_TOKENS_BYTES, TOKEN_BYTES};
use crate::spaces;
use crate::storage::{Put, Reader};
use proof::UnixMillis;
use seal::DigestAlgorithm;

/// A renewal that only lacks its token: `root` is the imprint to have stamped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenewalPlan {
    /// Its number, from 0.
    pub number: u64,
    /// The digest of its tree.
    pub digest: DigestAlgorithm,
    /// First batch covered.
    pub first: u64,
    /// One past the last batch covered.
    pub batches: u64,
    /// Root of its tree.
    pub root: Vec<u8>,
    /// The latest time of the tokens covered.
    pub newest: UnixMillis,
}

/// A token that the caller has checked, with what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenewalToken {
    /// Raw ContentInfo, DER.
    pub der: Vec<u8>,
    /// The imprint it covers, under the plan's digest; must be the root of the plan.
    pub imprint: Vec<u8>,
    /// Its genTime.
    pub gen_time: UnixMillis,
}

/// All renewals, oldest first.
///
/// # Errors
/// The storage failed, or what it holds is no renewal, or one is missing.
pub fn renewals<R: Reader + ?Sized>(reader: &R) -> Result<Vec<Renewal>, SealingError> {
    let mut all: Vec<Renewal> = Vec::new();
    for (key, bytes) in reader.values(spaces::RENEWALS, &[])? {
        let renewal = Renewal::parse(&bytes)?;
        let follows = renewal.number == all.len() as u64
            && key == renewal.number.to_be_bytes()
            && all.last().is_none_or(|before| before.gen_time <= renewal.gen_time);
        if !follows {
            return Err(SealingError::Stored(format!("renewal {} does not follow", renewal.number)));
        }
        all.push(renewal);
    }
    Ok(all)
}

/// The raw token of this renewal.
///
/// # Errors
/// The storage failed, or there is no such token.
pub fn renewal_token<R: Reader + ?Sized>(reader: &R, number: u64) -> Result<Vec<u8>, SealingError> {
    let token = reader.value(spaces::RENEWAL_TOKENS, &number.to_be_bytes())?;
    token.ok_or_else(|| SealingError::Stored(format!("the token of renewal {number} is missing")))
}

/// The token of a batch, which is the one its leaf names.
fn sealed_token<R: Reader + ?Sized>(reader: &R, batch: u64) -> Result<(Vec<u8>, UnixMillis), SealingError> {
    let head = batch_head(reader, batch)?.ok_or(SealingError::NoBatch(batch))?;
    let sealed = token(reader, batch)?.unwrap_or_default();
    if proof::sha256(&sealed) != head.token_sha256 || proof::sha512(&sealed) != head.token_sha512 {
        return Err(SealingError::Stored(format!("the token of batch {batch} is not the one its leaf names")));
    }
    Ok((sealed, head.gen_time))
}

/// The token of a renewal, which is the one it names.
fn renewed_token<R: Reader + ?Sized>(reader: &R, renewal: &Renewal) -> Result<Vec<u8>, SealingError> {
    let token = renewal_token(reader, renewal.number)?;
    if proof::sha256(&token) != renewal.token_sha256 || proof::sha512(&token) != renewal.token_sha512 {
        return Err(SealingError::Stored(format!("the token of renewal {} is not the one it names", renewal.number)));
    }
    Ok(token)
}

/// One past the last batch whose hashes were renewed.
fn hashed_again(all: &[Renewal]) -> u64 {
    all.iter().filter(|renewal| renewal.of_hashes()).map(|renewal| renewal.batches).max().unwrap_or(0)
}

/// The digests whose chains a renewal of time-stamps has to cover, one token each.
///
/// # Errors
/// As [`renewals`].
pub fn digests_in_use<R: Reader + ?Sized>(reader: &R) -> Result<Vec<DigestAlgorithm>, SealingError> {
    let all = renewals(reader)?;
    let mut digests = Vec::new();
    if last_logged(reader)?.is_some_and(|last| hashed_again(&all) <= last) {
        digests.push(DigestAlgorithm::Sha256);
    }
    for renewal in all.iter().filter(|renewal| renewal.of_hashes()) {
        if !digests.contains(&renewal.digest) {
            digests.push(renewal.digest);
        }
    }
    Ok(digests)
}

/// The next renewal over the chains of this digest; `None` when there are none. Every token is read and hashed.
///
/// # Errors
/// [`SealingError`]: the storage failed, or a token is not the one that was sealed.
pub fn plan_renewal<R: Reader + ?Sized>(
    reader: &R,
    digest: DigestAlgorithm,
) -> Result<Option<RenewalPlan>, SealingError> {
    let before = renewals(reader)?;
    let Some(last) = last_logged(reader)? else { return Ok(None) };
    let range = match digest {
        DigestAlgorithm::Sha256 => [hashed_again(&before), last + 1],
        _ => [0, hashed_again(&before)],
    };
    let mut newest = before.last().map_or(UnixMillis(0), |renewal| renewal.gen_time);
    let chain = before.iter().filter(|renewal| !renewal.of_hashes() && renewal.digest == digest).count();
    bounded(reader, &before, chain)?;
    if digest == DigestAlgorithm::Sha256 {
        for batch in range[0]..range[1] {
            newest = newest.max(sealed_token(reader, batch)?.1);
        }
    }
    let lines = tree::lines(reader, digest, range, &before)?;
    let levels = tree::levels(&lines, digest, &before);
    let [first, batches] = range;
    let planned = |root: &Vec<u8>| {
        let (number, root) = (before.len() as u64, root.clone());
        RenewalPlan { number, digest, first, batches, root, newest }
    };
    Ok(tree::top(&levels).map(planned))
}

/// One more renewal can still be borne: every token so far is the one its renewal names, they are few enough together, and so are the
/// time-stamps of the chain that it would lengthen.
fn bounded<R: Reader + ?Sized>(reader: &R, before: &[Renewal], chain: usize) -> Result<(), SealingError> {
    let mut bytes = 0;
    for renewal in before {
        bytes += renewed_token(reader, renewal)?.len();
    }
    if chain >= CHAIN_RENEWALS || bytes >= RENEWAL_TOKENS_BYTES {
        return Err(SealingError::TooManyRenewals { renewals: before.len(), bytes });
    }
    Ok(())
}

/// The changes of state that keep a renewal; they come with its entry.
fn kept(renewal: &Renewal, token: &RenewalToken) -> Result<Vec<Put>, SealingError> {
    let key = renewal.number.to_be_bytes().to_vec();
    let kept = Put { space: spaces::RENEWAL_TOKENS, key: key.clone(), value: Some(token.der.clone()) };
    Ok(vec![Put { space: spaces::RENEWALS, key, value: Some(renewal.to_bytes()?) }, kept])
}

impl RenewalPlan {
    /// The renewal of this under that token, which is over its root, not empty, not too long, and not older than what it covers.
    fn under(&self, token: &RenewalToken, of: Of) -> Result<Renewal, SealingError> {
        let wrong = |why: &str| Err(SealingError::Stored(format!("the token of renewal {} {why}", self.number)));
        if token.imprint != self.root || token.der.is_empty() || token.der.len() > TOKEN_BYTES {
            return wrong("covers something else");
        }
        if token.gen_time < self.newest {
            return wrong("is older than what it covers");
        }
        Ok(Renewal {
            number: self.number,
            of,
            digest: self.digest,
            first: self.first,
            batches: self.batches,
            root: self.root.clone(),
            token_sha256: proof::sha256(&token.der),
            token_sha512: proof::sha512(&token.der),
            gen_time: token.gen_time,
        })
    }

    /// The renewal under this token, and the changes of state that keep it: they come with its entry. The tree is computed a second
    /// time.
    ///
    /// # Errors
    /// [`SealingError`]: the token covers something else, is empty, too long or too old; what is stored gives another root.
    pub fn stamped<R: Reader + ?Sized>(
        &self,
        reader: &R,
        token: &RenewalToken,
    ) -> Result<(Renewal, Vec<Put>), SealingError> {
        let renewal = self.under(token, Of::Timestamps)?;
        RenewalTree::of(reader, renewal.clone(), renewals(reader)?)?;
        let puts = kept(&renewal, token)?;
        Ok((renewal, puts))
    }
}
