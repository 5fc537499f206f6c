//! Steps of the reading that look inside archives: whether a file is one, what its members are, and the members to whoever keeps them.

use std::io::{self, Read};

use super::damaged::tells_a_flow;
use super::{Deposit, Opened};
use crate::actes::name;
use crate::codes::{self, Fault};
use crate::container::{self, Damage, Form};
use crate::model::{FileFacts, Incoming, MemberSink};
use crate::{formats, look, names, tar, zip};

impl Deposit<'_> {
    pub(super) fn opened(&mut self, index: usize, file: &mut Incoming<'_>) -> io::Result<Opened> {
        let head = look::head(&mut (file.open)()?)?;
        look::media_type(&head, &self.names[index]).clone_into(&mut self.files[index].media_type);
        let form = match container::form(&head, &self.names[index], file.open)? {
            None => container::alone(&head, &self.names[index], file.open)?,
            form => form,
        };
        let form = form.filter(|form| *form != Form::Zip || self.holds_a_flow(index, file));
        self.files[index].format = form.and_then(|_| formats::of_head(&head));
        if form == Some(Form::Tar(tar::Packing::Plain)) {
            "application/x-tar".clone_into(&mut self.files[index].media_type);
        }
        Ok(form.map_or(Opened::Plain(head), Opened::Container))
    }

    /// Most zips are documents, and stay opaque: only one whose directory names a bordereau of SEDA, an envelope or a message of ACTES, or in which
    /// something begins like a message or a PES, whatever it is called, is looked into.
    fn holds_a_flow(&mut self, index: usize, file: &mut Incoming<'_>) -> bool {
        let names = zip::names(file.open, file.size, self.limits);
        self.zips[index] = Some(names.is_some());
        let names = names.unwrap_or_default();
        self.archives_inside(index, &names);
        let told = names.iter().any(|member| tells_a_flow(member));
        told || zip::holds_a_flow(file.open, file.size, self.limits)
    }

    /// Archives of envelopes among the members of an archive: they are not opened, and that is said.
    fn archives_inside(&mut self, index: usize, names: &[String]) {
        let place = &self.names[index];
        let archives = names.iter().filter(|name| name::envelope(name).is_some_and(|envelope| envelope.archive));
        self.faults.extend(archives.map(|name| Fault::new(&codes::CONTAINER_INSIDE, place).with(name)));
    }

    /// Step 3, of a deposit declared to be a flow, in which none was found: archives that cannot be read, each with why. It may be in one of them.
    pub(super) fn damaged_archives(&mut self, files: &mut [Incoming<'_>]) {
        for (index, file) in files.iter_mut().enumerate() {
            if self.containers[index].is_some() || !self.is_archive(index) {
                continue;
            }
            let place = self.names[index].clone();
            if self.zips[index] == Some(false) {
                self.look_inside(index, file, Form::Zip);
                continue;
            }
            let head = (file.open)().and_then(|mut reader| look::head(&mut reader)).unwrap_or_default();
            if let Some(packing) = tar::Packing::of(&head) {
                self.faults.extend(tar::alone(file.open, packing, &place, self.limits, &mut |_, _| Ok(())).err());
            } else if self.zips[index].is_none() && self.files[index].format.is_none() {
                let begins: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
                self.faults.push(Damage::NoArchive.fault(&place, ("", Some(0)), begins.join(" ")));
            }
        }
    }

    fn is_archive(&self, index: usize) -> bool {
        self.zips[index].is_some() || container::is_named_archive(&self.names[index])
    }

    pub(super) fn look_inside(&mut self, index: usize, file: &mut Incoming<'_>, form: Form) {
        let place = self.names[index].clone();
        let limits = self.limits;
        if matches!(form, Form::Alone(_)) && tar::is_nameless(&place) {
            self.faults.push(Fault::new(&codes::CONTAINER_NAMELESS, &place).with(tar::NAMELESS));
        }
        let walked = container::walk(file.open, (form, file.size), &place, limits, &mut |member, reader| {
            let name = names::reading(member.name);
            let read = |e: io::Error| Damage::of(&e).fault(&place, (&names::reading(member.name), None), e);
            let head = look::head(reader).map_err(read)?;
            let seen = self.glance(Some(index), name, head, reader, member.size).map_err(read)?;
            self.seen.push(seen);
            self.incoming_of.push(None);
            Ok(())
        });
        if form != Form::Zip {
            let members = self.seen.iter().filter(|seen| seen.parent == Some(index));
            let names: Vec<String> = members.map(|seen| seen.name.clone()).collect();
            self.archives_inside(index, &names);
        }
        match walked {
            Ok(true) => {}
            Ok(false) => self.faults.push(Fault::new(&codes::CONTAINER_NO_END, &place)),
            Err(fault) if fault.place.is_empty() || fault.place == place => self.faults.push(fault.at(place)),
            Err(fault) => {
                let inside = crate::xml::within(&place, &fault.place);
                self.faults.push(fault.at(inside));
            }
        }
    }

    /// Step 5: the members, read a last time, to whoever keeps them.
    pub(super) fn hand_over(&mut self, files: &mut [Incoming<'_>], members: &mut dyn MemberSink) {
        let roles = self.story.as_ref().map(|s| s.roles.as_slice()).unwrap_or_default();
        let of_members = self.seen.iter().zip(roles).filter(|(seen, _)| seen.parent.is_some());
        self.files.extend(of_members.map(|(seen, role)| FileFacts {
            media_type: seen.media_type.clone(),
            role,
            format: seen.format,
        }));
        for (index, file) in files.iter_mut().enumerate() {
            let Some(form) = self.containers[index] else {
                continue;
            };
            let place = &self.names[index];
            let handed = container::walk(file.open, (form, file.size), place, self.limits, &mut |member, reader| {
                copy_member(index, member, reader, members)
                    .map_err(|error| Fault::new(&codes::MEMBERS_NOT_KEPT, names::reading(member.name)).with(error))
            });
            if let Err(fault) = handed {
                self.faults.push(fault);
                return;
            }
        }
    }
}

fn copy_member(
    parent: usize,
    member: &container::Member<'_>,
    reader: &mut dyn Read,
    members: &mut dyn MemberSink,
) -> io::Result<()> {
    members.begin(parent, member.name, member.size)?;
    let mut buffer = [0; 32 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return members.end(),
            Ok(n) => members.write(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
