//! Format 1 is frozen: a folder that the first release wrote opens in every later one, with exactly what it held.

use super::*;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1")
}

/// How the fixture was made. Never run again for this format: what it wrote is the point.
#[test]
#[ignore = "writes the fixture"]
fn writes_the_fixture() {
    let dir = fixture();
    assert!(!dir.exists(), "the fixture is not made twice");
    let options = Options { segment_bytes: 3_000, journal_bytes: 9_000, ..Options::default() };
    let store = JournalStore::open(&dir, options).unwrap();
    let mut early = Author::of(&store, "early");
    early.writes(&store, "written first", BEGIN_MS);
    let mut plan = Author::of(&store, "plan");
    let title = Edit::Title("Der Plan \u{1f4dd}".into());
    store.edit(&id("plan"), title).unwrap().1.blocking_recv().unwrap().unwrap();
    drop(Author::of(&store, "gone"));
    store.edit(&id("gone"), Edit::Delete).unwrap().1.blocking_recv().unwrap().unwrap();
    let first = segments(&dir)[0].clone();
    for n in 0..400 {
        plan.writes(&store, &format!("{n}\n"), BEGIN_MS + n);
        if n % 40 == 39 {
            plan.checkpoint(&store);
        }
    }
    // The keeper releases in its own time, and writes full states to the head first.
    while first.exists() {
        std::thread::yield_now();
    }
    early.writes(&store, ", and last", BEGIN_MS + 400);
    drop(store);
    fs::remove_dir_all(dir.join("sled")).unwrap();
    fs::remove_file(dir.join("LOCK")).unwrap();
    // What a power cut may leave behind the last whole batch.
    let last = segments(&dir).pop().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    bytes.extend_from_within(40..75);
    fs::write(&last, bytes).unwrap();
}

#[test]
fn what_the_first_release_wrote_is_read_for_good() {
    let dir = tempfile::tempdir().unwrap();
    copy_folder(&fixture(), dir.path());
    let (sound, report) = verify(dir.path());
    assert!(sound && report.contains("documents  2, and 1 deleted"), "{report}");
    assert!(report.contains("an unfinished write of 35 bytes"), "{report}");
    for _ in 0..2 {
        let store = open(dir.path());
        let plan = store.find(&id("plan")).unwrap().unwrap();
        let lines: String = (0..400).map(|n| format!("{n}\n")).collect();
        assert_eq!(read(&store, &id("plan")), Ok(lines));
        assert_eq!(read(&store, &id("early")).as_deref(), Ok("written first, and last"));
        assert_eq!((plan.number.0, &*plan.title, plan.kind), (2, "Der Plan \u{1f4dd}", Kind::Text));
        assert_eq!((plan.updated_ms, plan.deleted_ms, &*plan.epoch.0), (BEGIN_MS + 399, None, EPOCH));
        assert_eq!(store.load(plan.number).unwrap().last_seq(), Seq(400));
        assert!(store.find(&id("gone")).unwrap().unwrap().deleted_ms.is_some());
        assert_eq!(store.list().unwrap().len(), 2);
    }
}

/// The epoch of `plan`, drawn when the fixture was made.
const EPOCH: &str = "6eb7ec25d9778447";

/// A folder as an earlier release left it, whose sled has the index in another layout: documents' lines in a tree of that name, entries
/// as JSON. Such a sled is made anew from the journal, without anything being lost or called damaged.
#[test]
fn a_sled_of_an_earlier_layout_is_made_anew() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sled-of-lines");
    let dir = tempfile::tempdir().unwrap();
    copy_folder(&fixture, dir.path());
    let (sound, report) = verify(dir.path());
    assert!(sound && report.contains("documents  2"), "{report}");
    for _ in 0..2 {
        let store = open(dir.path());
        for name in ["plan", "early"] {
            let entry = store.find(&id(name)).unwrap().unwrap();
            assert_eq!(entry.title, format!("Title of {name}"));
            assert_eq!(read(&store, &id(name)), Ok(format!("written in {name}\n")));
        }
        assert_eq!(store.list().unwrap().len(), 2);
    }
    let (sound, report) = verify(dir.path());
    assert!(sound && report.contains("documents  2"), "{report}");
}
