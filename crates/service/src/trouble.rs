//! Why a backup, a restore or a start refused: a stable code, a French sentence for people, an English one for logs, where, what to do.

use crate::error::ServiceError;
use std::fmt;
use std::io;

/// A refusal with its remedy, in both languages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// Stable, kebab-case; docs/operations/backup.md tells each.
    pub code: &'static str,
    /// What happened.
    pub french: String,
    /// What happened.
    pub english: String,
    /// Which object, file or place; may be empty.
    pub place: String,
    /// What to do, in French and in English.
    pub remedy: [&'static str; 2],
}

impl Trouble {
    pub(crate) fn new(
        code: &'static str,
        french: impl Into<String>,
        english: impl Into<String>,
        remedy: [&'static str; 2],
    ) -> Self {
        Self { code, french: french.into(), english: english.into(), place: String::new(), remedy }
    }

    /// The same, with its place.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = place.to_string();
        self
    }

    /// The place of a backup could not be read or written: as the place itself says it, where it does.
    pub(crate) fn shelf(name: &str, error: &io::Error) -> Self {
        if let Some(told) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return told.clone().at(format!("{}/{name}", told.place));
        }
        let remedy = [
            "vérifier que la sauvegarde est joignable, ses droits et la place qui reste, puis recommencer : rien n'est à réparer",
            "see that the backup can be reached, its permissions and the space left, then do it again: nothing needs repair",
        ];
        let french = format!("la sauvegarde ne se lit ou ne s'écrit pas : {error}");
        Self::new("backup-not-reached", french, format!("the backup cannot be read or written: {error}"), remedy)
            .at(name)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.english)?;
        if !self.place.is_empty() {
            write!(f, " ({})", self.place)?;
        }
        write!(f, " [{}]; {}", self.code, self.remedy[1])
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for ServiceError {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(Box::new(trouble))
    }
}
