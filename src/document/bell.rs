//! Waking the sockets of another thread together.
//!
//! A document and its readers live on several threads. To wake a task of a thread that sleeps takes a system call, and the thread that
//! is woken so often takes the caller's place at once, serves that one reader and sleeps again. So a broadcast hands every thread the
//! list of its readers, and rings once.

use std::cell::RefCell;
use std::sync::Arc;
use std::task::Waker;
use std::thread::{self, ThreadId};

use smallvec::SmallVec;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::spawn_local;

/// The bell of one thread. Clones are the same bell.
#[derive(Clone)]
pub struct Bell(Arc<Rope>);

struct Rope {
    thread: ThreadId,
    /// Who is to be woken; a task on that thread does it.
    wakers: UnboundedSender<Wakers>,
}

type Wakers = Vec<Waker>;

thread_local! {
    static HERE: RefCell<Option<Bell>> = const { RefCell::new(None) };
}

impl Bell {
    /// The bell of this thread, which runs a `LocalSet`.
    pub fn here() -> Bell {
        HERE.with_borrow_mut(|here| match here {
            Some(bell) if !bell.0.wakers.is_closed() => bell.clone(),
            // None yet, or the one of a runtime that has ended.
            _ => here.insert(Bell::hang()).clone(),
        })
    }

    fn hang() -> Bell {
        let (wakers, mut rung) = unbounded_channel::<Wakers>();
        spawn_local(async move {
            while let Some(wakers) = rung.recv().await {
                wakers.into_iter().for_each(Waker::wake);
            }
        });
        Bell(Arc::new(Rope { thread: thread::current().id(), wakers }))
    }

    fn ring(&self, mut wakers: Wakers) {
        if wakers.len() > 1 {
            match self.0.wakers.send(wakers) {
                Ok(()) => return,
                Err(unsent) => wakers = unsent.0,
            }
        }
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Whom a broadcast wakes: those of this thread at once, the others when it is dropped.
pub(super) struct Wakes {
    here: ThreadId,
    elsewhere: SmallVec<[(Bell, Wakers); 4]>,
}

impl Wakes {
    pub(super) fn new() -> Wakes {
        Wakes { here: thread::current().id(), elsewhere: SmallVec::new() }
    }

    /// `bell`: of the thread whose task it is, if it is known.
    pub(super) fn add(&mut self, waker: Waker, bell: Option<&Bell>) {
        let Some(bell) = bell.filter(|bell| bell.0.thread != self.here) else { return waker.wake() };
        match self.elsewhere.iter_mut().find(|(known, _)| Arc::ptr_eq(&known.0, &bell.0)) {
            Some((_, wakers)) => wakers.push(waker),
            None => self.elsewhere.push((bell.clone(), vec![waker])),
        }
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.elsewhere.drain(..).for_each(|(bell, wakers)| bell.ring(wakers));
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

    /// A thread with a bell that runs until it is told to end.
    fn worker() -> (Bell, tokio::sync::oneshot::Sender<()>, thread::JoinHandle<ThreadId>) {
        let (given, taken) = mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        let worker = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            LocalSet::new().block_on(&runtime, async {
                given.send(Bell::here()).expect("the test waits for it");
                let _ = ended.await;
            });
            thread::current().id()
        });
        (taken.recv().expect("a bell"), end, worker)
    }

    #[test]
    fn the_readers_of_another_thread_are_woken_there_and_each_once() {
        let (bell, end, worker) = worker();
        let (by, wakes) = mpsc::channel();
        let sleepers: Vec<_> = (0..3).map(|_| sleeper(&by)).collect();
        let mut all = Wakes::new();
        for (_, waker) in &sleepers {
            all.add(waker.clone(), Some(&bell));
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
        let (bell, end, worker) = worker();
        drop(end);
        worker.join().expect("the worker ends well");
        let (by, wakes) = mpsc::channel();
        let mut all = Wakes::new();
        for bell in [Some(&bell), Some(&bell), None] {
            all.add(sleeper(&by).1, bell);
        }
        drop(all);
        assert_eq!(wakes.try_iter().count(), 3);
    }
}
