//! Changes one byte of a stored member of a zip, and makes its checksums good again: what is then refused is refused by the
//! proof, not by the container.

use anyhow::{Context, Result, bail};
use flate2::Crc;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// A stored member and where its parts stand in the archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// As the central directory has it.
    pub name: String,
    central: usize,
    local: usize,
    data: usize,
    size: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Result<usize> {
    let field = bytes.get(at..at + 2).context("the archive ends early")?;
    Ok(usize::from(u16::from_le_bytes([field[0], field[1]])))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<usize> {
    let field = bytes.get(at..at + 4).context("the archive ends early")?;
    Ok(u32::from_le_bytes([field[0], field[1], field[2], field[3]]) as usize)
}

/// The members, in the order of the central directory. Small archives only: no zip64.
///
/// # Errors
/// An archive that ends early, or is compressed.
pub fn members(zip: &[u8]) -> Result<Vec<Member>> {
    let end = zip.windows(4).rposition(|window| window == END).context("no end of central directory")?;
    let (count, mut at) = (u16_at(zip, end + 10)?, u32_at(zip, end + 16)?);
    let mut found = Vec::with_capacity(count);
    for _ in 0..count {
        if zip.get(at..at + 4) != Some(CENTRAL) {
            bail!("no central header at {at}");
        }
        let (name, extra, comment) = (u16_at(zip, at + 28)?, u16_at(zip, at + 30)?, u16_at(zip, at + 32)?);
        let bytes = zip.get(at + 46..at + 46 + name).context("the archive ends early")?;
        let name_text = String::from_utf8_lossy(bytes).into_owned();
        if u16_at(zip, at + 10)? != 0 {
            bail!("{name_text} is compressed");
        }
        let (size, local) = (u32_at(zip, at + 24)?, u32_at(zip, at + 42)?);
        if zip.get(local..local + 4) != Some(LOCAL) {
            bail!("no local header at {local}");
        }
        let data = local + 30 + u16_at(zip, local + 26)? + u16_at(zip, local + 28)?;
        zip.get(data..data + size).context("the archive ends early")?;
        found.push(Member { name: name_text, central: at, local, data, size });
        at += 46 + name + extra + comment;
    }
    Ok(found)
}

/// One byte in the middle of that member is another, and with `mend` every checksum agrees with it; its place in the member.
///
/// # Errors
/// An empty member.
pub fn flip(zip: &mut [u8], member: &Member, mend: bool) -> Result<usize> {
    let place = member.size / 2;
    let byte = zip.get_mut(member.data + place).filter(|_| member.size > 0).context("an empty member has no byte")?;
    *byte ^= 0x01;
    if mend {
        let mut crc = Crc::new();
        crc.update(&zip[member.data..member.data + member.size]);
        let sum = crc.sum().to_le_bytes();
        zip[member.central + 16..member.central + 20].copy_from_slice(&sum);
        // Bit 3: the checksum stands behind the data, and the local header holds none.
        let behind = u16_at(zip, member.local + 6)? & 8 != 0;
        let after = member.data + member.size;
        let signed = usize::from(zip.get(after..after + 4) == Some(DESCRIPTOR)) * 4;
        let at = if behind { after + signed } else { member.local + 14 };
        zip.get_mut(at..at + 4).context("the archive ends early")?.copy_from_slice(&sum);
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip of one stored member, by hand.
    fn zip(name: &str, data: &[u8]) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.update(data);
        let (sum, size) = (crc.sum().to_le_bytes(), (data.len() as u32).to_le_bytes());
        let length = (name.len() as u16).to_le_bytes();
        let mut out = [LOCAL, &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sum, &size, &size, &length, &[0, 0]].concat();
        out.extend(name.as_bytes());
        out.extend(data);
        let directory = (out.len() as u32).to_le_bytes();
        out.extend([CENTRAL, &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &sum, &size, &size, &length, &[0; 16]].concat());
        out.extend(name.as_bytes());
        let long = (46 + name.len() as u32).to_le_bytes();
        out.extend([END, &[0, 0, 0, 0, 1, 0, 1, 0], &long, &directory, &[0, 0]].concat());
        out
    }

    #[test]
    fn one_byte_changes_and_the_checksums_follow() {
        let before = zip("files/001-a.pdf", b"%PDF-1.7");
        let mut after = before.clone();
        let member = members(&before).expect("read").remove(0);
        assert_eq!(member.name, "files/001-a.pdf");
        assert_eq!(flip(&mut after, &member, true).expect("flipped"), 4);
        assert_eq!(after, zip("files/001-a.pdf", b"%PDF,1.7"));
    }

    #[test]
    fn without_mending_the_checksums_betray_it() {
        let before = zip("a", b"%PDF-1.7");
        let mut after = before.clone();
        flip(&mut after, &members(&before).expect("read")[0], false).expect("flipped");
        assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 1);
    }

    #[test]
    fn an_empty_member_and_half_an_archive_are_refused() {
        let empty = zip("a", b"");
        assert!(flip(&mut empty.clone(), &members(&empty).expect("read")[0], true).is_err());
        let whole = zip("a", b"data");
        assert!(members(&whole[..whole.len() - 30]).is_err());
    }
}
