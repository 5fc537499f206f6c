//! What is said of each generated archive and PDF, run by run: a file of anyone's first, then, for a zip, a transfer that is declared.

use super::cases::Expected;
use super::cases::Said::{self, No, Yes};

/// An archive that is no transfer, and is a file like others.
const OPAQUE: Said = Yes(&[]);
/// What tells that it was meant as a transfer.
const MEANT: Said = Yes(&["transfer-damaged"]);
/// Its bordereau is of no version that there is: nothing else is wrong with it.
const NO_VERSION: Said = No("seda-version");

static ALL: [(&str, &[Said]); 44] = [
    ("zip/ok.zip", &[OPAQUE, NO_VERSION]),
    ("zip/case-clash.zip", &[OPAQUE, NO_VERSION]),
    ("zip/latin1-name.zip", &[OPAQUE, NO_VERSION]),
    ("zip/nested-5.zip", &[OPAQUE, No("seda-manifest-missing")]),
    // A transfer may hold runs of zeros.
    ("zip/bomb-1000x.zip", &[No("container-bomb"), NO_VERSION]),
    ("zip/absolute.zip", &[No("member-name-unsafe"); 2]),
    ("zip/backslash.zip", &[No("member-name-unsafe"); 2]),
    ("zip/dotdot.zip", &[No("member-name-unsafe"); 2]),
    ("zip/drive.zip", &[No("member-name-unsafe"); 2]),
    ("zip/newline-name.zip", &[No("member-name-unsafe"); 2]),
    ("zip/nul-name.zip", &[No("member-name-unsafe"); 2]),
    ("zip/rtlo-name.zip", &[No("member-name-unsafe"); 2]),
    ("zip/deep-dirs.zip", &[No("member-name-limit"); 2]),
    ("zip/device.zip", &[No("member-not-a-file"); 2]),
    ("zip/symlink.zip", &[No("member-not-a-file"); 2]),
    ("zip/dir-as-file.zip", &[No("member-clash"); 2]),
    ("zip/nfc-nfd-clash.zip", &[No("member-clash"); 2]),
    ("zip/duplicate-name.zip", &[No("member-twice"); 2]),
    ("zip/encrypted-flag.zip", &[No("member-encrypted"); 2]),
    ("zip/local-central-mismatch.zip", &[No("member-extension"); 2]),
    // These name no transfer, and nobody opens them but as one.
    ("zip/70k-entries.zip", &[OPAQUE, No("container-too-many-members")]),
    ("zip/overlap-2000.zip", &[OPAQUE, No("container-bomb")]),
    ("zip/size-lie.zip", &[OPAQUE, No("member-extension")]),
    // These name one, and cannot be read.
    ("zip/count-lie.zip", &[MEANT, No("container-too-many-members")]),
    ("zip/suffix-junk.zip", &[MEANT, No("container-damaged")]),
    ("zip/truncated.zip", &[MEANT, No("container-damaged")]),
    ("zip/two-eocd.zip", &[MEANT, No("container-damaged")]),
    (
        "zip/prefix-junk.zip",
        &[Yes(&["transfer-damaged", "format-mismatch", "format-several"]), No("seda-manifest-missing")],
    ),
    ("tar/ok.tar.gz", &[OPAQUE]),
    ("tar/dotdot.tar.gz", &[No("member-name-unsafe")]),
    ("tar/pax-path-override.tar.gz", &[No("member-name-unsafe")]),
    ("tar/duplicate.tar.gz", &[No("member-twice")]),
    ("tar/fifo.tar.gz", &[No("member-not-a-file")]),
    ("tar/hardlink.tar.gz", &[No("member-not-a-file")]),
    ("tar/symlink-then-write.tar.gz", &[No("member-not-a-file")]),
    ("tar/pax-size-override.tar", &[No("member-extension")]),
    ("tar/gz-bomb.tar.gz", &[No("container-bomb")]),
    ("tar/two-gzip-members.tar.gz", &[No("container-trailing")]),
    ("pdf/ok.pdf", &[Yes(&[])]),
    ("pdf/header-at-1020.pdf", &[Yes(&["pdf-header-late"])]),
    ("pdf/html-in-pdf.pdf", &[Yes(&["format-several"])]),
    ("pdf/incremental.pdf", &[Yes(&["pdf-revisions"])]),
    ("pdf/js-openaction.pdf", &[Yes(&["pdf-active-content"])]),
    ("pdf/pdf-zip-polyglot.pdf", &[Yes(&["format-several"])]),
];

/// What is expected of this one; of one that the table does not know, something that never holds.
pub fn said(name: &str) -> Expected {
    Expected::Each(ALL.iter().find(|(known, _)| *known == name).map_or(&[], |(_, said)| said))
}
