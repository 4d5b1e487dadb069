//! The same, with the end at every step that the code names.

use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

const STEP: &str = "COWRITE_CRASH_STEP";
const TIMES: &str = "COWRITE_CRASH_TIMES";

/// Steps that are only taken when the disk is full.
const ON_A_FULL_DISK: &[&str] = &["full-", "document-stranded", "document-refilled"];

/// How many changes are saved before the disk is full once.
const FULL_AFTER: usize = 40;

/// End this process when it has come to the step so many times, and let its disk be full now and then if that is asked for.
pub(super) fn arm() {
    if std::env::var(FULL).is_ok() {
        fail::cfg("disk-full", format!("{FULL_AFTER}*off->1*return->").repeat(200).trim_end_matches("->"))
            .unwrap();
    }
    let (Ok(step), Ok(times)) = (std::env::var(STEP), std::env::var(TIMES)) else { return };
    let left = AtomicU64::new(times.parse().unwrap());
    let end = move || {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    };
    fail::cfg_callback(step, end).unwrap();
}

/// Every step of a part, as the code names it.
fn steps_of(part: &str) -> Vec<String> {
    fn walk(dir: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(&entry, found);
                continue;
            }
            let code = std::fs::read_to_string(entry).unwrap();
            let names = code.split("failpoint!(\"").skip(1).filter_map(|rest| rest.split_once("\")"));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(part), &mut found);
    found
}

fn die_at_each(story: &Story, steps: &[String]) {
    let (mut deaths, mut acknowledged) = (0, 0);
    for step in steps {
        let dir = tempfile::tempdir().unwrap();
        let mut saved = SavedOf::default();
        let full = ON_A_FULL_DISK.iter().any(|prefix| step.starts_with(prefix));
        for times in ["1", "3"] {
            let mut variables = vec![(STEP, step.as_str()), (TIMES, times)];
            if full {
                variables.push((FULL, "1"));
            }
            let mut child = spawn(dir.path(), story.process, &variables);
            let process = rustix::process::Pid::from_child(&child);
            // Some steps come once in a life; after so many lines it has had the time to come again.
            let (mut lines, enough) = (0, if times == "1" { 60_000 } else { 1_500 });
            listen(&mut child, &mut saved, || {
                lines += 1;
                if lines == enough {
                    let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
                }
            });
            let died = child.wait().unwrap().signal() == Some(6);
            assert!(died || times != "1", "it never came to {step}");
            deaths += u64::from(died);
            check(dir.path(), &saved, story.whole);
        }
        acknowledged += saved.iter().sum::<u64>();
    }
    let count = steps.len();
    println!(
        "{count} steps, {deaths} deaths, {acknowledged} changes acknowledged, none lost, no start refused"
    );
}

#[test]
fn a_process_that_dies_at_any_step_of_the_store_loses_nothing_saved() {
    let steps = steps_of("store");
    assert!(steps.len() > 25, "{steps:?}");
    die_at_each(&STORE, &steps);
}

#[test]
fn a_process_that_dies_at_any_step_of_a_document_loses_nothing_saved() {
    let steps = steps_of("document");
    assert!(steps.iter().any(|step| step.starts_with("retire-")), "{steps:?}");
    die_at_each(&live::STORY, &steps);
}
