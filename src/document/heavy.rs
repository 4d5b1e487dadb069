//! Where long work on documents is done: on a few threads of its own, which give way to those that serve sockets.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// By how much its threads are nicer than the others: whatever a large document asks for, a keystroke elsewhere goes first.
const NICENESS: i32 = 5;

/// A runtime of which only the blocking pool is used. What finds no free thread waits for one.
static POOL: LazyLock<Runtime> = LazyLock::new(|| {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_current_thread()
        .max_blocking_threads(threads)
        .thread_name("heavy")
        .on_thread_start(|| {
            // Without it the work is done as well, only less politely.
            let _ = rustix::process::nice(NICENESS);
        })
        .build()
        .expect("a runtime without drivers needs nothing that could be missing")
});

/// Do something that takes long. An error means that it panicked.
pub(super) fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    POOL.spawn_blocking(work)
}
