//! Whole-store rollback: a store that is behind a head known elsewhere, or that tells another history, does not open.
//!
//! Known are the head of the mirror, what the witnesses cosigned last, and, for a restore, newer backups. All bear our own word: the mirror
//! is ours alone to write, the others are signed by the log's key. Where nothing is configured nothing can be compared, and `/readyz` says so.

mod accepted;
mod known;

pub(crate) use accepted::Accepted;
pub(crate) use accepted::{Given, One};
pub(crate) use known::{ask_witnesses, known as of_heads, of_mirror, open_mirror};

use crate::trouble::Trouble;
use ledger::storage::Reader;
use proof::{Checkpoint, Hash, TreeSize};
use store::{Standing, StoreReads};

/// How a newer backup is called.
pub(crate) const BACKUP: &str = "backup";

/// A head of this log that is known elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    /// Who knows it.
    pub(crate) from: String,
    /// Number of its commit, known of the mirror alone: it may be one ahead of the segments, for a commit nobody was told of.
    pub(crate) commit: Option<u64>,
    pub(crate) size: TreeSize,
    pub(crate) root: Hash,
}

/// Size and root that the store states.
pub(crate) fn stated(standing: &Standing) -> (TreeSize, Hash) {
    let head = Checkpoint::parse(&standing.checkpoint_text);
    head.map_or((TreeSize(0), Hash([0; 32])), |head| (head.size, head.root))
}

/// Of what is known, nothing says that the store is behind or another: before anything is signed.
pub(crate) fn check(known: &[Known], standing: &Standing) -> Result<(), Trouble> {
    let (size, root) = stated(standing);
    for head in known {
        match head.commit {
            // The last batch: the mirror was written and the segment was not. Nobody was told of it.
            Some(commit) if commit == standing.number.saturating_add(1) => continue,
            Some(commit) if commit > standing.number => return Err(older(&head.from, head.size, size)),
            Some(commit) if commit == standing.number && head.size != size => return Err(another(&head.from, size)),
            _ => {}
        }
        if head.size > size {
            return Err(older(&head.from, head.size, size));
        }
        if head.size == size && size > TreeSize(0) && head.root != root {
            return Err(another(&head.from, size));
        }
    }
    Ok(())
}

/// Of what is known, smaller heads are beginnings of this log: asked once its index is caught up. What the mirror knows beyond the
/// segments was never acknowledged, and is asked nothing.
pub(crate) fn check_roots(known: &[Known], number: u64, reads: &StoreReads) -> Result<(), Trouble> {
    let size = reads.head().ok().flatten().map_or(TreeSize(0), |head| head.size);
    let told = known.iter().filter(|head| head.commit.is_none_or(|commit| commit <= number));
    for head in told.filter(|head| head.size > TreeSize(0) && head.size <= size) {
        match ledger::prover::root_at(reads, head.size) {
            Ok(root) if root == head.root => {}
            Ok(_) => return Err(another(&head.from, head.size)),
            Err(why) => return Err(another(&head.from, head.size).at(why)),
        }
    }
    Ok(())
}

const REMEDY: [&str; 2] = [
    "ne rien servir ; retrouver le magasin à jour, ou la sauvegarde la plus récente ; si tout le reste est perdu : tabellion restore … \
     --accept-rollback RAISON, qui le consigne au journal",
    "serve nothing; find the store that is up to date, or the newest backup; if all else is lost: tabellion restore … --accept-rollback \
     REASON, which logs it",
];

/// The store is behind a head of its own.
pub(crate) fn older(from: &str, known: TreeSize, found: TreeSize) -> Trouble {
    let french = format!(
        "ce magasin est plus ancien qu'une tête déjà signée : il compte {} entrées, {} en connaît {}",
        found.0,
        french(from),
        known.0
    );
    let english = format!(
        "this store is older than a head already signed: it holds {} leaves, the {from} knows {}",
        found.0, known.0
    );
    Trouble::new("store-rolled-back", french, english, REMEDY).at(from)
}

/// The store tells another history.
pub(crate) fn another(from: &str, size: TreeSize) -> Trouble {
    let french = format!(
        "ce magasin raconte une autre histoire que celle que {} connaît : à {} entrées, une autre racine",
        french(from),
        size.0
    );
    let english = format!("this store tells another history than the {from} knows: at {} leaves, another root", size.0);
    Trouble::new("store-of-another-history", french, english, REMEDY).at(from)
}

fn french(from: &str) -> String {
    let words = [("mirror ", "le miroir "), ("witness ", "le témoin "), (BACKUP, "la sauvegarde")];
    let found = words.iter().find_map(|(english, french)| Some(format!("{french}{}", from.strip_prefix(english)?)));
    found.unwrap_or_else(|| from.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(number: u64, size: u64, root: u8) -> Standing {
        let head =
            Checkpoint { origin: "a".into(), size: TreeSize(size), root: Hash([root; 32]), extensions: Vec::new() };
        Standing { number, checkpoint_text: head.to_text() }
    }

    fn known(commit: Option<u64>, size: u64, root: u8) -> [Known; 1] {
        [Known { from: "mirror m".into(), commit, size: TreeSize(size), root: Hash([root; 32]) }]
    }

    fn code(known: &[Known], standing: &Standing) -> &'static str {
        check(known, standing).map_or_else(|trouble| trouble.code, |()| "opens")
    }

    #[test]
    fn the_last_batch_may_be_missing_and_no_more() {
        let now = standing(10, 50, 1);
        assert_eq!(code(&known(Some(10), 50, 1), &now), "opens");
        assert_eq!(code(&known(Some(11), 60, 2), &now), "opens", "nobody was told of it");
        assert_eq!(code(&known(Some(12), 60, 2), &now), "store-rolled-back");
        assert_eq!(code(&known(Some(12), 50, 1), &now), "store-rolled-back", "commits of state alone count");
        assert_eq!(code(&known(Some(9), 40, 2), &now), "opens", "its root is asked of the tree");
    }

    #[test]
    fn another_history_is_told() {
        let now = standing(10, 50, 1);
        assert_eq!(code(&known(Some(10), 50, 2), &now), "store-of-another-history");
        assert_eq!(code(&known(Some(10), 49, 1), &now), "store-of-another-history");
        assert_eq!(code(&known(Some(9), 50, 2), &now), "store-of-another-history");
        assert_eq!(code(&known(None, 50, 2), &now), "store-of-another-history");
        assert_eq!(code(&known(None, 51, 2), &now), "store-rolled-back");
        assert_eq!(code(&known(None, 50, 1), &now), "opens");
    }

    #[test]
    fn whoever_knows_is_named_in_both_languages() {
        let trouble = older("witness commune", TreeSize(9), TreeSize(3));
        assert!(trouble.french.contains("le témoin commune en connaît 9") && trouble.french.contains("compte 3"));
        assert!(trouble.english.contains("the witness commune knows 9"));
        assert!(trouble.remedy.iter().all(|word| word.contains("--accept-rollback")));
    }
}
