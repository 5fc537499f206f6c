//! The thread: one turn after the other until the handles are gone or something has to stop it.

use super::commit::{Core, Failure, Proven};
use super::queue::{Job, Queue, Turn};
use super::take::{Relation, Taken};
use crate::storage::{NewLeaf, Storage};
use crate::submission::{Answer, Event, Receipt, Refusal};
use proof::{Hash, Index, TlogProof};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs until there is nothing more to come. `Err` says why it had to stop; the owner has been told by then.
pub(super) fn run<S: Storage>(mut core: Core<S>, mut queue: Queue<S::Parts>) -> Result<(), String>
where
    S::Parts: Default,
{
    loop {
        if let ControlFlow::Break(ended) = step(&mut core, &mut queue) {
            return ended;
        }
    }
}

/// One turn; a break says how it all ended. Whoever still waits then is refused by the drop of its reply, with the queue.
pub(super) fn step<S: Storage>(core: &mut Core<S>, queue: &mut Queue<S::Parts>) -> ControlFlow<Result<(), String>>
where
    S::Parts: Default,
{
    // A panic is a bug; what it leaves in memory is not trusted for another commit, and start-up decides.
    let turned = catch_unwind(AssertUnwindSafe(|| turn(core, queue)));
    let ended = match turned.unwrap_or_else(|_| Err("the sequencer's thread panicked".to_owned())) {
        Ok(ControlFlow::Continue(())) => return ControlFlow::Continue(()),
        Ok(ControlFlow::Break(())) => Ok(()),
        Err(why) => Err(why),
    };
    let why = ended.clone().err().unwrap_or_else(|| "it is closed".to_owned());
    let _ = queue.shared.stopped.set(why);
    if let Err(why) = &ended {
        (core.observer)(Event::Stopped(why.clone()));
    }
    ControlFlow::Break(ended)
}

fn turn<S: Storage>(core: &mut Core<S>, queue: &mut Queue<S::Parts>) -> Result<ControlFlow<()>, String>
where
    S::Parts: Default,
{
    let done = match queue.next() {
        Turn::End => return Ok(ControlFlow::Break(())),
        Turn::Batch(jobs) => core.batch(jobs),
        Turn::Seal(plan, token, reply) => match core.seal(&plan, &token) {
            Ok(answer) => {
                reply.answer(answer);
                Ok(())
            }
            Err(failure) => {
                reply.answer(Err(failure.refusal()));
                Err(failure)
            }
        },
    };
    match done {
        Ok(()) => {}
        Err(Failure::Retry(why)) => (core.observer)(Event::Retried(why)),
        Err(Failure::Stop(why)) => return Err(why),
    }
    Ok(ControlFlow::Continue(()))
}

impl<S: Storage> Core<S> {
    /// One batch: take, order, commit, answer. Whoever waits is answered or refused before this returns.
    fn batch(&mut self, jobs: Vec<Job<S::Parts>>) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut taken = self.take(jobs, now)?;
        if taken.is_empty() {
            return Ok(());
        }
        let at = self.next_time(now);
        let ordered = match self.order(std::mem::take(&mut taken.fresh), at) {
            Ok(ordered) => ordered,
            Err(failure) => {
                taken.refuse_all(&failure.refusal());
                return Err(failure);
            }
        };
        let drafts: Vec<Receipt> = ordered.leaves.iter().map(|(leaf, _)| draft(leaf)).collect();
        let slots = std::mem::take(&mut taken.slots);
        let puts = std::mem::take(&mut taken.puts);
        let committed = self.commit(ordered, puts, &mut |proven| taken.answer_all(&drafts, proven));
        if let Err(failure) = &committed {
            taken.refuse_all(&failure.refusal());
        } else {
            self.slots.extend(slots);
        }
        committed
    }
}

impl<P> Taken<P> {
    /// Answers everybody who waits; called again, there is nobody left.
    fn answer_all(&mut self, drafts: &[Receipt], proven: &Proven<'_>) {
        let mut proof =
            TlogProof { extra: None, index: Index(0), path: Vec::new(), checkpoint: proven.checkpoint.to_owned() };
        let mut text = |(draft, path): (&Receipt, &Vec<Hash>)| {
            (proof.index, proof.path) = (draft.index, path.clone());
            proof.write()
        };
        let texts: Vec<String> = drafts.iter().zip(proven.paths).map(&mut text).collect();
        for (place, relation, reply) in self.waiting.drain(..) {
            let receipt = drafts.get(place).zip(texts.get(place));
            let answer = receipt.map(|(draft, text)| {
                let receipt = Receipt { text: text.clone(), ..draft.clone() };
                match relation {
                    Relation::First => Answer::Logged(receipt),
                    Relation::Repeats => Answer::Repeated(receipt),
                    Relation::Duplicates => Answer::Duplicate(receipt),
                }
            });
            reply.answer(answer.ok_or_else(|| Refusal::Stopped("a leaf has no receipt".to_owned())));
        }
        self.states.drain(..).for_each(|reply| reply.answer(Ok(())));
    }
}

/// The receipt of a leaf, without its proof.
fn draft(leaf: &NewLeaf) -> Receipt {
    Receipt {
        index: leaf.index,
        sequence: leaf.sequence,
        id: leaf.id,
        tenant: leaf.tenant,
        record: leaf.record.clone(),
        text: String::new(),
    }
}
