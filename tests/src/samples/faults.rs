//! Single faults a sample may have, each with the code its reading gives.

/// One thing wrong with a sample; its archive then reads with exactly that code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the code says it")]
pub enum SampleFault {
    NatureDiffers,
    DateDiffers,
    NumberDiffers,
    NumberUnusual,
    DateMalformed,
    SubjectMissing,
    AnnexCount,
    AnnexMissing,
    CodeLost,
    NotDeclared,
    NoEnvelope,
    SirenDiffers,
    DepartmentDiffers,
    ArchiveName,
    InDirectory,
    Windows1252,
    SuspectEncoding,
    UnknownEncoding,
    OtherNamespace,
    Unqualified,
    Doctype,
    CutSubject,
    AcknowledgementOfAnother,
    AcknowledgementDiffers,
}

impl SampleFault {
    /// Every fault that shows in the archive alone.
    pub const OF_ARCHIVE: [SampleFault; 22] = [
        SampleFault::NatureDiffers,
        SampleFault::DateDiffers,
        SampleFault::NumberDiffers,
        SampleFault::NumberUnusual,
        SampleFault::DateMalformed,
        SampleFault::SubjectMissing,
        SampleFault::AnnexCount,
        SampleFault::AnnexMissing,
        SampleFault::CodeLost,
        SampleFault::NotDeclared,
        SampleFault::NoEnvelope,
        SampleFault::SirenDiffers,
        SampleFault::DepartmentDiffers,
        SampleFault::ArchiveName,
        SampleFault::InDirectory,
        SampleFault::Windows1252,
        SampleFault::SuspectEncoding,
        SampleFault::UnknownEncoding,
        SampleFault::OtherNamespace,
        SampleFault::Unqualified,
        SampleFault::Doctype,
        SampleFault::CutSubject,
    ];

    /// The code its reading gives.
    pub fn code(self) -> &'static str {
        match self {
            SampleFault::NatureDiffers => "actes-nature-differs",
            SampleFault::DateDiffers => "actes-date-differs",
            SampleFault::NumberDiffers => "actes-number-differs",
            SampleFault::NumberUnusual => "actes-number-unusual",
            SampleFault::DateMalformed => "actes-date-malformed",
            SampleFault::SubjectMissing => "actes-missing",
            SampleFault::AnnexCount => "actes-annex-count",
            SampleFault::AnnexMissing => "actes-declared-missing",
            SampleFault::CodeLost => "actes-declared-name-differs",
            SampleFault::NotDeclared => "actes-not-declared",
            SampleFault::NoEnvelope => "actes-no-envelope",
            SampleFault::SirenDiffers => "actes-siren-differs",
            SampleFault::DepartmentDiffers => "actes-department-differs",
            SampleFault::ArchiveName => "actes-archive-name",
            SampleFault::InDirectory => "member-in-directory",
            SampleFault::Windows1252 => "encoding-windows-1252",
            SampleFault::SuspectEncoding => "encoding-suspect",
            SampleFault::UnknownEncoding => "encoding-unknown",
            SampleFault::OtherNamespace => "actes-namespace",
            SampleFault::Unqualified => "actes-attribute-unqualified",
            SampleFault::Doctype => "xml-doctype",
            SampleFault::CutSubject => "xml-split-text",
            SampleFault::AcknowledgementOfAnother => "actes-ar-other-act",
            SampleFault::AcknowledgementDiffers => "actes-ar-content-differs",
        }
    }

    /// True when the deposit is refused rather than remarked.
    pub fn refuses(self) -> bool {
        matches!(self, SampleFault::Doctype | SampleFault::CutSubject)
    }
}
