//! What a file is, by its bytes: marks at known places, versions, what packages hold; with the identifier that the PRONOM registry gives it.
//! Ours rather than a library's: a PRONOM identifier is of a version, libraries stop at the family; they want to move about in the file, which
//! comes deciphered from its first byte; and marks of two bytes would call a text a picture.
//! Not here: formats without a mark (CSV, JSON, plain text), validation of any format, identifiers that were not seen in a published
//! signature file of PRONOM (version 109).

mod announced;
mod begin;
mod inside;
mod package;
mod scan;
mod sniffer;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use self::announced::{Announced, by_extension, by_media_type, by_puid};
pub(crate) use self::begin::{begins_pdf, is_signed_data};
pub(crate) use self::inside::Inside;
pub(crate) use self::sniffer::{Sniffer, Tee, of_head};

/// A format, as far as the bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Format {
    /// The name of the format, with its version where the bytes say one.
    pub name: &'static str,
    /// What the document says of itself beyond that, which nobody checked here: a part and level of PDF/A.
    pub claims: Option<&'static str>,
    /// The identifier of PRONOM; none where it could be one of several.
    pub puid: Option<&'static str>,
    /// The media type.
    pub media_type: &'static str,
    pub(crate) family: Family,
    /// What else is told of these bytes.
    pub(crate) inside: Inside,
}

/// Formats that one name announces alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Family {
    Pdf,
    Png,
    Jpeg,
    Gif,
    Tiff,
    Bmp,
    Webp,
    Jp2,
    Svg,
    Xml,
    Html,
    Rtf,
    /// A zip of which nothing more is known.
    Zip,
    Docx,
    Xlsx,
    Pptx,
    Odt,
    Ods,
    Odp,
    Odg,
    Epub,
    Asic,
    /// An OLE2 file of which nothing more is known; encrypted documents of today are such too.
    Ole,
    Doc,
    Xls,
    Ppt,
    Msg,
    Gzip,
    Bzip2,
    Tar,
    SevenZip,
    Rar,
    Wave,
    Avi,
    Mp3,
    Mp4,
    Matroska,
    Ogg,
    Flac,
    Sqlite,
    Executable,
    Cms,
    Dwg,
}

impl Format {
    /// For sentences, in French and in English: its name, and its identifier where it has one.
    pub(crate) fn told(&self) -> [String; 2] {
        let claims = self.claims.map(|claims| format!(" ({claims})")).unwrap_or_default();
        let puid = self.puid.map(|puid| format!(", {puid}")).unwrap_or_default();
        [self.name, in_english(self.name)].map(|name| [name, &claims, &puid].concat())
    }

    /// The format alone.
    pub(crate) fn bare(self) -> Format {
        Format { inside: Inside::NOTHING, ..self }
    }

    /// Another reading of the inside could name it better; the name of the file may be right then.
    pub(crate) fn is_generic(&self) -> bool {
        matches!(self.family, Family::Zip | Family::Ole)
    }
}

/// Names that have another in English; a name that begins another one stands after it.
pub(crate) static WORDS: [(&str, &str); 17] = [
    ("PNG (animé)", "PNG (animated)"),
    ("WebP sans perte", "WebP lossless"),
    ("WebP étendu", "WebP extended"),
    ("ELF (programme)", "ELF (program)"),
    ("programme Windows", "Windows program"),
    ("Message Outlook", "Outlook message"),
    ("PKCS #7 contenant un PDF", "PKCS #7 holding a PDF"),
    ("Office Open XML, texte avec macros", "Office Open XML, text with macros"),
    ("Office Open XML, texte", "Office Open XML, text"),
    ("Office Open XML, modèle de", "Office Open XML, model of"),
    ("Office Open XML, tableur avec macros", "Office Open XML, sheets with macros"),
    ("Office Open XML, tableur", "Office Open XML, sheets"),
    ("Office Open XML, présentation", "Office Open XML, slides"),
    ("Office Open XML, diaporama", "Office Open XML, slide show"),
    ("OpenDocument, texte", "OpenDocument, text"),
    ("OpenDocument, tableur", "OpenDocument, sheets"),
    ("OpenDocument, dessin", "OpenDocument, drawing"),
];

/// The English name of a format: for those without one of their own, the name.
fn in_english(name: &'static str) -> &'static str {
    WORDS.iter().find(|(fr, _)| *fr == name).map_or(name, |(_, en)| en)
}
