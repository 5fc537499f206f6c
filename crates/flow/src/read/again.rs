//! Documents read again for the signatures that lie beside them: which one a signature means, by the names of files and by nothing else, and its
//! bytes, within what one deposit may have read again.

use std::io::Read;

use unicode_normalization::UnicodeNormalization;

use super::Deposit;
use super::sealed::Sealed;
use crate::codes::{self, Fault};
use crate::limits::{BESIDE_PIECE, MAX_SIGNED_XML_BYTES};
use crate::look::{Reading, Seen};
use crate::model::Incoming;
use crate::signed::{SignatureSaid, Why};
use crate::{container, encoding, names};

/// What was said of the signatures of one file, or why nothing could be.
pub(super) type Said = Result<Vec<SignatureSaid>, Why>;

/// Why a document is not read again.
pub(super) const GONE: Why = ("document-unreadable", String::new());
pub(super) const ENDED: Why = ("search-ended", String::new());

impl Deposit<'_> {
    /// Gives the bytes of these documents, which stand in the same container or in none, each once, in the order in which they stand; true where the
    /// limit of what is read again ended it before all were given.
    pub(super) fn again(
        &self,
        documents: &[usize],
        files: &mut [Incoming<'_>],
        with: &mut dyn FnMut(usize, &mut dyn Read),
    ) -> bool {
        let held = documents.first().and_then(|one| self.seen.get(*one)?.parent);
        let Some(index) = held else { return self.again_alone(documents, files, with) };
        let (Some(file), Some(form)) = (files.get_mut(index), self.containers.get(index).copied().flatten()) else {
            return false;
        };
        let wanted =
            |name: &str| documents.iter().find(|one| self.seen.get(**one).is_some_and(|seen| seen.name == name));
        let (mut ended, mut left) = (false, documents.len());
        // That an archive cannot be walked was said when it was first; a document that is not met is missing, and whoever asked tells.
        let _ = container::walk(file.open, (form, file.size), "", self.limits, &mut |member, reader| {
            let stop = || Err(Fault::new(&codes::UNREADABLE, ""));
            // Whatever stands before them is inflated too.
            if !self.may_read(member.size) {
                ended = true;
                return stop();
            }
            if let Some(document) = wanted(&names::reading(member.name)) {
                left -= 1;
                with(*document, reader);
            }
            if left == 0 { stop() } else { Ok(()) }
        });
        ended
    }

    fn again_alone(
        &self,
        documents: &[usize],
        files: &mut [Incoming<'_>],
        with: &mut dyn FnMut(usize, &mut dyn Read),
    ) -> bool {
        for document in documents {
            let index = self.incoming_of.get(*document).copied().flatten();
            let Some(file) = index.and_then(|index| files.get_mut(index)) else { continue };
            if !self.may_read(file.size) {
                return true;
            }
            if let Ok(mut reader) = (file.open)() {
                with(*document, &mut reader);
            }
        }
        false
    }

    /// So many bytes more may be read again, and then are counted; else none are any more.
    pub(super) fn may_read(&self, bytes: u64) -> bool {
        let left = self.again_left.get().checked_sub(bytes);
        self.again_left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// What is said of each of these documents by whoever judges its bytes, and whether the limit ended it.
    pub(super) fn each_again(
        &self,
        documents: &[usize],
        files: &mut [Incoming<'_>],
        judge: &mut dyn FnMut(&mut dyn Read) -> Said,
    ) -> (Vec<(usize, Said)>, bool) {
        let mut said = Vec::new();
        let ended = self.again(documents, files, &mut |document, reader| said.push((document, judge(reader))));
        (said, ended)
    }

    /// What is said of an XML document that bears signatures over files beside it.
    pub(super) fn over_beside(&self, place: usize, files: &mut [Incoming<'_>], sealed: &Sealed) -> Said {
        let mut bytes = Vec::new();
        let (mut read, judge) = (Ok(0), self.judge);
        let ended = self.again(&[place], files, &mut |_, reader| {
            read = reader.take(MAX_SIGNED_XML_BYTES + 1).read_to_end(&mut bytes);
        });
        if ended {
            return Err(ENDED);
        }
        let name = self.seen.get(place).map(|seen| seen.name.as_str()).unwrap_or_default();
        let wide = encoding::decode_wide(&bytes).map(Into::into);
        let text = wide.or_else(|| Some(encoding::decode(&bytes, name).ok()?.text));
        let (Ok(1..), Some(text)) = (read, text) else { return Err(GONE) };
        judge.judge_beside(&text, &mut |uri, take| {
            let document = self.named(place, uri, sealed)?;
            let mut whole = Err(GONE);
            if self.again(&[document], files, &mut |_, reader| whole = pieces(reader, take)) {
                return Err(ENDED);
            }
            whole?;
            self.seen.get(document).map(|seen| seen.name.clone()).ok_or(GONE)
        })
    }

    /// The document that a reference of the signature at this place names: a file beside it, in the same container or deposit. Nothing is looked
    /// for anywhere else, whatever the reference says.
    fn named(&self, place: usize, uri: Option<&str>, sealed: &Sealed) -> Result<usize, Why> {
        let signature = self.seen.get(place).ok_or(GONE)?;
        let Some(uri) = uri else {
            return match &signature.reading {
                Reading::Actes(document, _) => self.given_alone(place, document.signatures()),
                _ => self.sole(signature, sealed),
            };
        };
        let about = |word: &'static str| (word, uri.chars().take(200).collect::<String>());
        if uri.contains('#') {
            return Err(about("unsupported"));
        }
        let said = relative(uri).ok_or_else(|| about("document-not-beside"))?;
        let folder = signature.name.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let wanted: String = format!("{folder}{said}").nfc().collect();
        let is = |name: &str| name.nfc().eq(wanted.chars());
        let beside = |one: &Seen| one.parent == signature.parent && one.name != signature.name && is(&one.name);
        let mut found = self.seen.iter().enumerate().filter(|(_, one)| beside(one)).map(|(document, _)| document);
        match (found.next(), found.next()) {
            (Some(document), None) => Ok(document),
            (Some(_), Some(_)) => Err(about("document-unnamed")),
            (None, _) if self.names.iter().any(|name| sealed.holds(name) && is(name)) => Err(("sealed", String::new())),
            (None, _) => Err(about("document-not-beside")),
        }
    }

    /// The one document that a signature is named for.
    fn sole(&self, signature: &Seen, sealed: &Sealed) -> Result<usize, Why> {
        let closed = |name: &&String| sealed.holds(name) && super::documents::is_named_for(&signature.name, name);
        match super::documents::documents_of(signature, &self.seen)[..] {
            _ if self.names.iter().any(|name| closed(&name)) => Err(("sealed", String::new())),
            [document] => Ok(document),
            _ => Err(("document-unnamed", String::new())),
        }
    }
}

fn pieces(reader: &mut dyn Read, take: &mut dyn FnMut(&[u8])) -> Result<(), Why> {
    let mut piece = vec![0; BESIDE_PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => take(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(GONE),
        }
    }
}

/// The name of a file that this reference is, its octets decoded (RFC 3986 §2.1): relative, downwards, and nothing but a path.
fn relative(uri: &str) -> Option<String> {
    let path = uri.strip_prefix("./").unwrap_or(uri);
    let part = |part: &str| {
        let part = percent_decoded(part)?;
        let plain = !matches!(part.as_str(), "" | "." | "..") && !part.contains(['/', '\\', '\0']);
        plain.then_some(part)
    };
    // What stands before a colon in the first part would be a scheme, or a drive.
    let is_name = !path.contains(['?', '\\']) && !path.split('/').next().unwrap_or_default().contains(':');
    let parts = path.split('/').map(part).collect::<Option<Vec<String>>>()?;
    is_name.then(|| parts.join("/"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = rest else { return None };
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(high)? << 4 | digit(low)?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_name_of_a_file_or_nothing() {
        for (uri, name) in [
            ("acte.pdf", "acte.pdf"),
            ("./acte.pdf", "acte.pdf"),
            ("l%27acte%20d%C3%A9finitif.pdf", "l'acte d\u{e9}finitif.pdf"),
            ("pi\u{e8}ces/acte.pdf", "pi\u{e8}ces/acte.pdf"),
            ("a%3Ab.pdf", "a:b.pdf"),
        ] {
            assert_eq!(relative(uri).as_deref(), Some(name), "{uri}");
        }
        for uri in [
            "",
            ".",
            "..",
            "../acte.pdf",
            "a/../acte.pdf",
            "/acte.pdf",
            "//hote/acte.pdf",
            "a//b",
            "http://hote/acte.pdf",
            "file:acte.pdf",
            "C:acte.pdf",
            "C:\\acte.pdf",
            "a\\b",
            "acte.pdf?x",
            "..%2Facte.pdf",
            "%2E%2E/acte.pdf",
            "a%5Cb",
            "a%00",
            "%",
            "%4",
            "%GG",
            "%+1",
            "%FF",
            "urn:x",
        ] {
            assert_eq!(relative(uri), None, "{uri}");
        }
    }
}
