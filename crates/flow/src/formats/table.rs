//! The formats that are told apart, each with its PRONOM identifier as signature file 109 has it.

use super::{Family, Format, Inside};

/// A format that claims nothing more.
pub(super) const fn one(
    family: Family,
    name: &'static str,
    puid: Option<&'static str>,
    media_type: &'static str,
) -> Format {
    Format { name, claims: None, puid, media_type, family, inside: Inside::NOTHING }
}

/// What stands after `%PDF-`, the name, the identifier.
pub(super) const PDF: [(&[u8], &str, &str); 9] = [
    (b"1.0", "PDF 1.0", "fmt/14"),
    (b"1.1", "PDF 1.1", "fmt/15"),
    (b"1.2", "PDF 1.2", "fmt/16"),
    (b"1.3", "PDF 1.3", "fmt/17"),
    (b"1.4", "PDF 1.4", "fmt/18"),
    (b"1.5", "PDF 1.5", "fmt/19"),
    (b"1.6", "PDF 1.6", "fmt/20"),
    (b"1.7", "PDF 1.7", "fmt/276"),
    (b"2.0", "PDF 2.0", "fmt/1129"),
];

/// Part and level of ISO 19005, as the metadata write them, what is claimed, the identifier. Part 4 came after signature file 109.
pub(super) const PDF_A: [(u8, u8, &str, Option<&str>); 11] = [
    (b'1', b'A', "PDF/A-1a", Some("fmt/95")),
    (b'1', b'B', "PDF/A-1b", Some("fmt/354")),
    (b'2', b'A', "PDF/A-2a", Some("fmt/476")),
    (b'2', b'B', "PDF/A-2b", Some("fmt/477")),
    (b'2', b'U', "PDF/A-2u", Some("fmt/478")),
    (b'3', b'A', "PDF/A-3a", Some("fmt/479")),
    (b'3', b'B', "PDF/A-3b", Some("fmt/480")),
    (b'3', b'U', "PDF/A-3u", Some("fmt/481")),
    (b'4', b' ', "PDF/A-4", None),
    (b'4', b'E', "PDF/A-4e", None),
    (b'4', b'F', "PDF/A-4f", None),
];

/// What the part `[Content_Types].xml` says of the main part, and what the package is then.
pub(super) const OFFICE: [(&[u8], Format); 10] = {
    use Family::{Docx, Pptx, Xlsx};
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    const SLIDES: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    [
        (
            b"\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"",
            one(Docx, "Office Open XML, texte", Some("fmt/412"), WORD),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml\"",
            one(Docx, "Office Open XML, modèle de texte", Some("fmt/597"), WORD),
        ),
        (
            b"\"application/vnd.ms-word.document.macroEnabled.main+xml\"",
            one(
                Docx,
                "Office Open XML, texte avec macros",
                Some("fmt/523"),
                "application/vnd.ms-word.document.macroEnabled.12",
            ),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"",
            one(Xlsx, "Office Open XML, tableur", Some("fmt/214"), SHEET),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml\"",
            one(Xlsx, "Office Open XML, modèle de tableur", Some("fmt/598"), SHEET),
        ),
        (
            b"\"application/vnd.ms-excel.sheet.macroEnabled.main+xml\"",
            one(
                Xlsx,
                "Office Open XML, tableur avec macros",
                Some("fmt/445"),
                "application/vnd.ms-excel.sheet.macroEnabled.12",
            ),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml\"",
            one(Pptx, "Office Open XML, présentation", Some("fmt/215"), SLIDES),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml\"",
            one(Pptx, "Office Open XML, diaporama", Some("fmt/629"), SLIDES),
        ),
        (
            b"\"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml\"",
            one(Pptx, "Office Open XML, modèle de présentation", Some("fmt/631"), SLIDES),
        ),
        (
            b"\"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml\"",
            one(
                Pptx,
                "Office Open XML, présentation avec macros",
                Some("fmt/487"),
                "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
            ),
        ),
    ]
};

/// A kind of OpenDocument: what `mimetype` says, and the identifier of each version from 1.0 to 1.3.
pub(super) struct OpenDocument {
    pub(super) media_type: &'static str,
    pub(super) family: Family,
    pub(super) name: &'static str,
    pub(super) versions: [&'static str; 4],
}

pub(super) const OPEN_DOCUMENT: [OpenDocument; 4] = [
    OpenDocument {
        media_type: "application/vnd.oasis.opendocument.text",
        family: Family::Odt,
        name: "OpenDocument, texte",
        versions: ["fmt/136", "fmt/290", "fmt/291", "fmt/1756"],
    },
    OpenDocument {
        media_type: "application/vnd.oasis.opendocument.spreadsheet",
        family: Family::Ods,
        name: "OpenDocument, tableur",
        versions: ["fmt/137", "fmt/294", "fmt/295", "fmt/1755"],
    },
    OpenDocument {
        media_type: "application/vnd.oasis.opendocument.presentation",
        family: Family::Odp,
        name: "OpenDocument, présentation",
        versions: ["fmt/138", "fmt/292", "fmt/293", "fmt/1754"],
    },
    OpenDocument {
        media_type: "application/vnd.oasis.opendocument.graphics",
        family: Family::Odg,
        name: "OpenDocument, dessin",
        versions: ["fmt/139", "fmt/296", "fmt/297", "fmt/1753"],
    },
];

/// Other packages whose first member `mimetype` says what they are.
pub(super) const TYPED: [Format; 3] = [
    one(Family::Epub, "EPUB", Some("fmt/483"), "application/epub+zip"),
    one(Family::Asic, "ASiC-S", Some("fmt/1341"), "application/vnd.etsi.asic-s+zip"),
    one(Family::Asic, "ASiC-E", Some("fmt/1564"), "application/vnd.etsi.asic-e+zip"),
];

/// The version of Exif, where a JPEG begins with it.
pub(super) const EXIF: [(&[u8], &str, &str); 8] = [
    (b"0200", "JPEG (Exif 2.0)", "x-fmt/398"),
    (b"0210", "JPEG (Exif 2.1)", "x-fmt/390"),
    (b"0220", "JPEG (Exif 2.2)", "x-fmt/391"),
    (b"0221", "JPEG (Exif 2.2.1)", "fmt/645"),
    (b"0230", "JPEG (Exif 2.3)", "fmt/1507"),
    (b"0231", "JPEG (Exif 2.3)", "fmt/1507"),
    (b"0232", "JPEG (Exif 2.3)", "fmt/1507"),
    (b"0233", "JPEG (Exif 2.3)", "fmt/1507"),
];

/// The size of the second header of a bitmap, its version, its identifier.
pub(super) const BITMAP: [(u32, &str, &str); 4] =
    [(12, "BMP 2.0", "fmt/115"), (40, "BMP 3.0", "fmt/116"), (108, "BMP 4.0", "fmt/118"), (124, "BMP 5.0", "fmt/119")];

/// Every identifier that is given: each stands in signature file 109 of PRONOM.
pub(super) const PUIDS: [&str; 88] = [
    "fmt/3",
    "fmt/4",
    "fmt/11",
    "fmt/12",
    "fmt/13",
    "fmt/14",
    "fmt/15",
    "fmt/16",
    "fmt/17",
    "fmt/18",
    "fmt/19",
    "fmt/20",
    "fmt/39",
    "fmt/40",
    "fmt/41",
    "fmt/42",
    "fmt/43",
    "fmt/44",
    "fmt/61",
    "fmt/92",
    "fmt/95",
    "fmt/101",
    "fmt/115",
    "fmt/116",
    "fmt/117",
    "fmt/118",
    "fmt/119",
    "fmt/126",
    "fmt/136",
    "fmt/137",
    "fmt/138",
    "fmt/139",
    "fmt/214",
    "fmt/215",
    "fmt/276",
    "fmt/290",
    "fmt/291",
    "fmt/292",
    "fmt/293",
    "fmt/294",
    "fmt/295",
    "fmt/296",
    "fmt/297",
    "fmt/353",
    "fmt/354",
    "fmt/412",
    "fmt/445",
    "fmt/471",
    "fmt/476",
    "fmt/477",
    "fmt/478",
    "fmt/479",
    "fmt/480",
    "fmt/481",
    "fmt/483",
    "fmt/484",
    "fmt/487",
    "fmt/523",
    "fmt/566",
    "fmt/567",
    "fmt/568",
    "fmt/569",
    "fmt/573",
    "fmt/597",
    "fmt/598",
    "fmt/613",
    "fmt/629",
    "fmt/631",
    "fmt/645",
    "fmt/670",
    "fmt/729",
    "fmt/1129",
    "fmt/1341",
    "fmt/1507",
    "fmt/1564",
    "fmt/1753",
    "fmt/1754",
    "fmt/1755",
    "fmt/1756",
    "x-fmt/263",
    "x-fmt/265",
    "x-fmt/266",
    "x-fmt/268",
    "x-fmt/390",
    "x-fmt/391",
    "x-fmt/392",
    "x-fmt/398",
    "x-fmt/430",
];
