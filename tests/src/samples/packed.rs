//! A `.tar.gz` of samples, the same bytes each time.

use super::NamedFile;

/// A `.tar.gz` of these files, the same bytes each time.
pub fn tar_gz(files: &[NamedFile]) -> Vec<u8> {
    let gzip = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    let mut builder = tar::Builder::new(gzip);
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_558_569_600);
        let appended = builder.append_data(&mut header, name, bytes.as_slice());
        debug_assert!(appended.is_ok(), "writing to memory");
    }
    builder.into_inner().and_then(flate2::write::GzEncoder::finish).unwrap_or_default()
}

/// These bytes in gzip, the same each time.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    let written = std::io::Write::write_all(&mut packer, bytes);
    debug_assert!(written.is_ok(), "writing to memory");
    packer.finish().unwrap_or_default()
}
