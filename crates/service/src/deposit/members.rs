//! Members of a container, each to a spool of its own: what is shown later is never unpacked again.

use crate::app::Share;
use crate::problem::Problem;
use flow::MemberSink;
use std::io::{self, Write};
use store::{SpoolWriter, Spooled, Vault};

/// A member, whole.
pub(crate) struct Member {
    /// Place of its container among the files received.
    pub(crate) parent: usize,
    pub(crate) name: Vec<u8>,
    pub(crate) spooled: Spooled,
}

/// Receives members from the reading of a flow.
pub(crate) struct Members<'a> {
    vault: &'a Vault,
    share: Share,
    whole: Vec<Member>,
    current: Option<(usize, Vec<u8>, SpoolWriter)>,
    /// Why a member was not taken: the deposit must then be asked for again, not recorded without it.
    failed: Option<Problem>,
}

impl<'a> Members<'a> {
    pub(crate) fn new(vault: &'a Vault, share: Share) -> Self {
        Self { vault, share, whole: Vec::new(), current: None, failed: None }
    }

    /// Every member, and the memory they hold.
    pub(crate) fn end(self) -> Result<(Vec<Member>, Share), Problem> {
        match self.failed {
            Some(problem) => Err(problem),
            None => Ok((self.whole, self.share)),
        }
    }

    fn keep<T>(&mut self, done: Result<T, Problem>) -> io::Result<T> {
        done.map_err(|problem| {
            let code = problem.code();
            self.failed.get_or_insert(problem);
            io::Error::other(code)
        })
    }
}

impl MemberSink for Members<'_> {
    fn begin(&mut self, parent: usize, name: &[u8], _declared_size: u64) -> io::Result<()> {
        let spool = self.vault.spool().map_err(Problem::from);
        let writer = self.keep(spool)?;
        self.current = Some((parent, name.to_vec(), writer));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some((_, _, writer)) = &mut self.current else {
            return Err(io::Error::other("bytes outside a member"));
        };
        let inline = store::limits::INLINE_LIMIT;
        let before = writer.size().min(inline);
        let written = writer.write_all(bytes);
        let more = writer.size().min(inline) - before;
        let written =
            written.map_err(|error| Problem::from(store::VaultError::Io { action: "spool a member", source: error }));
        self.keep(written)?;
        let taken = self.share.take(more);
        self.keep(taken)
    }

    fn end(&mut self) -> io::Result<()> {
        let Some((parent, name, writer)) = self.current.take() else {
            return Err(io::Error::other("an end outside a member"));
        };
        let finished = writer.finish().map_err(Problem::from);
        let spooled = self.keep(finished)?;
        self.whole.push(Member { parent, name, spooled });
        Ok(())
    }
}
