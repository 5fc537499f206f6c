//! A detached signature whose name tells no document, as where names are given by a rule of the flow (`99_SE-…` of ACTES): the digest that is signed
//! tells which file beside it is meant, and none is meant where it is that of none.

use super::Deposit;
use super::documents::{Judged, fits};
use crate::codes::{self, Fault};
use crate::limits::BESIDE_TRY_BYTES;
use crate::look::{Reading, Seen};
use crate::model::Incoming;

impl Deposit<'_> {
    /// What is said of the signature in CMS at this place over the file beside it that it fits. Nothing where it fits none, or where not all could be
    /// tried, which are findings.
    pub(super) fn by_digest(&mut self, place: usize, files: &mut [Incoming<'_>]) -> Option<Judged> {
        let signature = self.seen.get(place)?;
        let Reading::Cms(cms) = &signature.reading else { return None };
        let may_be = |one: &Seen| one.parent == signature.parent && !matches!(one.reading, Reading::Cms(_));
        let documents: Vec<usize> =
            self.seen.iter().enumerate().filter(|(_, one)| may_be(one)).map(|(document, _)| document).collect();
        let (file, judge) = (signature.name.clone(), self.judge);
        let tries = BESIDE_TRY_BYTES.saturating_mul(documents.len() as u64);
        let (tried, ended) = match self.may_read(tries) {
            true => self.each_again(&documents, files, &mut |reader| judge.judge_cms(cms, Some(reader))),
            false => (Vec::new(), true),
        };
        let count = tried.len();
        let fitting: Vec<_> = tried.into_iter().filter(|(_, said)| fits(said)).collect();
        let names: Vec<&str> =
            fitting.iter().filter_map(|(one, _)| self.seen.get(*one)).map(|one| one.name.as_str()).collect();
        let (document, names) = (names.first().map(|&name| name.to_owned()), names.join(", "));
        let Some((_, said)) = fitting.into_iter().next() else {
            let fault = match ended {
                true => Fault::new(&codes::SIGNATURE_SEARCH_ENDED, &file).with(count).with(documents.len()),
                false => Fault::new(&codes::SIGNATURE_WITHOUT_DOCUMENT, &file),
            };
            self.faults.push(if ended { fault.with(self.limits.beside_bytes) } else { fault });
            return None;
        };
        self.faults.push(Fault::new(&codes::SIGNATURE_DOCUMENT_BY_DIGEST, &file).with(names));
        Some(Judged { file, document, said, of_parts: false })
    }
}
