//! Trusted lists (ETSI TS 119 612): whether a time-stamp is of a service that was qualified when it was made, by lists given from outside and
//! signed by whom they must be signed.
//!
//! The list of the lists is believed by anchors given from outside, a member state's by the certificates the former names for its
//! territory. Whatever is not believed says nothing, and why is told. The signer's certificate must hold when the list was
//! issued and at the judgement: a list of today tells what a service was at any time before, by its history.
//!
//! Deliberately not here: fetching, the announcements by which the signers of the list of lists change (its pivots), and revocation of the
//! certificates that sign lists, which are taken away by the next list.

pub(crate) mod fault;
mod read;
mod service;
mod signature;

use crate::certificate::sha256;
use crate::error::hex;
use crate::evidence_record::c14n::with_nodes;
use crate::limits;
use crate::path::signed::{Outline, Signed};
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use fault::ListFault;
use read::TrustedList;
use service::{Service, Tie};
use signature::XmlSignature;

/// Lists that were given, those that are believed and why the others are not.
#[derive(Clone, Debug, Default)]
pub struct TrustedLists {
    /// The list of the lists, when one is believed.
    central: Option<Believed>,
    /// Lists of member states, one a territory.
    national: Vec<Believed>,
    refused: Vec<(String, ListFault)>,
    at: UnixMillis,
}

/// What lists say of a time-stamp's signer: whether it is qualified, and the lines that tell why, each a code, a place, a detail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualifiedSaid {
    /// The service was granted as one of qualified time-stamps at that moment, by a list that is believed.
    pub qualified: bool,
    /// SHA-256 of the anchor given from outside on which that rests.
    pub anchor: Option<[u8; 32]>,
    /// What is to be told.
    pub lines: Vec<(&'static str, String, String)>,
}

#[derive(Clone, Debug)]
struct Believed {
    place: String,
    list: TrustedList,
    signer: [u8; 32],
}

impl TrustedLists {
    /// These lists, each with the name it is called by, as far as they are believed at this moment by these anchors: certificates, DER, of
    /// those who may sign the list of the lists.
    pub fn believe(
        given: &[(String, Vec<u8>)],
        anchors: &[Vec<u8>],
        at: UnixMillis,
        verifier: &dyn SignatureVerifier,
    ) -> Self {
        let mut lists = Self { at, ..Self::default() };
        let mut national = Vec::new();
        for (place, bytes) in given {
            match read(bytes) {
                Ok((list, signature)) if list.of_lists => lists.take(place, list, &signature, anchors, verifier),
                Ok(both) => national.push((place, both)),
                Err(why) => lists.refused.push((place.clone(), why)),
            }
        }
        for (place, (list, signature)) in national {
            let pointers = lists.central.iter().flat_map(|central| &central.list.pointers);
            let signers: Vec<Vec<u8>> =
                pointers.filter(|p| p.territory == list.territory).flat_map(|p| p.certificates.clone()).collect();
            if signers.is_empty() {
                let territory = list.territory.chars().take(40).collect();
                lists.refused.push((place.clone(), ListFault::NotPointed { territory }));
            } else {
                lists.take(place, list, &signature, &signers, verifier);
            }
        }
        lists
    }

    /// Nothing was given.
    pub fn is_empty(&self) -> bool {
        self.central.is_none() && self.national.is_empty() && self.refused.is_empty()
    }

    /// Believes this list if one of these signed it, and tells why where not.
    fn take(
        &mut self,
        place: &str,
        list: TrustedList,
        signature: &XmlSignature,
        signers: &[Vec<u8>],
        verifier: &dyn SignatureVerifier,
    ) {
        let signer =
            signature.signer(signers, verifier).and_then(|der| held(der, &list, self.at).map(|()| sha256(der)));
        let signer = match signer {
            Ok(signer) => signer,
            Err(why) => return self.refused.push((place.to_owned(), why)),
        };
        let fresh = Believed { place: place.to_owned(), list, signer };
        let same = self.national.iter_mut().find(|known| known.list.territory == fresh.list.territory);
        let slot = if fresh.list.of_lists { self.central.as_mut() } else { same };
        let Some(known) = slot else {
            if fresh.list.of_lists {
                self.central = Some(fresh);
            } else {
                self.national.push(fresh);
            }
            return;
        };
        // Of two the later one counts: what was taken back since is not good any more.
        let mut older = fresh;
        if older.list.sequence > known.list.sequence {
            std::mem::swap(known, &mut older);
        }
        let why = ListFault::Superseded { sequence: older.list.sequence, by: known.list.sequence };
        self.refused.push((older.place, why));
    }

    /// What they say of a time-stamp whose signer is the first of these certificates, its issuer the second, at the time it states.
    pub fn say(&self, way: &[Vec<u8>], gen_time: UnixMillis) -> QualifiedSaid {
        let mut said = QualifiedSaid::default();
        for (place, why) in &self.refused {
            said.lines.push((why.code(), place.clone(), why.to_string()));
        }
        for Believed { place, list, signer } in self.central.iter().chain(&self.national) {
            let TrustedList { territory, operator, sequence, issued, .. } = list;
            let detail = format!("{territory}, {operator}, n° {sequence}, {issued}, SHA-256 {}", hex(signer));
            said.lines.push(("list-believed", place.clone(), detail));
            if let Some(due) = list.next_update.filter(|due| *due < self.at) {
                said.lines.push(("list-overdue", place.clone(), due.to_string()));
            }
        }
        match self.service(way, gen_time) {
            Ok((by, service)) => {
                said.qualified = true;
                said.anchor = self.central.as_ref().map(|central| central.signer);
                said.lines.push(("tsa-qualified", by.place.clone(), service.name.clone()));
            }
            Err(why) => said.lines.push((why.code(), String::new(), why.to_string())),
        }
        said
    }

    /// The service that made such a time-stamp qualified.
    fn service(&self, way: &[Vec<u8>], gen_time: UnixMillis) -> Result<(&Believed, &Service), ListFault> {
        // A service is named by its own certificate, or by that of who issues to it.
        let certificates = way.get(..way.len().min(2)).unwrap_or_default();
        let mut found = None;
        let mut told = ListFault::NotListed;
        for by in &self.national {
            for service in &by.list.services {
                let why = match (service.tie(certificates), by.list.next_update) {
                    (None, _) => continue,
                    (Some(Tie::NameAlone), _) if !service.stamps() => continue,
                    (Some(Tie::NameAlone), _) => ListFault::OtherKey { service: service.name.clone() },
                    (Some(Tie::Key), until) => match service.qualified_at(gen_time) {
                        Err(why) => why,
                        // A list that is closed says nothing of what comes after it.
                        Ok(()) if gen_time > until.unwrap_or(by.list.issued) => {
                            ListFault::TooOld { until: until.unwrap_or(by.list.issued) }
                        }
                        Ok(()) => {
                            found = found.or(Some((by, service)));
                            continue;
                        }
                    },
                };
                if why.rank() > told.rank() {
                    told = why;
                }
            }
        }
        match found {
            Some(found) if !told.forbids() => Ok(found),
            _ => Err(told),
        }
    }
}

/// The list these bytes are, and its signature, which covers all of it.
fn read(bytes: &[u8]) -> Result<(TrustedList, XmlSignature), ListFault> {
    with_nodes(bytes, limits::LIST_BYTES, limits::LIST_NODES, |document| {
        Ok(read::list(document).and_then(|list| Ok((list, XmlSignature::read(document)?))))
    })?
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
