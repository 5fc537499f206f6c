//! Which of the lists at hand are believed: the list of the lists by anchors from outside, or by whom an earlier one handed over to; those of
//! member states by whom the newest list of the lists names.
//!
//! A list of the lists names who may sign it (its pointer to itself). One whose names are others than before is a pivot: from then on its
//! names count, and those before do not. So a reader with the anchors of some years ago comes to the list of today, each step signed
//! by those whom the step before named, and the anchor that is told is still his own.
//!
//! Deliberately not here: whether a pivot is among those that the newest list names by their addresses: nothing is fetched, and who
//! may sign may say who comes next.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Believed, Given, TrustedLists};
use crate::certificate::sha256;
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::trusted_list::fault::ListFault;
use crate::trusted_list::read::TrustedList;
use crate::trusted_list::signature::XmlSignature;

/// A list that was read.
struct Known<'g> {
    place: &'g str,
    brought: bool,
    list: &'g Arc<TrustedList>,
    signature: &'g XmlSignature,
}

/// A list that is not believed: what it says it is, where it was read, and why not.
type Refused<'g> = (Known<'g>, ListFault);

impl TrustedLists {
    /// Judges all that was given.
    pub(super) fn settle(&mut self, verifier: &dyn SignatureVerifier) {
        let given = std::mem::take(&mut self.given);
        let (mut of_lists, mut national) = (Vec::new(), Vec::new());
        for one in &given {
            let Given { place, brought, read, .. } = &**one;
            match read {
                Ok((list, signature)) => {
                    let known = Known { place, brought: *brought, list, signature };
                    if list.of_lists { of_lists.push(known) } else { national.push(known) }
                }
                Err(why) => self.refused.push((place.clone(), why.clone())),
            }
        }
        let mut refused = self.chain(of_lists, verifier);
        for known in national {
            refused.extend(self.of_state(known, verifier));
        }
        for (known, why) in refused {
            self.may_say_otherwise(&known);
            let why = self.replaced(known.list, &why).unwrap_or(why);
            self.refused.push((known.place.to_owned(), why));
        }
        self.given = given;
    }

    /// The lists of lists, the earliest first: each signed by one of those who may, and from then on those may whom it names.
    fn chain<'g>(&mut self, mut all: Vec<Known<'g>>, verifier: &dyn SignatureVerifier) -> Vec<Refused<'g>> {
        all.sort_by_key(|known| known.list.sequence);
        let (mut may, mut refused) = (self.anchors.clone(), Vec::new());
        // Once it was handed over, all that follows rests on who did it first.
        let (mut root, mut handed_over) = (None, false);
        for known in all {
            let signer = match known.signer(&may, self.at, verifier) {
                Ok(signer) => signer,
                Err(why) => {
                    refused.push((known, why));
                    continue;
                }
            };
            let anchor = root.unwrap_or(signer);
            let (list, place, brought) = (Arc::clone(known.list), known.place.to_owned(), known.brought);
            let (sequence, named) = (list.sequence, list.successors());
            if self.central.as_ref().is_some_and(|central| central.list.sequence == sequence) {
                refused.push((known, ListFault::Superseded { sequence, by: sequence }));
                continue;
            }
            let before = self.central.replace(Believed { place, brought, list, signer, anchor });
            match before {
                Some(before) if handed_over => self.pivots.push((before.place.clone(), before.shown())),
                Some(before) => {
                    let why = ListFault::Superseded { sequence: before.list.sequence, by: sequence };
                    self.refused.push((before.place, why));
                }
                None => {}
            }
            let set = |certificates: &[Vec<u8>]| certificates.iter().cloned().collect::<BTreeSet<_>>();
            handed_over = !named.is_empty() && set(&named) != set(&may);
            if handed_over {
                (may, root) = (named, Some(anchor));
            }
        }
        refused
    }

    /// The list of a member state, if one of those signed it whom the list of the lists names; and why where not.
    fn of_state<'g>(&mut self, known: Known<'g>, verifier: &dyn SignatureVerifier) -> Option<Refused<'g>> {
        let central = self.central.as_ref();
        let signers = central.map(|central| central.list.signers_for(&known.list.territory)).unwrap_or_default();
        if signers.is_empty() {
            let territory = known.list.territory.chars().take(40).collect();
            return Some((known, ListFault::NotPointed { territory }));
        }
        let signer = match known.signer(&signers, self.at, verifier) {
            Ok(signer) => signer,
            Err(why) => return Some((known, why)),
        };
        let mut fresh = Believed {
            place: known.place.to_owned(),
            brought: known.brought,
            list: Arc::clone(known.list),
            signer,
            anchor: self.central.as_ref().map_or(signer, |central| central.anchor),
        };
        let Some(held) = self.national.iter_mut().find(|held| held.list.territory == fresh.list.territory) else {
            self.national.push(fresh);
            return None;
        };
        // Of two the later one counts: what was taken back since is not good any more.
        if fresh.list.sequence > held.list.sequence {
            std::mem::swap(held, &mut fresh);
        }
        let why = ListFault::Superseded { sequence: fresh.list.sequence, by: held.list.sequence };
        self.refused.push((fresh.place, why));
        None
    }

    /// A list that whoever judges gave, newer than the one believed of its territory, and not believed itself: whoever made a pack may have
    /// brought lists of before. Those that a pack brings say nothing against it.
    fn may_say_otherwise(&mut self, known: &Known<'_>) {
        let TrustedList { territory, sequence, of_lists, .. } = &**known.list;
        let older = |held: &Believed| held.list.territory == *territory && held.list.sequence < *sequence;
        if !known.brought && !of_lists && self.national.iter().any(older) {
            self.undecided.push((territory.clone(), *sequence));
        }
    }

    /// A list whose signer is not, or no longer, one of those who may is one that was replaced, where a later one is believed: nothing is
    /// amiss with it.
    fn replaced(&self, list: &TrustedList, why: &ListFault) -> Option<ListFault> {
        let outdated = matches!(why, ListFault::SignerUnknown { .. } | ListFault::SignerOutsideValidity { .. });
        let mut all = self.central.iter().chain(&self.national);
        let by = all.find(|by| by.list.of_lists == list.of_lists && by.list.territory == list.territory)?.list.sequence;
        (outdated && by > list.sequence).then_some(ListFault::Superseded { sequence: list.sequence, by })
    }
}

impl Known<'_> {
    /// SHA-256 of the certificate, of these, that signed it: which held when it was issued, and does now.
    fn signer(&self, may: &[Vec<u8>], at: UnixMillis, verifier: &dyn SignatureVerifier) -> Result<[u8; 32], ListFault> {
        let der = self.signature.signer(may, verifier)?;
        held(der, self.list, at)?;
        Ok(sha256(der))
    }
}

/// The signer's certificate held when the list was issued, and does now.
fn held(signer: &[u8], list: &TrustedList, at: UnixMillis) -> Result<(), ListFault> {
    let issued = list.issued;
    if issued.0 > at.0.saturating_add(limits::GEN_TIME_AHEAD_MS) {
        return Err(ListFault::IssuedAhead { issued, at });
    }
    let certificate = Signed::parse(signer, "certificate")?;
    let Outline { not_before, not_after, .. } = Outline::parse(&certificate)?;
    if [issued, at].iter().all(|moment| (not_before..=not_after).contains(moment)) {
        return Ok(());
    }
    Err(ListFault::SignerOutsideValidity { not_before, not_after, issued, at })
}
