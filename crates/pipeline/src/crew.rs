//! A large object, read by several threads.
//!
//! One thread reads and unpacks the object and cuts it into pieces; helpers make documents of
//! them, and the first hands those on in the order of the records. So an object comes out as it
//! would of one thread, record by record.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use yagura_codec::{Failure, Piece, Position, Receive, Record, Settled};
use yagura_model::Arena;

use crate::enrich::Lookups;
use crate::pipeline::Pipeline;
use crate::recorded::Recorded;

/// Pieces that wait or are ready for each helper at most, beside the one it reads. There is one thread
/// more than processors: with fewer pieces all of them wait for one that the system lets wait.
const PIECES_AHEAD: usize = 3;

/// Processors that have nothing else to do; workers take them for large objects.
#[derive(Debug, Clone, Default)]
pub struct SpareProcessors(Arc<AtomicUsize>);

impl SpareProcessors {
    /// So many processors are spare.
    pub fn new(count: usize) -> Self {
        SpareProcessors(Arc::new(AtomicUsize::new(count)))
    }

    /// One more has nothing to do.
    pub fn give(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes one, if there is any.
    fn take(&self) -> bool {
        let (done, seen) = (Ordering::AcqRel, Ordering::Relaxed);
        let taken = self
            .0
            .fetch_update(done, seen, |count| count.checked_sub(1));
        taken.is_ok()
    }
}

/// Pieces on their way to helpers and back.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// A piece waits, or there will be no more.
    has_work: Condvar,
    /// A piece was read.
    has_done: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(u64, Arc<Piece>)>,
    done: BTreeMap<u64, Recorded>,
    /// Memory for what comes of pieces.
    free: Vec<Recorded>,
    is_closed: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, number: u64, piece: Arc<Piece>) {
        self.state().waiting.push_back((number, piece));
        self.has_work.notify_one();
    }

    /// The next piece to read, with memory for what comes of it; `None` if there are no more.
    fn next(&self) -> Option<(u64, Arc<Piece>, Recorded)> {
        let mut state = self.state();
        loop {
            if let Some((number, piece)) = state.waiting.pop_front() {
                let recorded = state.free.pop().unwrap_or_default();
                return Some((number, piece, recorded));
            }
            if state.is_closed {
                return None;
            }
            let woken = self.has_work.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, number: u64, recorded: Recorded) {
        self.state().done.insert(number, recorded);
        self.has_done.notify_one();
    }

    /// What came of a piece, as soon as it is read.
    fn wait_for(&self, number: u64) -> Recorded {
        let mut state = self.state();
        loop {
            if let Some(recorded) = state.done.remove(&number) {
                return recorded;
            }
            let woken = self.has_done.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, mut recorded: Recorded) {
        recorded.clear();
        self.state().free.push(recorded);
    }

    /// There will be no more pieces, and those that wait need not be read.
    fn close(&self) {
        let mut state = self.state();
        state.waiting.clear();
        state.is_closed = true;
        self.has_work.notify_all();
    }
}

/// What a helper begins with.
pub(crate) trait Help: Sync {
    /// Reads pieces until there are no more.
    fn help(&self, queue: &Queue, lookups: &mut dyn Lookups);
}

/// Lets a helper read every piece that comes; what it does not get to the end of, for whatever
/// reason, is told as not read.
pub(crate) fn read_pieces(queue: &Queue, mut read: impl FnMut(&Piece, &mut Recorded)) {
    while let Some((number, piece, mut recorded)) = queue.next() {
        // The thread that waits must not wait for ever, so a panic ends here. The piece is
        // read again by that thread, which then ends as it would have without helpers.
        if catch_unwind(AssertUnwindSafe(|| read(&piece, &mut recorded))).is_err() {
            recorded.end = None;
        }
        queue.finish(number, recorded);
    }
}

/// Reads an object into the pipeline, with helpers as soon as there are spare processors.
pub(crate) fn with_crew<T>(
    help: &dyn Help,
    spare: &SpareProcessors,
    pipeline: &mut Pipeline<'_>,
    read: impl FnOnce(&mut dyn Receive) -> T,
) -> T {
    let queue = Queue::default();
    std::thread::scope(|scope| {
        let crew = Crew {
            scope,
            queue: &queue,
            help,
            spare,
            taken: 0,
            helpers: 0,
            given: 0,
            ahead: VecDeque::new(),
            settled: Settled::default(),
        };
        read(&mut Crewed { pipeline, crew })
    })
}

/// The helpers of the thread that reads an object.
struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    queue: &'env Queue,
    help: &'env dyn Help,
    spare: &'env SpareProcessors,
    /// Processors that were taken.
    taken: usize,
    helpers: usize,
    /// Pieces that were given away.
    given: u64,
    /// Those of them that were not handed on yet.
    ahead: VecDeque<Arc<Piece>>,
    settled: Settled,
}

impl Crew<'_, '_> {
    /// Takes spare processors, and tells whether there are helpers.
    fn gather(&mut self, lookups: &dyn Lookups) -> bool {
        while self.spare.take() {
            // This thread mostly waits, so its own processor is good for a helper as well.
            let wanted = 1 + usize::from(self.taken == 0);
            self.taken += 1;
            for _ in 0..wanted {
                let (help, queue, mut lookups) = (self.help, self.queue, lookups.another());
                let work = move || help.help(queue, lookups.as_mut());
                // A system that has no thread to give is one that this thread does without.
                let spawned = std::thread::Builder::new().spawn_scoped(self.scope, work);
                self.helpers += usize::from(spawned.is_ok());
            }
        }
        self.helpers > 0
    }

    fn give(&mut self, piece: Piece, pipeline: &mut Pipeline<'_>) {
        let piece = Arc::new(piece);
        self.queue.push(self.given, Arc::clone(&piece));
        self.given += 1;
        self.ahead.push_back(piece);
        let most = self.helpers * (1 + PIECES_AHEAD);
        while self.ahead.len() >= most {
            self.hand_on(pipeline);
        }
    }

    /// Hands on what came of the oldest piece.
    fn hand_on(&mut self, pipeline: &mut Pipeline<'_>) {
        let Some(piece) = self.ahead.front() else {
            return;
        };
        let recorded = self.queue.wait_for(self.given - self.ahead.len() as u64);
        let Some(end) = recorded.end.filter(|end| end.is_sound) else {
            self.settled.back.extend(self.ahead.drain(..));
            return;
        };
        let start = Position {
            number: piece.start().number + self.settled.records,
            line: piece.start().line + self.settled.lines,
            ..piece.start()
        };
        recorded.replay(start, pipeline.output);
        pipeline.counts.add(&recorded.counts);
        self.settled.records += end.records;
        self.settled.lines += end.lines;
        self.queue.give_back(recorded);
        self.ahead.pop_front();
    }

    fn settle(&mut self, pipeline: &mut Pipeline<'_>) -> Settled {
        while !self.ahead.is_empty() {
            self.hand_on(pipeline);
        }
        std::mem::take(&mut self.settled)
    }
}

impl Drop for Crew<'_, '_> {
    fn drop(&mut self) {
        self.queue.close();
        (0..self.taken).for_each(|_| self.spare.give());
    }
}

/// A pipeline that has a crew.
struct Crewed<'r, 'p, 'scope, 'env> {
    pipeline: &'r mut Pipeline<'p>,
    crew: Crew<'scope, 'env>,
}

impl Receive for Crewed<'_, '_, '_, '_> {
    fn record<'a>(&mut self, record: Record<'a>, arena: &'a Arena) {
        self.pipeline.record(record, arena);
    }

    fn failed(&mut self, failure: Failure<'_>) {
        self.pipeline.failed(failure);
    }

    fn wants_more(&self) -> bool {
        self.pipeline.wants_more()
    }

    fn wants_pieces(&mut self) -> bool {
        self.wants_more()
            && self.crew.settled.back.is_empty()
            && self.crew.gather(self.pipeline.lookups)
    }

    fn piece(&mut self, piece: Piece) {
        self.crew.give(piece, self.pipeline);
    }

    fn settle(&mut self) -> Settled {
        self.crew.settle(self.pipeline)
    }

    fn wants_md5(&self) -> bool {
        self.pipeline.wants_md5()
    }
}
