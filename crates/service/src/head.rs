//! `/log/checkpoint`: the published head, a new one at most once a second, with the cosignatures it has so far.

use crate::app::App;
use crate::auth::not_found;
use crate::cosigning;
use crate::limits::HEAD_MILLIS;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::storage::Reader;
use proof::TreeSize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::StoreReads;
use tokio::sync::watch;

/// A head the world may know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Published {
    pub(crate) size: TreeSize,
    /// The signed note, with the log's own line only.
    pub(crate) note: Arc<str>,
}

/// The head as last shown to the world.
#[derive(Debug)]
pub(crate) struct Head {
    shown: Mutex<Shown>,
    tell: watch::Sender<Option<Published>>,
}

#[derive(Debug, Default)]
struct Shown {
    head: Option<(Instant, Published)>,
    /// The head planned for a seal; shown before any larger one.
    bound: Option<Published>,
    /// A seal is being planned: no newer head is shown meanwhile.
    paused: bool,
}

impl Default for Head {
    fn default() -> Self {
        Self { shown: Mutex::default(), tell: watch::channel(None).0 }
    }
}

/// No newer head is shown until this is dropped.
pub(crate) struct Paused<'a>(&'a Head);

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.0.shown().paused = false;
    }
}

impl Head {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head to show: the last one shown, until a second has passed.
    pub(crate) fn show(&self, reads: &StoreReads) -> Result<Option<Published>, Problem> {
        let mut shown = self.shown();
        let young = |at: &Instant| at.elapsed() < Duration::from_millis(HEAD_MILLIS);
        if let Some((_, head)) = shown.head.as_ref().filter(|(at, _)| shown.paused || young(at)) {
            return Ok(Some(head.clone()));
        }
        let head = newest(reads)?;
        self.set(&mut shown, head.clone());
        Ok(head)
    }

    /// A head published never becomes smaller: what is not larger is told of, and not shown.
    fn set(&self, shown: &mut Shown, head: Option<Published>) {
        let size = |head: Option<&Published>| head.map_or(TreeSize(0), |head| head.size);
        if size(head.as_ref()) < size(shown.head.as_ref().map(|(_, head)| head)) {
            self.tell.send_modify(|_| ());
            return;
        }
        shown.head = head.clone().map(|head| (Instant::now(), head));
        self.tell.send_if_modified(|told| {
            let changed = *told != head;
            *told = head;
            changed
        });
    }

    /// While a seal is planned no head is shown that could be larger than the one it will bind: a witness that has cosigned a
    /// larger head never cosigns a smaller one.
    pub(crate) fn pause(&self) -> Paused<'_> {
        self.shown().paused = true;
        Paused(self)
    }

    /// The head that a seal will bind is at hand for witnesses, and shown unless another was within the second; returns the one
    /// bound before. A start has shown none yet, and showed `newest` before it, perhaps: no smaller one is the first.
    pub(crate) fn bind(&self, head: Published, newest: Option<Published>) -> Option<Published> {
        let mut shown = self.shown();
        let before = shown.bound.replace(head.clone());
        match &shown.head {
            Some((at, _)) if at.elapsed() < Duration::from_millis(HEAD_MILLIS) => self.tell.send_modify(|_| ()),
            None => {
                let larger = newest.filter(|newest| newest.size > head.size);
                self.set(&mut shown, larger.or(Some(head)));
            }
            _ => self.set(&mut shown, Some(head)),
        }
        before
    }

    /// The head planned for a seal last.
    pub(crate) fn bound(&self) -> Option<Published> {
        self.shown().bound.clone()
    }

    /// Size of the head shown to the world: nothing beyond it leaves the house.
    pub(crate) fn size(&self, reads: &StoreReads) -> Result<TreeSize, Problem> {
        Ok(self.show(reads)?.map_or(TreeSize(0), |head| head.size))
    }

    /// Tells of each head as it is shown.
    pub(crate) fn follow(&self) -> watch::Receiver<Option<Published>> {
        self.tell.subscribe()
    }
}

/// The head of the store, once it is signed.
pub(crate) fn newest(reads: &StoreReads) -> Result<Option<Published>, Problem> {
    let head = reads.head()?.filter(|head| !head.checkpoint.is_empty());
    Ok(head.map(|head| Published { size: head.size, note: head.checkpoint.into() }))
}

/// The signed checkpoint (C2SP tlog-tiles), the log's own line first; public.
pub(crate) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let given = cosigning::given(&app)?.ok_or_else(not_found)?;
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, given.text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_published_never_becomes_smaller() {
        let of = |size| Published { size: TreeSize(size), note: "".into() };
        let head = Head::default();
        let old = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
        head.shown().head = Some((old, of(20)));
        let mut told = head.follow();
        told.borrow_and_update();
        let shown = |head: &Head| head.shown().head.clone().map(|(_, head)| head.size.0);
        assert_eq!(head.bind(of(10), None), None);
        assert_eq!((shown(&head), head.bound()), (Some(20), Some(of(10))), "at hand for witnesses, and not shown");
        assert!(told.has_changed().unwrap(), "witnesses are told");
        assert_eq!(head.bind(of(30), None), Some(of(10)));
        assert_eq!(shown(&head), Some(30));
        // Nothing shown yet by this start: what the store holds may have been shown by the one before.
        let started = Head::default();
        started.bind(of(10), Some(of(20)));
        assert_eq!(shown(&started), Some(20));
    }
}
