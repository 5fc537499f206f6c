//! What the bytes of a PDF hold beyond its format: what may act, files attached, how often it was saved, what stands before it, and what else the
//! same bytes are.

use super::Format;
use crate::codes::{self, Fault};

/// What was met. Parts of a PDF that are compressed or encrypted are not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Inside {
    /// Bytes before the header.
    pub(crate) before: u16,
    /// Marks of an end; a second one that is there for quick display apart.
    pub(crate) ends: u32,
    /// JavaScript, a program to launch, an action at opening.
    pub(crate) acts: [bool; 3],
    /// Files are attached.
    pub(crate) attached: bool,
    /// What else they are.
    pub(crate) also: Option<&'static str>,
}

/// How what acts is called.
const ACTS: [&str; 3] = ["JavaScript", "Launch", "OpenAction"];

impl Inside {
    pub(crate) const NOTHING: Inside = Inside { before: 0, ends: 0, acts: [false; 3], attached: false, also: None };

    /// What is remarked of it in this file, which is of that format.
    pub(crate) fn faults(&self, format: &Format, name: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(also) = self.also {
            faults.push(
                Fault::new(&codes::FORMAT_SEVERAL, name)
                    .with_words(format.bare().told())
                    .with_words([also, super::in_english(also)].map(str::to_owned)),
            );
        }
        if self.before > 0 {
            faults.push(Fault::new(&codes::PDF_LATE, name).with(self.before));
        }
        let acts: Vec<&str> = ACTS.iter().zip(self.acts).filter(|(_, met)| *met).map(|(act, _)| *act).collect();
        if !acts.is_empty() {
            faults.push(Fault::new(&codes::PDF_ACTIVE, name).with(acts.join(", ")));
        }
        if self.attached {
            faults.push(Fault::new(&codes::PDF_EMBEDDED, name));
        }
        if self.ends > 1 {
            faults.push(Fault::new(&codes::PDF_REVISIONS, name).with(self.ends));
        }
        faults
    }
}
