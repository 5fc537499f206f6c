//! A transfer in two passes over what was handed in: the first finds the bordereau and reads it, the second holds every file against
//! it. Nothing is kept of a file but its digest.

use crate::codes::{self, Fault, Faults};
use crate::container::{self, Damage, Form};
use crate::facts::{Facts, Story};
use crate::formats::{self, Format, Sniffer};
use crate::limits::Limits;
use crate::look::{self, Reading, Seen};
use crate::model::Incoming;
use crate::names::{last_component, reading};
use crate::seda::content::Content;
use crate::seda::referential::RuleSaid;
use crate::seda::transfer::{Keep, Transfer};
use crate::seda::{control, is_bordereau_name, manifest};
use crate::xml::within;
use crate::zip;

/// What came of it.
pub(crate) struct Read {
    /// For each incoming file, its format when it is an archive.
    pub(crate) forms: Vec<Option<Form>>,
    /// The media type of each incoming file.
    pub(crate) media_types: Vec<String>,
    /// The format of each that is an archive looked into.
    pub(crate) formats: Vec<Option<Format>>,
    /// The files and members, in the order in which members are handed over.
    pub(crate) seen: Vec<Seen>,
    /// For each of them that is no member, its incoming file.
    pub(crate) incoming_of: Vec<Option<usize>>,
    pub(crate) story: Story,
    /// The rules that the transfer names.
    pub(crate) rules: Vec<RuleSaid>,
}

impl Read {
    /// Nothing yet of files with these names.
    fn nothing(names: &[String]) -> Read {
        Read {
            forms: vec![None; names.len()],
            media_types: names.iter().map(|name| look::media_type(b"", name).to_owned()).collect(),
            formats: vec![None; names.len()],
            seen: Vec::new(),
            incoming_of: Vec::new(),
            story: Story::of_faults(Faults::default()),
            rules: Vec::new(),
        }
    }
}

/// Where a bordereau stands: the incoming file, and its name inside when that is an archive.
#[derive(Clone, PartialEq, Eq)]
struct Where {
    incoming: usize,
    member: Option<String>,
}

/// What came of the files that may be the bordereau.
struct Found {
    keep: Keep,
    transfers: Vec<(Where, Transfer)>,
    /// Why others are none; what is named as a bordereau counts more.
    faults: Vec<(bool, Fault)>,
    /// What the archives themselves are blamed for.
    containers: Faults,
}

/// The transfer that the one bordereau among these files tells, with its whole tree, without what came with it.
///
/// # Errors
/// The first reason for which there is none.
pub(crate) fn transfer(files: &mut [Incoming<'_>], names: &[String], limits: &Limits) -> Result<Transfer, Fault> {
    let (mut read, mut found) = (Read::nothing(names), Found::keeping(Keep::All));
    for (index, file) in files.iter_mut().enumerate() {
        look_for(index, file, names, limits, (&mut read, &mut found))?;
    }
    found.chosen(names).map(|(_, transfer)| transfer)
}

/// Hands over the bytes of the one bordereau among these files.
///
/// # Errors
/// Why there is none, or it cannot be read.
pub(crate) fn bordereau(
    files: &mut [Incoming<'_>],
    names: &[String],
    limits: &Limits,
    visit: &mut dyn FnMut(&mut dyn std::io::Read) -> std::io::Result<()>,
) -> Result<(), Fault> {
    let (mut read, mut found) = (Read::nothing(names), Found::keeping(Keep::First));
    for (index, file) in files.iter_mut().enumerate() {
        look_for(index, file, names, limits, (&mut read, &mut found))?;
    }
    let (place, _) = found.chosen(names)?;
    let (file, name) = (&mut files[place.incoming], names[place.incoming].as_str());
    let unreadable =
        |error: std::io::Error| Fault::new(&codes::UNREADABLE, name).with_words(codes::system_cause(&error));
    let (Some(form), Some(wanted)) = (read.forms[place.incoming], &place.member) else {
        return visit(&mut (file.open)().map_err(unreadable)?).map_err(unreadable);
    };
    let walked = container::walk(file.open, (form, file.size), name, limits, &mut |member, reader| {
        if reading(member.name) == *wanted { visit(reader).map_err(unreadable) } else { Ok(()) }
    });
    walked.map(|_| ()).map_err(|fault| placed(fault, name))
}

/// Reads a transfer from what was handed in.
pub(crate) fn read(files: &mut [Incoming<'_>], names: &[String], limits: &Limits) -> Read {
    let (mut read, mut found) = (Read::nothing(names), Found::keeping(Keep::First));
    for (index, file) in files.iter_mut().enumerate() {
        if let Err(fault) = look_for(index, file, names, limits, (&mut read, &mut found)) {
            found.containers.push(fault);
        }
    }
    let mut faults = std::mem::take(&mut found.containers);
    if faults.any(|code| code.severity() == crate::Severity::Refusal) {
        read.story = Story::of_faults(faults);
        return read;
    }
    match found.chosen(names) {
        Ok((place, transfer)) => {
            let story = second_pass(files, names, limits, &mut read, (&place, &transfer), faults);
            read.story = story;
        }
        Err(fault) => {
            faults.push(fault);
            read.story = Story::of_faults(faults);
        }
    }
    read
}

impl Found {
    /// Nothing yet.
    fn keeping(keep: Keep) -> Found {
        Found { keep, transfers: Vec::new(), faults: Vec::new(), containers: Faults::default() }
    }

    /// The one bordereau.
    fn chosen(mut self, names: &[String]) -> Result<(Where, Transfer), Fault> {
        match (self.transfers.pop(), self.transfers.len()) {
            (Some(one), 0) => Ok(one),
            (Some((place, _)), others) => {
                Err(Fault::new(&codes::SEDA_MANIFESTS_SEVERAL, place.shown(names)).with(others + 1))
            }
            (None, _) => {
                self.faults.sort_by_key(|(named, _)| !named);
                let first = names.first().map_or("", String::as_str);
                let why = self.faults.into_iter().next().map(|(_, fault)| fault);
                Err(why.unwrap_or_else(|| Fault::new(&codes::SEDA_MANIFEST_MISSING, first)))
            }
        }
    }

    /// One more file that may be the bordereau.
    fn candidate(&mut self, place: Where, names: &[String], limits: &Limits, reader: &mut dyn std::io::Read) {
        // Two are one too many; more would only cost memory.
        if self.transfers.len() > 1 {
            return;
        }
        let shown = place.shown(names);
        match manifest::read(reader, &shown, limits, self.keep) {
            Ok(transfer) => self.transfers.push((place, transfer)),
            Err(fault) => {
                let named = is_bordereau_name(place.member.as_deref().unwrap_or(&names[place.incoming]));
                self.faults.push((named, fault));
            }
        }
    }
}

impl Where {
    fn shown(&self, names: &[String]) -> String {
        self.member.clone().unwrap_or_else(|| names.get(self.incoming).cloned().unwrap_or_default())
    }
}

/// What every office document holds at its root.
fn is_office(file: &mut Incoming<'_>, limits: &Limits) -> bool {
    let names = zip::names(file.open, file.size, limits).unwrap_or_default();
    names.iter().any(|name| matches!(name.as_str(), "[Content_Types].xml" | "mimetype"))
}

/// XML by its name, at the root of its archive.
fn may_be_bordereau(name: &str) -> bool {
    !name.contains('/') && name.len() >= 4 && name.as_bytes()[name.len() - 4..].eq_ignore_ascii_case(b".xml")
}

/// First pass over one file.
fn look_for(
    index: usize,
    file: &mut Incoming<'_>,
    names: &[String],
    limits: &Limits,
    (read, found): (&mut Read, &mut Found),
) -> Result<(), Fault> {
    let name = names[index].as_str();
    let unreadable =
        |error: std::io::Error| Fault::new(&codes::UNREADABLE, name).with_words(codes::system_cause(&error));
    let head = look::head(&mut (file.open)().map_err(unreadable)?).map_err(unreadable)?;
    look::media_type(&head, name).clone_into(&mut read.media_types[index]);
    let form = container::form(&head, name, file.open).map_err(unreadable)?;

    // An office document is a zip too, and one of the files of an object. Its name says nothing.
    let office = form == Some(Form::Zip) && is_office(file, limits);
    let Some(form) = form.filter(|_| !office) else {
        if may_be_bordereau(last_component(name)) || head.trim_ascii_start().starts_with(b"<?xml") {
            let mut reader = (file.open)().map_err(unreadable)?;
            found.candidate(Where { incoming: index, member: None }, names, limits, &mut reader);
        }
        return Ok(());
    };
    read.forms[index] = Some(form);
    read.formats[index] = formats::of_head(&head);
    if form == Form::Tar(crate::tar::Packing::Plain) {
        "application/x-tar".clone_into(&mut read.media_types[index]);
    }
    let walked = container::walk(file.open, (form, file.size), name, limits, &mut |member, reader| {
        let inside = reading(member.name);
        if may_be_bordereau(&inside) {
            found.candidate(Where { incoming: index, member: Some(inside) }, names, limits, reader);
        }
        Ok(())
    });
    match walked {
        Ok(true) => Ok(()),
        Ok(false) => Err(Fault::new(&codes::CONTAINER_NO_END, name)),
        Err(fault) => Err(placed(fault, name)),
    }
}

/// The fault of an archive, with the name of the archive before that of the member.
fn placed(fault: Fault, archive: &str) -> Fault {
    if fault.place.is_empty() || fault.place == archive {
        return fault.at(archive);
    }
    let inside = within(archive, &fault.place);
    fault.at(inside)
}

/// Second pass: every file against the bordereau; then the story.
fn second_pass(
    files: &mut [Incoming<'_>],
    names: &[String],
    limits: &Limits,
    read: &mut Read,
    (bordereau, transfer): (&Where, &Transfer),
    mut faults: Faults,
) -> Story {
    let place = bordereau.shown(names);
    faults.append(&transfer.faults);
    let (held, rules) = control::control(transfer, &place, limits);
    faults.append(&held);
    read.rules = rules;
    let mut content = Content::new(transfer, &place);
    let mut roles = Vec::new();
    for (index, file) in files.iter_mut().enumerate() {
        if let Err(fault) = hold(index, file, &names[index], limits, read, (bordereau, &mut content, &mut roles)) {
            faults.push(fault);
        }
    }
    content.finished(bordereau.member.is_some());
    faults.append(&content.faults);
    let mut facts = Facts::new(limits);
    facts.transfer(transfer, content.bytes);
    faults.append(&facts.faults);
    Story {
        facts: facts.map,
        faults,
        identifiers: super::facts::identifiers(transfer, limits),
        message: Some("ArchiveTransfer".to_owned()),
        roles,
    }
}

/// Second pass over one file.
fn hold(
    index: usize,
    file: &mut Incoming<'_>,
    name: &str,
    limits: &Limits,
    read: &mut Read,
    (bordereau, content, roles): (&Where, &mut Content<'_>, &mut Vec<&'static str>),
) -> Result<(), Fault> {
    let unreadable =
        |error: std::io::Error| Fault::new(&codes::UNREADABLE, name).with_words(codes::system_cause(&error));
    let seen = |parent, name: String, (media_type, format)| Seen {
        parent,
        name,
        media_type,
        format,
        reading: Reading::NotXml,
        begun: None,
    };
    // An archive that is an object itself is a file like others.
    if bordereau.incoming != index && content.announces(name) {
        read.forms[index] = None;
    }
    let Some(form) = read.forms[index] else {
        let here = Where { incoming: index, member: None };
        let mut reader = (file.open)().map_err(unreadable)?;
        let (media_type, format, role) = if *bordereau == here {
            let (media_type, format) = of_bordereau(name, &mut reader).map_err(unreadable)?;
            (media_type, format, "bordereau")
        } else {
            content.file(name, (name, true), &mut reader).map_err(unreadable)?
        };
        read.seen.push(seen(None, name.to_owned(), (media_type, format)));
        read.incoming_of.push(Some(index));
        roles.push(role);
        return Ok(());
    };
    let walked = container::walk(file.open, (form, file.size), name, limits, &mut |member, reader| {
        let inside = reading(member.name);
        let damaged = |error: std::io::Error| Damage::of(&error).fault(name, (&inside, None), error);
        let (media_type, format, role) = if bordereau.incoming == index && bordereau.member.as_deref() == Some(&*inside)
        {
            let (media_type, format) = of_bordereau(&inside, reader).map_err(damaged)?;
            std::io::copy(reader, &mut std::io::sink()).map_err(damaged)?;
            (media_type, format, "bordereau")
        } else {
            content.file(&inside, (&within(name, &inside), false), reader).map_err(damaged)?
        };
        read.seen.push(seen(Some(index), inside, (media_type, format)));
        read.incoming_of.push(None);
        roles.push(role);
        Ok(())
    });
    walked.map(|_| ()).map_err(|fault| placed(fault, name))
}

/// The media type and the format of a bordereau, by its beginning.
fn of_bordereau(name: &str, reader: &mut dyn std::io::Read) -> std::io::Result<(String, Option<Format>)> {
    let head = look::head(reader)?;
    let mut sniffer = Sniffer::new();
    sniffer.take(&head);
    sniffer.rest(reader)?;
    Ok((look::media_type(&head, name).to_owned(), sniffer.format()))
}
