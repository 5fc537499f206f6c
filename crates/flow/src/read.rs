//! Reading a deposit, step by step: description, first look at each file, recognition, story, members.

mod again;
mod damaged;
mod documents;
mod essential;
mod formats;
mod given;
mod inside;
mod sealed;
mod steps;
mod strays;
mod transfers;
mod unnamed;

use std::cell::{Cell, OnceCell};
use std::io::{self, Read};

use serde_json::Value;

pub(crate) use self::damaged::WORDS;
use self::sealed::{Manifest, Sealed};
use crate::codes::{self, Code, Fault, Faults};
use crate::container::Form;
use crate::facts::Story;
use crate::formats::{Sniffer, Tee};
use crate::limits::Limits;
use crate::look::{self, Reading, Seen};
use crate::model::{Declared, FileFacts, Flow, FlowKind, Incoming, MemberSink};
use crate::signed::SignatureJudge;
use crate::{actes, json, names, seda, tar};

/// What the files are and say. Findings, never errors.
///
/// Members of a container go to `members`, in archive order, only when the deposit is accepted as ACTES, PES, SEDA or essential data; any other
/// container stays opaque. Signatures inside documents are for `judge` to tell. Declared [`Declared::File`], nothing is opened. `Flow::files` has one element per incoming file, then one
/// per member given to `members`.
pub fn read(
    files: &mut [Incoming<'_>],
    declared: Declared,
    description: Option<&[u8]>,
    members: &mut dyn MemberSink,
    (limits, judge): (&Limits, &dyn SignatureJudge),
) -> Flow {
    // A transfer declared as such may be larger than what is looked into to find out.
    let of_transfers = (declared == Declared::Seda).then(|| limits.of_transfers());
    let limits = of_transfers.as_ref().unwrap_or(limits);
    let description = description.map(|bytes| (bytes, json::description(bytes, limits)));
    let manifest = description.as_ref().map(|(_, read)| read);
    let mut reading = Deposit::new(files, limits, judge);
    reading.names(files);
    if reading.faults.any(is_refusal) {
        return reading.told(FlowKind::File, description);
    }
    if declared == Declared::File {
        reading.types(files);
        return reading.told(FlowKind::File, description);
    }
    let told_by_manifest = match declared {
        Declared::Teleservice => Some(FlowKind::Teleservice),
        Declared::Dossier => Some(FlowKind::Dossier),
        Declared::Marches => Some(FlowKind::Marches),
        _ => None,
    };
    if let Some(kind) = told_by_manifest {
        reading.types(files);
        if kind == FlowKind::Marches {
            reading.essential(files, manifest);
        }
        reading.as_manifest(kind, manifest);
        reading.signed_files(kind, files, manifest);
        return reading.told(kind, description);
    }
    if declared == Declared::Seda {
        reading.as_seda(files);
        if !reading.faults.any(is_refusal) {
            reading.hand_over(files, members);
        }
        reading.unread_manifest(manifest);
        return reading.told(FlowKind::Seda, description);
    }
    let sealed = Sealed::perhaps(manifest, &reading.names);
    for (index, file) in files.iter_mut().enumerate() {
        reading.look_unless(&sealed, index, file);
    }
    let kind = reading.recognised(declared, files);
    match kind {
        FlowKind::File | FlowKind::Teleservice | FlowKind::Dossier => reading.as_files(),
        FlowKind::Marches => reading.as_essential(),
        FlowKind::Actes => reading.as_actes(),
        FlowKind::Pes => reading.as_pes(),
        FlowKind::Seda => reading.as_seda(files),
    }
    if !reading.faults.any(is_refusal) {
        reading.signed_documents(files);
        if kind == FlowKind::File {
            reading.damaged_transfers(files);
            reading.unread_versions();
        } else {
            reading.hand_over(files, members);
        }
    }
    reading.unread_manifest(manifest);
    reading.told(kind, description)
}

fn is_refusal(code: &Code) -> bool {
    code.severity() == crate::Severity::Refusal
}

/// What happens to one file when it is opened.
enum Opened {
    /// An archive that is looked into.
    Container(Form),
    /// Anything else, with its first bytes.
    Plain(Vec<u8>),
}

struct Deposit<'l> {
    limits: &'l Limits,
    judge: &'l dyn SignatureJudge,
    faults: Faults,
    /// The readings of the incoming names.
    names: Vec<String>,
    /// The media types that were declared.
    declared_types: Vec<Option<String>>,
    sizes: Vec<u64>,
    files: Vec<FileFacts>,
    /// The format, of those that are archives looked into.
    containers: Vec<Option<Form>>,
    /// Of those that begin as a zip, whether the directory can be read.
    zips: Vec<Option<bool>>,
    seen: Vec<Seen>,
    /// For each file seen that is no member, its incoming file.
    incoming_of: Vec<Option<usize>>,
    xml_left: u64,
    /// Of flows of PES that are longer than what is read of other XML.
    pes_left: u64,
    /// Of documents that are read again for the signatures beside them.
    again_left: Cell<u64>,
    /// The files by the names that documents of ACTES announce, once they are asked for.
    announced: OnceCell<actes::signatures::Names>,
    /// Of what is packed once more than the archive it lies in.
    inflated_left: u64,
    story: Option<Story>,
    /// The rules that a transfer of SEDA names.
    rules: Vec<seda::RuleSaid>,
}

impl<'l> Deposit<'l> {
    fn new(files: &[Incoming<'_>], limits: &'l Limits, judge: &'l dyn SignatureJudge) -> Deposit<'l> {
        let facts = |f: &Incoming<'_>| FileFacts {
            media_type: look::media_type(b"", &names::reading(f.name)).to_owned(),
            role: "fichier",
            format: None,
        };
        Deposit {
            limits,
            judge,
            faults: Faults::default(),
            names: files.iter().map(|f| names::reading(f.name)).collect(),
            declared_types: files.iter().map(|f| f.media_type.map(str::to_owned)).collect(),
            sizes: files.iter().map(|f| f.size).collect(),
            files: files.iter().map(facts).collect(),
            containers: vec![None; files.len()],
            zips: vec![None; files.len()],
            seen: Vec::new(),
            incoming_of: Vec::new(),
            xml_left: limits.xml_total_bytes,
            pes_left: limits.pes_total_bytes,
            again_left: Cell::new(limits.beside_bytes),
            announced: OnceCell::new(),
            inflated_left: limits.inflated_bytes,
            story: None,
            rules: Vec::new(),
        }
    }

    /// Step 1: the number of files and their names.
    fn names(&mut self, files: &[Incoming<'_>]) {
        if files.is_empty() {
            self.faults.push(Fault::new(&codes::NOTHING_DEPOSITED, ""));
        }
        if files.len() > self.limits.files {
            let fault = Fault::new(&codes::TOO_MANY_FILES, "");
            self.faults.push(fault.with(files.len()).with(self.limits.files));
        }
        let mut met = std::collections::HashSet::new();
        for (file, name) in files.iter().zip(&self.names) {
            if file.name.len() > self.limits.name_bytes {
                let fault = Fault::new(&codes::FILE_NAME_TOO_LONG, name);
                self.faults.push(fault.with(file.name.len()).with(self.limits.name_bytes));
            } else if let Some(why) = names::defect(file.name).or(file.name.contains(&b'/').then_some("/")) {
                self.faults.push(Fault::new(&codes::FILE_NAME_UNUSUAL, name).with(why));
            }
            if !met.insert(file.name) {
                self.faults.push(Fault::new(&codes::FILE_NAME_TWICE, name));
            }
            if file.size == 0 {
                self.faults.push(Fault::new(&codes::FILE_EMPTY, name));
            }
        }
    }

    fn unreadable(&mut self, index: usize, error: &io::Error) {
        let name = self.names[index].clone();
        self.faults.push(Fault::new(&codes::UNREADABLE, name).with_words(codes::system_cause(error)));
    }

    /// Step 2, files that are not to be opened: their types only.
    fn types(&mut self, files: &mut [Incoming<'_>]) {
        for (index, file) in files.iter_mut().enumerate() {
            if let Err(error) = self.type_of(index, file) {
                self.unreadable(index, &error);
            }
        }
    }

    /// Step 2: the same, of what is no bid.
    fn look_unless(&mut self, sealed: &Sealed, index: usize, file: &mut Incoming<'_>) {
        if !sealed.holds(&self.names[index]) {
            return self.look(index, file);
        }
        if let Err(error) = self.type_of(index, file) {
            self.unreadable(index, &error);
        }
    }

    /// Step 2: a first look at one file, and at its members when it is a container.
    fn look(&mut self, index: usize, file: &mut Incoming<'_>) {
        let outcome = match self.opened(index, file) {
            Ok(Opened::Container(form)) => {
                self.containers[index] = Some(form);
                self.look_inside(index, file, form);
                Ok(())
            }
            Ok(Opened::Plain(head)) => self.look_at(index, file, head),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.unreadable(index, &error);
        }
    }

    fn look_at(&mut self, index: usize, file: &mut Incoming<'_>, head: Vec<u8>) -> io::Result<()> {
        let mut reader = (file.open)()?;
        io::copy(&mut (&mut reader).take(head.len() as u64), &mut io::sink())?;
        let name = self.names[index].clone();
        let seen = self.glance(None, name, head, &mut reader, file.size)?;
        self.files[index].format = seen.format;
        self.files[index].media_type.clone_from(&seen.media_type);
        self.seen.push(seen);
        self.incoming_of.push(Some(index));
        Ok(())
    }

    fn glance(
        &mut self,
        parent: Option<usize>,
        name: String,
        head: Vec<u8>,
        rest: &mut dyn Read,
        size: u64,
    ) -> io::Result<Seen> {
        let limits = Limits {
            xml_bytes: self.limits.xml_bytes.min(self.xml_left),
            pes_bytes: self.limits.pes_bytes.min(self.pes_left),
            inflated_bytes: self.inflated_left,
            ..self.limits.clone()
        };
        let is_packed = tar::Packing::of(&head).is_some();
        let mut sniffer = Sniffer::new();
        sniffer.take(&head);
        let mut tee = Tee { inner: &mut *rest, sniffer: &mut sniffer };
        let looked = look::look(&name, head, &mut tee, size, (&limits, self.judge))?;
        sniffer.rest(rest)?;
        let format = sniffer.format();
        let (reading, begun, size) = (looked.reading, looked.begun, looked.size);
        let media_type = look::media_of(format.as_ref(), looked.media);
        if is_packed && !matches!(reading, Reading::NotXml) {
            self.inflated_left = self.inflated_left.saturating_sub(size);
        }
        let is_xml = matches!(
            reading,
            Reading::Actes(..)
                | Reading::Pes(..)
                | Reading::Seda
                | Reading::OtherSeda(_)
                | Reading::OtherXml
                | Reading::Fault(_)
        );
        if size > limits.xml_bytes && matches!(reading, Reading::Pes(..) | Reading::Fault(_)) {
            self.pes_left = self.pes_left.saturating_sub(size);
        } else if is_xml || matches!(reading, Reading::Decp(..) | Reading::SignedXml(_)) {
            self.xml_left = self.xml_left.saturating_sub(size);
        }
        Ok(Seen { parent, name, media_type, format, reading, begun })
    }

    /// What the story says, and what each file is in it.
    fn keep(&mut self, story: Story) {
        // Of an incomplete reading nothing more is said than why.
        if !self.faults.any(is_refusal) {
            self.faults.append(&story.faults);
        }
        for (parent, _) in self.containers.iter().enumerate().filter(|(_, c)| c.is_some()) {
            self.files[parent].role = "archive";
        }
        for (role, incoming) in story.roles.iter().zip(&self.incoming_of) {
            if let Some(index) = incoming {
                self.files[*index].role = role;
            }
        }
        self.story = Some(story);
    }

    /// The flow, with the description in its facts.
    fn told(mut self, kind: FlowKind, description: Option<(&[u8], Manifest)>) -> Flow {
        let manifest = description.as_ref().filter(|_| kind == FlowKind::Marches).map(|(_, read)| read);
        let formats = self.formats(kind, &Sealed::of(manifest, &self.names));
        let (mut facts, identifiers, message) = match self.story {
            Some(story) => (story.facts, story.identifiers, story.message),
            None => Default::default(),
        };
        facts.extend(formats.map(|formats| ("formats".to_owned(), formats)));
        match description {
            Some((bytes, Ok(map))) => {
                let value = Value::Object(map);
                // A canonical record sorts its keys by byte and holds only ASCII ones: other keys travel as text.
                if json::has_plain_keys(&value) {
                    facts.insert("description".to_owned(), value);
                } else {
                    facts.insert("description_text".to_owned(), Value::from(names::reading(bytes)));
                }
            }
            Some((_, Err(fault))) => self.faults.push(fault),
            None if kind == FlowKind::File && !self.faults.any(is_refusal) => {
                self.faults.push(Fault::new(&codes::DESCRIPTION_ABSENT, ""))
            }
            None => {}
        }
        Flow {
            kind,
            facts,
            findings: self.faults.into_findings(),
            identifiers,
            message,
            files: self.files,
            rules: self.rules,
        }
    }
}
