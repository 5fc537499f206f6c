//! Transfers of SEDA of an invented authority, of any size: the bordereau and the archive are written as they are read, so that a
//! transfer of gigabytes takes no room.

use std::fmt::Write as _;
use std::io::{self, Cursor, Read};

use sha2::{Digest, Sha512};

/// Versions with objects apart from the tree.
pub const VERSIONS: [&str; 3] = ["2.1", "2.2", "2.3"];

/// A transfer in a tar: units in one level under a root, each object described by one of them.
#[derive(Clone, Debug)]
pub struct Transfer {
    version: &'static str,
    units: usize,
    objects: usize,
    object_bytes: u64,
    /// The digest of every object: they all hold the same.
    digest: String,
}

impl Transfer {
    /// A transfer of that version, so many units under their root, so many objects of so many bytes.
    pub fn new(version: &'static str, units: usize, objects: usize, object_bytes: u64) -> Transfer {
        let mut digest = Sha512::new();
        let mut left = object_bytes;
        let block = vec![CONTENT; 1 << 16];
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(block.len()).min(block.len());
            digest.update(&block[..now]);
            left -= now as u64;
        }
        let mut text = String::new();
        for byte in digest.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Transfer { version, units, objects, object_bytes, digest: text }
    }

    /// The bordereau.
    pub fn bordereau(&self) -> Vec<u8> {
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ArchiveTransfer xmlns=\"fr:gouv:culture:archivesdefrance:seda:v{}\">\
<Comment>Transfert inventé</Comment><Date>2026-11-30T10:00:00Z</Date><MessageIdentifier>M-{}</MessageIdentifier>\
<ArchivalAgreement>AV-1</ArchivalAgreement><CodeListVersions/><DataObjectPackage>",
            self.version, self.units
        );
        for index in 0..self.objects {
            let _ = write!(
                text,
                "<DataObjectGroup id=\"G{index}\"><BinaryDataObject id=\"O{index}\"><DataObjectVersion>BinaryMaster_1</DataObjectVersion>\
<Uri>Content/O{index}.bin</Uri><MessageDigest algorithm=\"SHA-512\">{}</MessageDigest><Size>{}</Size></BinaryDataObject></DataObjectGroup>",
                self.digest, self.object_bytes
            );
        }
        text.push_str(
            "<DescriptiveMetadata><ArchiveUnit id=\"R\"><Content><DescriptionLevel>Fonds</DescriptionLevel><Title>Fonds inventé</Title></Content>",
        );
        for index in 0..self.units {
            let _ = write!(
                text,
                "<ArchiveUnit id=\"U{index}\"><Management><AccessRule><Rule>ACC-00001</Rule><StartDate>2026-01-01</StartDate></AccessRule>\
</Management><Content><DescriptionLevel>Item</DescriptionLevel><Title>Pièce inventée numéro {index}</Title><Description>Une description \
de la longueur que l'on rencontre d'ordinaire, qui dit de quoi il s'agit et d'où cela vient, pièce {index}.</Description>\
<StartDate>2026-01-01</StartDate><EndDate>2026-11-30</EndDate></Content>"
            );
            if index < self.objects {
                let _ = write!(
                    text,
                    "<DataObjectReference><DataObjectGroupReferenceId>G{index}</DataObjectGroupReferenceId></DataObjectReference>"
                );
            }
            text.push_str("</ArchiveUnit>");
        }
        text.push_str(
            "</ArchiveUnit></DescriptiveMetadata><ManagementMetadata><OriginatingAgencyIdentifier>SP-1</OriginatingAgencyIdentifier>\
<SubmissionAgencyIdentifier>SV-1</SubmissionAgencyIdentifier></ManagementMetadata></DataObjectPackage><ArchivalAgency>\
<Identifier>SA-1</Identifier></ArchivalAgency><TransferringAgency><Identifier>ST-1</Identifier></TransferringAgency></ArchiveTransfer>",
        );
        text.into_bytes()
    }

    /// Bytes of the archive.
    pub fn size(&self, bordereau: &[u8]) -> u64 {
        let padded = |size: u64| size.div_ceil(512) * 512 + 512;
        padded(bordereau.len() as u64) + self.objects as u64 * padded(self.object_bytes) + 1024
    }

    /// The archive, as it is read.
    pub fn archive<'b>(&self, bordereau: &'b [u8]) -> Box<dyn Read + 'b> {
        let first = Cursor::new(header("manifest.xml", bordereau.len() as u64)).chain(Cursor::new(bordereau));
        let (objects, object_bytes) = (self.objects, self.object_bytes);
        Box::new(Archive {
            now: Box::new(first.chain(padding(bordereau.len() as u64))),
            next: 0,
            objects,
            object_bytes,
        })
    }
}

/// An archive on its way: one member at a time, however many there are.
struct Archive<'b> {
    now: Box<dyn Read + 'b>,
    next: usize,
    objects: usize,
    object_bytes: u64,
}

impl Read for Archive<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.now.read(into)?;
            if n > 0 || into.is_empty() || self.next > self.objects {
                return Ok(n);
            }
            self.now = if self.next == self.objects {
                Box::new(io::repeat(0).take(1024))
            } else {
                let head = Cursor::new(header(&format!("Content/O{}.bin", self.next), self.object_bytes));
                let body = io::repeat(CONTENT).take(self.object_bytes);
                Box::new(head.chain(body).chain(padding(self.object_bytes)))
            };
            self.next += 1;
        }
    }
}

fn padding(size: u64) -> io::Take<io::Repeat> {
    io::repeat(0).take((512 - size % 512) % 512)
}

/// What every byte of an object is.
const CONTENT: u8 = b'T';

fn header(name: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    // The names above fit.
    let _ = header.set_path(name);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}
