//! The authorities that lists show as issuing qualified certificates (ETSI TS 119 612 clause 5.5.1.1, CA/QC), by which the signer of a document
//! is known to come from one of them. Whether his own certificate is qualified is not told: that is said by what stands in it, and by
//! qualifiers of the service, which are not looked at.

use super::service::Service;
use super::{Believed, TrustedLists};
use crate::certificate::{name, sha256};
use crate::path::signed::Outline;
use crate::path::signer_root;
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;

impl TrustedLists {
    /// Some list of a member state is believed.
    pub fn has_services(&self) -> bool {
        !self.national.is_empty()
    }

    /// The lists that are not believed, each with why, for people.
    pub fn refusals(&self) -> Vec<String> {
        self.refused.iter().map(|(place, why)| format!("{place}: {}: {why}", why.code())).collect()
    }

    /// The authority from which a way leads to this signer's certificate at that moment, by certificates that came with it: territory, provider
    /// and service of one that was granted then as issuing qualified certificates, by a list that is believed and speaks of that moment.
    /// Revocation is not looked at.
    pub fn issuer_of(
        &self,
        signer: &[u8],
        others: &[Vec<u8>],
        at: UnixMillis,
        verifier: &dyn SignatureVerifier,
    ) -> Option<String> {
        let way: Vec<Outline<'_>> =
            [signer].into_iter().chain(others.iter().map(Vec::as_slice)).filter_map(outline).collect();
        let named = |root: &Vec<u8>| {
            outline(root).is_some_and(|root| way.iter().any(|one| name::same(one.issuer, root.subject)))
        };
        let mut roots: Vec<(&Believed, &Service, &Vec<u8>)> = Vec::new();
        for by in self.national.iter().filter(|by| self.speaks_of(by, at)) {
            for service in by.list.services.iter().filter(|service| service.issues_at(at)) {
                roots.extend(service.certificates.iter().filter(|root| named(root)).map(|root| (by, service, root)));
            }
        }
        let ders: Vec<Vec<u8>> = roots.iter().map(|(_, _, root)| (*root).clone()).collect();
        let found = signer_root(signer, others, &ders, at, verifier).ok()?;
        let (by, service, root) = roots.into_iter().find(|(_, _, root)| sha256(root) == found)?;
        // Listed twice, and once as taken away: nobody can say which of both counts.
        let taken = |other: &Service| other.issued_once() && !other.issues_at(at) && other.has_key_of(root);
        let doubted = self.national.iter().any(|by| by.list.services.iter().any(taken));
        (!doubted).then(|| format!("{}, {}", by.list.territory, service.name))
    }

    /// A list that is closed says nothing of what comes after it, nor one of which a newer is there that is not believed.
    fn speaks_of(&self, by: &Believed, at: UnixMillis) -> bool {
        at <= by.list.next_update.unwrap_or(by.list.issued)
            && !self.undecided.iter().any(|(territory, _)| *territory == by.list.territory)
    }
}

fn outline(der: &[u8]) -> Option<Outline<'_>> {
    Outline::of(der).ok()
}
