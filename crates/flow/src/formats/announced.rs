//! What a name or a media type announces, and whether the bytes may be of it.

use super::{Family, Format};
use Family::{
    Asic, Avi, Bmp, Bzip2, Cms, Doc, Docx, Dwg, Epub, Executable, Flac, Gif, Gzip, Html, Jp2, Jpeg, Matroska, Mp3, Mp4,
    Msg, Odg, Odp, Ods, Odt, Ogg, Ole, Pdf, Png, Ppt, Pptx, Rar, Rtf, SevenZip, Sqlite, Svg, Tar, Tiff, Wave, Webp,
    Xls, Xlsx, Xml, Zip,
};

/// What is announced: names that mean the same, and the bytes that agree with them.
#[derive(Debug)]
pub(crate) struct Announced {
    extensions: &'static [&'static str],
    media_types: &'static [&'static str],
    families: &'static [Family],
    /// Bytes of it always bear a mark.
    pub(crate) marked: bool,
}

const fn row(
    extensions: &'static [&'static str],
    media_types: &'static [&'static str],
    families: &'static [Family],
    marked: bool,
) -> Announced {
    Announced { extensions, media_types, families, marked }
}

static ALL: [Announced; 39] = [
    row(&["pdf"], &["application/pdf"], &[Pdf], true),
    row(&["png"], &["image/png"], &[Png], true),
    row(&["jpg", "jpeg", "jpe", "jfif"], &["image/jpeg", "image/jpg", "image/pjpeg"], &[Jpeg], true),
    row(&["gif"], &["image/gif"], &[Gif], true),
    row(&["tif", "tiff"], &["image/tiff"], &[Tiff], true),
    row(&["bmp"], &["image/bmp"], &[Bmp], false),
    row(&["webp"], &["image/webp"], &[Webp], true),
    row(&["jp2"], &["image/jp2"], &[Jp2], true),
    row(&["svg"], &["image/svg+xml"], &[Svg, Xml], false),
    row(&["xml", "xsd", "xsl"], &["application/xml", "text/xml"], &[Xml, Svg, Html], false),
    row(&["html", "htm", "xhtml"], &["text/html", "application/xhtml+xml"], &[Html, Xml], false),
    row(&["rtf"], &["application/rtf", "text/rtf"], &[Rtf], true),
    row(
        &["zip"],
        &["application/zip", "application/x-zip-compressed"],
        &[Zip, Docx, Xlsx, Pptx, Odt, Ods, Odp, Odg, Epub, Asic],
        true,
    ),
    row(
        &["docx", "docm", "dotx"],
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
        &[Docx, Zip, Ole],
        true,
    ),
    row(
        &["xlsx", "xlsm", "xltx"],
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
        &[Xlsx, Zip, Ole],
        true,
    ),
    row(
        &["pptx", "pptm", "ppsx", "potx"],
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
        &[Pptx, Zip, Ole],
        true,
    ),
    row(&["odt"], &["application/vnd.oasis.opendocument.text"], &[Odt, Zip], true),
    row(&["ods"], &["application/vnd.oasis.opendocument.spreadsheet"], &[Ods, Zip], true),
    row(&["odp"], &["application/vnd.oasis.opendocument.presentation"], &[Odp, Zip], true),
    row(&["odg"], &["application/vnd.oasis.opendocument.graphics"], &[Odg, Zip], true),
    row(&["epub"], &["application/epub+zip"], &[Epub, Zip], true),
    row(&["asice", "sce", "asics", "scs"], &["application/vnd.etsi.asic-e+zip"], &[Asic, Zip], true),
    row(&["doc", "dot"], &["application/msword"], &[Doc, Ole], false),
    row(&["xls", "xlt"], &["application/vnd.ms-excel"], &[Xls, Ole], false),
    row(&["ppt", "pps"], &["application/vnd.ms-powerpoint"], &[Ppt, Ole], false),
    row(&["msg"], &["application/vnd.ms-outlook"], &[Msg, Ole], true),
    row(&["gz", "tgz"], &["application/gzip", "application/x-gzip"], &[Gzip], true),
    row(&["bz2", "tbz2", "tbz"], &["application/x-bzip2"], &[Bzip2], true),
    row(&["tar"], &["application/x-tar"], &[Tar], false),
    row(&["7z"], &["application/x-7z-compressed"], &[SevenZip], true),
    row(&["rar"], &["application/vnd.rar", "application/x-rar-compressed"], &[Rar], true),
    row(&["wav"], &["audio/x-wav", "audio/wav"], &[Wave], true),
    row(&["avi", "mp3", "flac", "ogg", "oga", "ogv", "mkv", "webm"], &[], &[Avi, Mp3, Flac, Ogg, Matroska], false),
    row(&["mp4", "m4a", "m4v", "mov"], &["video/mp4", "audio/mp4"], &[Mp4], false),
    row(&["sqlite", "db", "gpkg"], &["application/x-sqlite3"], &[Sqlite], false),
    row(&["exe", "dll"], &[], &[Executable], false),
    row(
        &["p7m", "p7s", "p7b", "p7", "p7c", "pkcs7"],
        &["application/pkcs7-mime", "application/pkcs7-signature"],
        &[Cms],
        false,
    ),
    row(&["dwg"], &["image/vnd.dwg"], &[Dwg], false),
    row(&["txt", "csv", "json", "md"], &["text/plain", "text/csv", "application/json"], &[Xml, Html], false),
];

/// What the end of a file's name announces, and that end.
pub(crate) fn by_extension(name: &str) -> Option<(&'static Announced, String)> {
    let (_, end) = name.rsplit_once('.')?;
    let end = end.to_ascii_lowercase();
    let known = ALL.iter().find(|known| known.extensions.contains(&end.as_str()))?;
    Some((known, format!(".{end}")))
}

/// What a media type announces, its parameters apart, and that type. One that says nothing, as `application/octet-stream`, announces nothing.
pub(crate) fn by_media_type(declared: &str) -> Option<(&'static Announced, String)> {
    let plain = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = ALL.iter().find(|known| known.media_types.contains(&plain.as_str()))?;
    Some((known, plain))
}

/// Whether a PRONOM identifier that is announced and the one that was found are of two formats. Of an identifier that is not told apart here
/// nothing is said.
pub(crate) fn by_puid(announced: &str, found: &Format) -> bool {
    super::table::PUIDS.contains(&announced) && found.puid.is_some_and(|puid| puid != announced)
}

impl Announced {
    /// The bytes may be of it.
    pub(crate) fn agrees(&self, found: &Format) -> bool {
        self.families.contains(&found.family)
    }
}
