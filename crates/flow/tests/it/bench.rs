//! Hands files in memory to `flow::read`.

use std::io::{self, Read};

use flow::{Declared, Flow, Incoming, Limits, MemberSink};

/// What a sink received: parent, name, bytes.
#[derive(Default)]
pub struct Kept(pub Vec<(usize, Vec<u8>, Vec<u8>)>);

impl MemberSink for Kept {
    fn begin(&mut self, parent: usize, name: &[u8], _declared_size: u64) -> io::Result<()> {
        self.0.push((parent, name.to_vec(), Vec::new()));
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.last_mut().unwrap().2.extend_from_slice(bytes);
        Ok(())
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn read_into(
    files: &[(&[u8], &[u8])],
    declared: Declared,
    description: Option<&[u8]>,
    limits: &Limits,
    kept: &mut Kept,
) -> Flow {
    let mut opens: Vec<_> = files
        .iter()
        .map(|(_, bytes)| {
            let bytes: &[u8] = bytes;
            move || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.to_vec()))) }
        })
        .collect();
    let mut incoming: Vec<Incoming<'_>> = Vec::new();
    for ((name, bytes), open) in files.iter().zip(opens.iter_mut()) {
        incoming.push(Incoming { name, media_type: None, size: bytes.len() as u64, open });
    }
    flow::read(&mut incoming, declared, description, kept, (limits, &flow::NoJudge))
}

pub fn read(files: &[(&str, &[u8])], declared: Declared) -> Flow {
    let files: Vec<(&[u8], &[u8])> = files.iter().map(|(n, b)| (n.as_bytes(), *b)).collect();
    read_into(&files, declared, None, &Limits::default(), &mut Kept::default())
}

pub fn codes(flow: &Flow) -> Vec<&'static str> {
    flow.findings.iter().map(|f| f.code).collect()
}

/// Codes that change the outcome.
pub fn heavy(flow: &Flow) -> Vec<&'static str> {
    flow.findings.iter().filter(|f| f.severity > flow::Severity::Info).map(|f| f.code).collect()
}

/// The optional folder of real files, if it is there.
pub fn fixtures() -> Option<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder of real files at {}", folder.display());
    None
}
