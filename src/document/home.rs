//! The thread that a document lives on, and its sockets if it can be arranged: what they tell each other then needs no waking.
//!
//! Some sockets live elsewhere all the same. To wake a task of a thread that sleeps takes a system call, and the thread that is woken so often
//! takes the caller's place at once, serves that one reader and sleeps again. So a broadcast hands every thread the list of its
//! readers, and rings once.

use std::cell::RefCell;
use std::sync::Arc;
use std::task::Waker;
use std::thread::{self, ThreadId};

use smallvec::SmallVec;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::spawn_local;

/// One thread that runs a `LocalSet`. Clones are the same.
#[derive(Clone)]
pub struct Home(Arc<Door>);

struct Door {
    thread: ThreadId,
    /// A task on that thread does what is asked.
    errands: UnboundedSender<Errand>,
}

enum Errand {
    Wake(Wakers),
    Do(Box<dyn FnOnce() + Send>),
}

type Wakers = Vec<Waker>;

thread_local! {
    static HERE: RefCell<Option<Home>> = const { RefCell::new(None) };
}

impl Home {
    /// This thread, which runs a `LocalSet`.
    pub fn here() -> Home {
        HERE.with_borrow_mut(|here| match here {
            Some(home) if !home.0.errands.is_closed() => home.clone(),
            // None yet, or the one of a runtime that has ended.
            _ => here.insert(Home::open()).clone(),
        })
    }

    pub fn is_here(&self) -> bool {
        self.0.thread == thread::current().id()
    }

    /// Do something there. It is dropped undone if that thread has ended.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        let _ = self.0.errands.send(Errand::Do(Box::new(work)));
    }

    fn open() -> Home {
        let (errands, mut asked) = unbounded_channel();
        spawn_local(async move {
            while let Some(errand) = asked.recv().await {
                match errand {
                    Errand::Wake(wakers) => wakers.into_iter().for_each(Waker::wake),
                    Errand::Do(work) => work(),
                }
            }
        });
        Home(Arc::new(Door { thread: thread::current().id(), errands }))
    }

    fn wake(&self, mut wakers: Wakers) {
        if wakers.len() > 1 {
            match self.0.errands.send(Errand::Wake(wakers)) {
                Err(tokio::sync::mpsc::error::SendError(Errand::Wake(unsent))) => wakers = unsent,
                _ => return,
            }
        }
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Whom a broadcast wakes: those of this thread at once, the others when it is dropped.
pub(super) struct Wakes {
    here: ThreadId,
    elsewhere: SmallVec<[(Home, Wakers); 4]>,
}

impl Wakes {
    pub(super) fn new() -> Wakes {
        Wakes { here: thread::current().id(), elsewhere: SmallVec::new() }
    }

    /// `home`: of the task, if it is known.
    pub(super) fn add(&mut self, waker: Waker, home: Option<&Home>) {
        let Some(home) = home.filter(|home| home.0.thread != self.here) else { return waker.wake() };
        match self.elsewhere.iter_mut().find(|(known, _)| Arc::ptr_eq(&known.0, &home.0)) {
            Some((_, wakers)) => wakers.push(waker),
            None => self.elsewhere.push((home.clone(), vec![waker])),
        }
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.elsewhere.drain(..).for_each(|(home, wakers)| home.wake(wakers));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::task::Wake;

    use tokio::task::LocalSet;

    use super::*;

    /// Counts how often it is woken, and from where.
    struct Sleeper {
        woken: AtomicUsize,
        by: mpsc::Sender<ThreadId>,
    }

    impl Wake for Sleeper {
        fn wake(self: Arc<Sleeper>) {
            self.woken.fetch_add(1, Ordering::Relaxed);
            let _ = self.by.send(thread::current().id());
        }
    }

    fn sleeper(by: &mpsc::Sender<ThreadId>) -> (Arc<Sleeper>, Waker) {
        let sleeper = Arc::new(Sleeper { woken: AtomicUsize::new(0), by: by.clone() });
        (sleeper.clone(), sleeper.into())
    }

    /// A thread that runs until it is told to end.
    fn worker() -> (Home, tokio::sync::oneshot::Sender<()>, thread::JoinHandle<ThreadId>) {
        let (given, taken) = mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        let worker = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            LocalSet::new().block_on(&runtime, async {
                given.send(Home::here()).expect("the test waits for it");
                let _ = ended.await;
            });
            thread::current().id()
        });
        (taken.recv().expect("a home"), end, worker)
    }

    #[test]
    fn the_readers_of_another_thread_are_woken_there_and_each_once() {
        let (home, end, worker) = worker();
        let (by, wakes) = mpsc::channel();
        let sleepers: Vec<_> = (0..3).map(|_| sleeper(&by)).collect();
        let mut all = Wakes::new();
        for (_, waker) in &sleepers {
            all.add(waker.clone(), Some(&home));
        }
        assert!(wakes.try_recv().is_err(), "nobody is woken before the end");
        drop(all);
        let by: Vec<ThreadId> = wakes.iter().take(3).collect();
        drop(end);
        let there = worker.join().expect("the worker ends well");
        assert_eq!(by, [there; 3]);
        assert!(sleepers.iter().all(|(sleeper, _)| sleeper.woken.load(Ordering::Relaxed) == 1));
    }

    #[test]
    fn readers_are_woken_although_their_thread_has_ended_or_is_not_known() {
        let (home, end, worker) = worker();
        drop(end);
        worker.join().expect("the worker ends well");
        let (by, wakes) = mpsc::channel();
        let mut all = Wakes::new();
        for home in [Some(&home), Some(&home), None] {
            all.add(sleeper(&by).1, home);
        }
        drop(all);
        assert_eq!(wakes.try_iter().count(), 3);
    }

    #[test]
    fn an_errand_is_done_there_and_dropped_where_nobody_is_left() {
        let (home, end, worker) = worker();
        let (done, by) = mpsc::channel();
        let there = done.clone();
        home.run(move || there.send(thread::current().id()).expect("the test waits for it"));
        let by_whom = by.recv().expect("it is done");
        drop(end);
        assert_eq!(worker.join().expect("the worker ends well"), by_whom);
        assert!(!home.is_here());
        home.run(move || done.send(thread::current().id()).expect("nobody does this"));
        assert!(by.recv().is_err(), "what is dropped lets go of what it holds");
    }
}
