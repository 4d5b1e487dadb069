//! What the process has done, counted for whoever watches it. Process-wide, as the log is; any part may count.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A number that only grows.
pub struct Counter {
    name: &'static str,
    help: &'static str,
    value: AtomicU64,
}

impl Counter {
    const fn new(name: &'static str, help: &'static str) -> Counter {
        Counter { name, help, value: AtomicU64::new(0) }
    }

    pub fn add(&self, amount: u64) {
        self.value.fetch_add(amount, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

pub static CONNECTIONS: Counter = Counter::new("cowrite_connections_total", "Connections opened.");
pub static REFUSED_BY_ADDRESS: Counter =
    Counter::new("cowrite_connections_refused_total", "Connections refused: too many from one address.");
pub static REFUSALS_DELAYED: Counter = Counter::new(
    "cowrite_refusals_delayed_total",
    "Connections that waited before they were closed because the like of them had been refused before.",
);
pub static HANDSHAKES_FAILED: Counter =
    Counter::new("cowrite_tls_handshakes_failed_total", "TLS handshakes that failed or took too long.");
pub static RECEIVED_BYTES: Counter =
    Counter::new("cowrite_received_bytes_total", "Bytes of frames received.");
pub static SLOWED: Counter =
    Counter::new("cowrite_slowed_total", "Times a connection was read more slowly because it was too fast.");
pub static DISK_WAITS: Counter = Counter::new(
    "cowrite_disk_waits_total",
    "Times a connection was not read because too much of it was on the way to the disk.",
);
pub static UPDATES: Counter = Counter::new("cowrite_updates_total", "Updates that changed a document.");
pub static LAGGARDS: Counter = Counter::new(
    "cowrite_laggards_total",
    "Times a reader fell so far behind that it was given one difference.",
);
pub static CHECKPOINTS: Counter = Counter::new("cowrite_checkpoints_total", "Snapshots written.");
pub static FILLED: Counter = Counter::new("cowrite_documents_filled_total", "Times a document became full.");
pub static FAILED_LOADS: Counter =
    Counter::new("cowrite_failed_loads_total", "Documents that could not be opened.");
pub static CRASHES: Counter = Counter::new(
    "cowrite_document_crashes_total",
    "Live documents that ended by accident and were read from disk again.",
);

const ALL: &[&Counter] = &[
    &CONNECTIONS,
    &REFUSED_BY_ADDRESS,
    &HANDSHAKES_FAILED,
    &REFUSALS_DELAYED,
    &RECEIVED_BYTES,
    &SLOWED,
    &DISK_WAITS,
    &UPDATES,
    &LAGGARDS,
    &CHECKPOINTS,
    &FILLED,
    &FAILED_LOADS,
    &CRASHES,
];

/// Bytes that the process has asked the allocator for and not given back, where the allocator tells. Unlike resident memory
/// it does not depend on what was freed between two blocks that stay, so equal loads leave it equal.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn heap_bytes() -> Option<u64> {
    // SAFETY: `mallinfo2` takes nothing, returns plain numbers by value, and locks each arena while it counts.
    let heap = unsafe { libc::mallinfo2() };
    Some((heap.uordblks + heap.hblkhd) as u64)
}

/// Other allocators do not tell.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn heap_bytes() -> Option<u64> {
    None
}

/// Connections closed by the server, by close code.
static CLOSED: Mutex<BTreeMap<u16, u64>> = Mutex::new(BTreeMap::new());

/// The server closed a connection with this code.
pub fn closed(code: u16) {
    *CLOSED.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
}

/// Everything, in Prometheus' text format; `gauges` are the numbers of the moment: name, meaning, value.
pub fn render(gauges: &[(&str, &str, u64)]) -> String {
    let mut text = String::new();
    let mut put = |name: &str, help: &str, kind: &str, samples: &[(String, u64)]| {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    for counter in ALL {
        put(counter.name, counter.help, "counter", &[(String::new(), counter.get())]);
    }
    let closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    let closed: Vec<_> =
        closed.iter().map(|(code, count)| (format!("{{code=\"{code}\"}}"), *count)).collect();
    put("cowrite_closed_total", "Connections closed by the server, by close code.", "counter", &closed);
    for (name, help, value) in gauges {
        put(name, help, "gauge", &[(String::new(), *value)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn the_heap_grows_by_what_is_kept_and_no_longer() {
        // Far above what the tests beside this one give back meanwhile. Nothing is written to it, so it takes no time and no memory.
        const KEPT: usize = 1 << 30;
        let before = heap_bytes().expect("glibc tells");
        let kept = std::hint::black_box(Vec::<u8>::with_capacity(KEPT));
        let during = heap_bytes().expect("glibc tells");
        drop(kept);
        assert!(during > before + KEPT as u64 / 2);
        assert!(heap_bytes().expect("glibc tells") < before + KEPT as u64 / 2);
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        SLOWED.add(2);
        closed(4999);
        let text = render(&[("cowrite_live_documents", "Documents in memory.", 3)]);
        assert!(text.contains("# TYPE cowrite_slowed_total counter\ncowrite_slowed_total "));
        assert!(text.contains("cowrite_closed_total{code=\"4999\"} 1\n"));
        assert!(text.ends_with("# TYPE cowrite_live_documents gauge\ncowrite_live_documents 3\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').expect("a name and a value");
            value.parse::<u64>().expect("a number");
        }
    }
}
