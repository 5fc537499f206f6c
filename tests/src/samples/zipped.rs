//! A zip, written member after member without compression: the same bytes each time.

/// A zip of these files, stored.
pub fn zipped<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let short = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    let long = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    for (name, body) in files {
        let (name, body) = (name.as_ref(), body.as_ref());
        let mut crc = flate2::Crc::new();
        crc.update(body);
        let mut common = [20_u16, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
        common.extend([crc.sum().to_le_bytes(), long(body.len()), long(body.len())].concat());
        common.extend(short(name.len()));
        common.extend([0, 0]);
        let offset = long(bytes.len());
        bytes.extend([b"PK\x03\x04".as_slice(), &common[..], name.as_bytes(), body].concat());
        directory.extend([b"PK\x01\x02\x14\0".as_slice(), &common[..], &[0; 10], &offset, name.as_bytes()].concat());
    }
    let (count, start) = (short(files.len()), long(bytes.len()));
    bytes.extend(&directory);
    let end = [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &long(directory.len()), &start, &[0; 2]];
    bytes.extend(end.concat());
    bytes
}
