//! Long runs of base64, taken aside before the tree of a PES is built: attached documents are most of such a file, and a parser of tags has nothing
//! to look for in them. What is taken aside is the whole text of an element and holds letters of base64 and white space alone, so that the
//! document is well formed with it exactly where it is without; one letter stays in its place. Whoever reads the text asks for it here.

use std::borrow::Cow;
use std::ops::Range;

use roxmltree::Node;

use super::leaf_text;

/// Bytes from which a run is worth it.
const LONG: usize = 4 << 10;
/// What stays in its place: a text, as there was one.
const LEFT: &str = "A";

/// The runs that were taken aside, each with its place in what is left.
#[derive(Default)]
pub(crate) struct Aside<'t> {
    runs: Vec<(usize, &'t str)>,
}

/// True for the name of the root element of a PES, its prefix with it.
pub(super) fn is_of_pes(name: &str) -> bool {
    name.rsplit(':').next().is_some_and(|local| local.starts_with("PES_"))
}

/// True for a text that is taken aside.
pub(super) fn taken_aside(run: &str) -> bool {
    let in_base64 = |piece: &[u8]| {
        // Without a way out before the end of the piece: looked at many bytes at once.
        piece.iter().fold(true, |all, b| {
            all & (b.is_ascii_alphanumeric() | matches!(b, b'+' | b'/' | b'=' | b' ' | b'\t' | b'\n' | b'\r'))
        })
    };
    run.len() >= LONG && run.as_bytes().chunks(LONG).all(in_base64) && !run.trim_ascii().is_empty()
}

impl<'t> Aside<'t> {
    /// What is left of the text without these runs, and the runs.
    pub(super) fn of(text: &'t str, runs: &[Range<usize>]) -> (Cow<'t, str>, Aside<'t>) {
        if runs.is_empty() {
            return (text.into(), Aside::default());
        }
        let (mut left, mut aside, mut from) = (String::new(), Aside::default(), 0);
        for run in runs {
            left.push_str(&text[from..run.start]);
            aside.runs.push((left.len(), &text[run.clone()]));
            left.push_str(LEFT);
            from = run.end;
        }
        left.push_str(&text[from..]);
        (left.into(), aside)
    }

    /// The text of a leaf element as the document has it, trimmed; `None` when there is none.
    pub(crate) fn leaf_text<'a>(&'a self, node: Node<'a, '_>) -> Option<&'a str> {
        let place = node.first_child()?.range().start;
        match self.runs.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(found) => self.runs.get(found).map(|(_, run)| run.trim()),
            Err(_) => leaf_text(node),
        }
    }
}
