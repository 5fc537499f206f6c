//! Whom the operator accepts as authorities of those who sign documents: roots that he names (RGS, or any other), and what the trusted lists of the
//! European Union say (eIDAS), from a directory of lists, under the anchors that he names for them. Nothing is fetched here.

use crate::error::ServiceError;
use crate::files;
use crate::limits::{ANCHORS, ANCHORS_BYTES, LISTS_READ_AGAIN, TRUSTED_LISTS, TRUSTED_LISTS_BYTES};
use crate::random;
use flow::AuthoritySaid;
use seal::{AnyVerifier, TrustedLists, UnixMillis, pem_to_der, signer_root};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Roots and lists; neither where the authorities of signers are not examined.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorities {
    /// Roots, DER.
    roots: Vec<Vec<u8>>,
    lists: Option<Arc<Lists>>,
}

/// The lists of a directory, read again from time to time: an authority is granted or withdrawn while the server runs.
#[derive(Debug)]
struct Lists {
    directory: PathBuf,
    /// Who may sign the list of the lists, DER.
    anchors: Vec<Vec<u8>>,
    read: Mutex<(Instant, Arc<TrustedLists>)>,
}

impl Authorities {
    /// The roots of one directory, the lists of another under the anchors of a third, as far as each is named.
    ///
    /// # Errors
    /// A directory or a file cannot be read, is not what it must be, or there are too many: nobody is judged by half of what was meant.
    pub(super) fn by(roots: Option<&Path>, lists: Option<(&Path, &Path)>) -> Result<Self, ServiceError> {
        let roots = roots.map(certificates).transpose()?.unwrap_or_default();
        let lists = lists.map(|(directory, anchors)| Lists::of(directory, certificates(anchors)?)).transpose()?;
        Ok(Self { roots, lists: lists.map(Arc::new) })
    }

    /// The lists that are not believed, and why, for people.
    pub(super) fn refusals(&self) -> Vec<String> {
        self.lists.as_ref().map(|lists| lists.now(LISTS_READ_AGAIN).refusals()).unwrap_or_default()
    }

    /// What is known of the authority of this certificate at that moment, by certificates that came with it; of one that a list shows, as whom.
    pub(super) fn judge(&self, der: &[u8], carried: &[Vec<u8>], at: UnixMillis) -> (AuthoritySaid, Option<String>) {
        if self.roots.is_empty() && self.lists.is_none() {
            return (AuthoritySaid::NotExamined, None);
        }
        if !self.roots.is_empty() && signer_root(der, carried, &self.roots, at, &AnyVerifier).is_ok() {
            return (AuthoritySaid::Known, None);
        }
        let lists = self.lists.as_ref().map(|lists| lists.now(LISTS_READ_AGAIN));
        let listed = lists.and_then(|lists| lists.issuer_of(der, carried, at, &AnyVerifier));
        (if listed.is_some() { AuthoritySaid::Known } else { AuthoritySaid::Unknown }, listed)
    }
}

impl Lists {
    fn of(directory: &Path, anchors: Vec<Vec<u8>>) -> Result<Self, ServiceError> {
        let read = believed(directory, &anchors)?;
        Ok(Self { directory: directory.to_owned(), anchors, read: Mutex::new((Instant::now(), Arc::new(read))) })
    }

    /// As they stand in the directory, or stood there so long ago at most. Of what cannot be read any more, the former ones stay.
    fn now(&self, most: Duration) -> Arc<TrustedLists> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.0.elapsed() >= most {
            match believed(&self.directory, &self.anchors) {
                Ok(lists) => read.1 = Arc::new(lists),
                Err(error) => {
                    tracing::warn!(%error, "the trusted lists of signatures cannot be read again: the former ones stay");
                }
            }
            read.0 = Instant::now();
        }
        Arc::clone(&read.1)
    }
}

/// What is believed of the lists in this directory; those that are not stand in the log of events.
fn believed(directory: &Path, anchors: &[Vec<u8>]) -> Result<TrustedLists, ServiceError> {
    let (mut given, mut total) = (Vec::new(), 0);
    files::each_plain(directory, TRUSTED_LISTS_BYTES, |name, bytes| {
        total += bytes.len() as u64;
        given.push((name, bytes));
        if given.len() > TRUSTED_LISTS || total > TRUSTED_LISTS_BYTES {
            let why = format!("more than {TRUSTED_LISTS} files or {TRUSTED_LISTS_BYTES} bytes");
            return Err(ServiceError::Configuration { path: directory.to_owned(), why });
        }
        Ok(())
    })?;
    let lists = TrustedLists::believe(&given, anchors, random::seal_now(), &AnyVerifier);
    for why in lists.refusals() {
        tracing::warn!(why, "trusted list not believed: it makes no authority of signers known");
    }
    if !lists.has_services() {
        tracing::warn!(directory = %directory.display(), "no list of a country is believed: authorities of signers are not known by lists");
    }
    Ok(lists)
}

/// The certificates in the PEM files of this directory, DER.
fn certificates(directory: &Path) -> Result<Vec<Vec<u8>>, ServiceError> {
    let wrong = |why: String| ServiceError::Configuration { path: directory.to_owned(), why };
    let mut found = Vec::new();
    files::each_plain(directory, ANCHORS_BYTES, |name, bytes| {
        if bytes.len() as u64 > ANCHORS_BYTES {
            return Err(wrong(format!("{name}: more than {ANCHORS_BYTES} bytes")));
        }
        found.extend(pem_to_der(&String::from_utf8_lossy(&bytes)).map_err(|why| wrong(format!("{name}: {why}")))?);
        if found.len() > ANCHORS { Err(wrong(format!("more than {ANCHORS} roots"))) } else { Ok(()) }
    })?;
    if found.is_empty() { Err(wrong("no root in it".to_owned())) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_again_once_they_are_old_and_stay_where_they_cannot_be() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("a.xml"), "<a/>").unwrap();
        let lists = Lists::of(place.path(), Vec::new()).unwrap();
        let refused = |most| lists.now(most).refusals();
        assert_eq!(refused(Duration::from_secs(3600)).len(), 1);
        std::fs::write(place.path().join("b.xml"), "<b/>").unwrap();
        assert_eq!(refused(Duration::from_secs(3600)).len(), 1);
        assert_eq!(refused(Duration::ZERO).len(), 2);
        let whole = vec![b' '; usize::try_from(TRUSTED_LISTS_BYTES).unwrap() + 1];
        std::fs::write(place.path().join("c.xml"), whole).unwrap();
        assert_eq!(refused(Duration::ZERO).len(), 2);
        assert!(Lists::of(place.path(), Vec::new()).is_err());
        std::fs::remove_dir_all(place.path()).unwrap();
        assert_eq!(refused(Duration::ZERO).len(), 2);
    }
}
