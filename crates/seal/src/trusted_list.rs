//! Trusted lists (ETSI TS 119 612): whether a time-stamp is of a service that was qualified when it was made, by lists signed by whom they
//! must be signed, under anchors given from outside. Where the lists themselves come from adds nothing and takes nothing away.
//!
//! The list of the lists is believed by the anchors; one that names who signs the next ones (a pivot) hands over to them; a member state's
//! is believed by the certificates that the newest names for its territory (`trusted_list/believe.rs`). Whatever is not believed says
//! nothing, and why is told. The signer's certificate must hold when the list was issued and at the judgement: a list of today tells what a
//! service was at any time before, by its history.
//!
//! Deliberately not here: fetching, and revocation of the certificates that sign lists, which are taken away by the next list.

mod believe;
pub(crate) mod fault;
mod issuers;
mod read;
mod service;
mod signature;

use std::sync::Arc;

use crate::certificate::sha256;
use crate::error::hex;
use crate::evidence_record::c14n::with_nodes;
use crate::limits;
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::tlv::too_large;
use fault::ListFault;
use read::TrustedList;
use service::{Service, Tie};
use signature::XmlSignature;

/// Lists that were given, those that are believed and why the others are not.
#[derive(Clone, Debug, Default)]
pub struct TrustedLists {
    /// Certificates, DER, of those who may sign the list of the lists: from outside.
    anchors: Vec<Vec<u8>>,
    /// All there are, each read once.
    given: Vec<Arc<Given>>,
    /// The list of the lists, when one is believed.
    central: Option<Believed>,
    /// Earlier ones, which handed over to other signers: where they lie, and what to say of them.
    pivots: Vec<(String, String)>,
    /// Lists of member states, one a territory.
    national: Vec<Believed>,
    /// Territories of which a newer list was given that is not believed, and its number.
    undecided: Vec<(String, u64)>,
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

/// What a list says it is, whoever signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOutline {
    /// A list of the lists; else a member state's.
    pub of_lists: bool,
    /// Of whom.
    pub territory: String,
    /// The higher, the later.
    pub sequence: u64,
    /// When it says it was issued.
    pub issued: UnixMillis,
}

/// A list as it was given.
#[derive(Debug)]
struct Given {
    place: String,
    /// It came with what is judged: who chose it is not who judges.
    brought: bool,
    sha256: [u8; 32],
    read: Result<(Arc<TrustedList>, XmlSignature), ListFault>,
}

#[derive(Clone, Debug)]
struct Believed {
    place: String,
    brought: bool,
    list: Arc<TrustedList>,
    signer: [u8; 32],
    /// The anchor from outside on which that rests.
    anchor: [u8; 32],
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
        Self { anchors: anchors.to_vec(), at, ..Self::default() }.and(given, false, verifier)
    }

    /// These lists and more, which came with what is judged: by the same anchors, at the same moment. What was believed before counts for
    /// nothing: all of them are judged together.
    #[must_use]
    pub fn with(&self, brought: &[(String, Vec<u8>)], verifier: &dyn SignatureVerifier) -> Self {
        self.and(brought, true, verifier)
    }

    fn and(&self, more: &[(String, Vec<u8>)], brought: bool, verifier: &dyn SignatureVerifier) -> Self {
        let mut lists =
            Self { anchors: self.anchors.clone(), given: self.given.clone(), at: self.at, ..Self::default() };
        for (place, bytes) in more {
            if lists.given.len() > limits::LISTS {
                break;
            }
            let sha256 = sha256(bytes);
            // The same bytes again are the same list.
            if lists.given.iter().any(|known| known.sha256 == sha256) {
                continue;
            }
            let read = match lists.given.len() {
                limits::LISTS => Err(too_large("trusted lists", limits::LISTS, limits::LISTS + 1).into()),
                _ => read(bytes).map(|(list, signature)| (Arc::new(list), signature)),
            };
            lists.given.push(Arc::new(Given { place: place.clone(), brought, sha256, read }));
        }
        lists.settle(verifier);
        lists
    }

    /// No list was given.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Some anchor was given: lists are asked for.
    pub fn is_anchored(&self) -> bool {
        !self.anchors.is_empty()
    }

    /// What they say of a time-stamp whose signer is the first of these certificates, its issuer the second, at the time it states.
    pub fn say(&self, way: &[Vec<u8>], gen_time: UnixMillis) -> QualifiedSaid {
        let mut said = QualifiedSaid::default();
        for (place, why) in &self.refused {
            said.lines.push((why.code(), place.clone(), why.to_string()));
        }
        for (place, detail) in &self.pivots {
            said.lines.push(("list-pivot", place.clone(), detail.clone()));
        }
        for one in self.central.iter().chain(&self.national) {
            said.lines.push(("list-believed", one.place.clone(), one.shown()));
            if let Some(due) = one.list.next_update.filter(|due| *due < self.at) {
                said.lines.push(("list-overdue", one.place.clone(), due.to_string()));
            }
        }
        match self.service(way, gen_time) {
            Ok((by, service)) => {
                said.qualified = true;
                said.anchor = self.central.as_ref().map(|central| central.anchor);
                // Whoever made the pack may have left out the one in which the service was withdrawn in between.
                if by.brought && by.list.issued < gen_time {
                    said.lines.push(("list-before-token", by.place.clone(), by.list.issued.to_string()));
                }
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
                let newer = self.undecided.iter().find(|(territory, _)| *territory == by.list.territory);
                let why = match (service.tie(certificates), by.list.next_update) {
                    (None, _) => continue,
                    (Some(Tie::NameAlone), _) if !service.stamps() => continue,
                    (Some(Tie::NameAlone), _) => ListFault::OtherKey { service: service.name.clone() },
                    (Some(Tie::Key), until) => match service.qualified_at(gen_time) {
                        Err(why) => why,
                        Ok(()) if newer.is_some() => {
                            let (territory, number) = newer.cloned().unwrap_or_default();
                            ListFault::NewerUndecided { territory, number }
                        }
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

impl Believed {
    /// For people: whose list, which one, and who signed it.
    fn shown(&self) -> String {
        let TrustedList { territory, operator, sequence, issued, .. } = &*self.list;
        format!("{territory}, {operator}, n° {sequence}, {issued}, SHA-256 {}", hex(&self.signer))
    }
}

impl ListOutline {
    /// What these bytes say they are: a list that can be read, with one signature, over all of it as it stands. By whom is not looked at, and
    /// nothing of it is believed.
    ///
    /// # Errors
    /// [`ListFault`]: why it would count for nothing, whoever signed it.
    pub fn read(bytes: &[u8]) -> Result<Self, ListFault> {
        let (TrustedList { of_lists, territory, sequence, issued, .. }, _) = read(bytes)?;
        Ok(Self { of_lists, territory, sequence, issued })
    }
}

/// Whether the list `new` is signed by whom it may be where `old` lies, or nothing: by the one who signed that, or by one of those whom the
/// list of the lists at hand names for it (`old` itself, where it is one). It says nothing about whether either is to be believed.
///
/// # Errors
/// [`ListFault`]: one of them cannot be read, or why the signer is not one of those.
pub fn list_may_follow(
    old: Option<&[u8]>,
    new: &[u8],
    central: Option<&[u8]>,
    verifier: &dyn SignatureVerifier,
) -> Result<(), ListFault> {
    let (old, (new, signature)) = (old.map(read).transpose()?, read(new)?);
    let mut may = old.iter().flat_map(|(_, signed)| signed.by_own_word(verifier)).collect::<Vec<_>>();
    if new.of_lists {
        may.extend(old.iter().flat_map(|(old, _)| old.successors()));
    } else if let Some((central, _)) = central.map(read).transpose()? {
        may.extend(central.signers_for(&new.territory));
    }
    signature.signer(&may, verifier).map(|_| ())
}

/// The list these bytes are, and its signature, which covers all of it.
fn read(bytes: &[u8]) -> Result<(TrustedList, XmlSignature), ListFault> {
    with_nodes(bytes, limits::LIST_BYTES, limits::LIST_NODES, |document| {
        Ok(read::list(document).and_then(|list| Ok((list, XmlSignature::read(document)?))))
    })?
}
