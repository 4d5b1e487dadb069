//! What every store promises: one suite, run against memory and against the journal over sled.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cowrite::ids::{DocId, DocNumber, Kind, Seq};
use cowrite::store::{
    Append, Change, Edit, Entry, Fact, Health, JournalStore, Listener, Listing, MemoryStore, Options, Place,
    Receipt, Sort, Store, StoreError,
};

/// Remembers what it was told, and lets a test wait for it.
#[derive(Default)]
pub struct Ear {
    heard: Mutex<Vec<Result<Seq, String>>>,
    news: Condvar,
}

impl Listener for Ear {
    fn durable(&self, seq: Seq) {
        self.heard.lock().unwrap().push(Ok(seq));
        self.news.notify_all();
    }

    fn failed(&self, error: &StoreError) {
        self.heard.lock().unwrap().push(Err(error.to_string()));
        self.news.notify_all();
    }

    fn recovered(&self) {
        unreachable!("no disk of these tests fails");
    }
}

impl Ear {
    fn new() -> Arc<Ear> {
        Arc::default()
    }

    fn heard(&self) -> Vec<Result<Seq, String>> {
        self.heard.lock().unwrap().clone()
    }

    fn wait_for(&self, seq: u64) {
        let done =
            |heard: &mut Vec<Result<Seq, String>>| !heard.iter().any(|h| *h >= Ok(Seq(seq)) || h.is_err());
        let heard = self.heard.lock().unwrap();
        let (heard, late) = self.news.wait_timeout_while(heard, Duration::from_secs(10), done).unwrap();
        assert!(!late.timed_out() && heard.iter().all(|h| h.is_ok()), "waited for {seq}, heard {heard:?}");
    }
}

fn id(text: &str) -> DocId {
    DocId::parse(text).unwrap()
}

fn change(text: &str) -> Change {
    Change {
        at_ms: 1_700_000_000_000,
        author: "0123456789abcdef".into(),
        update: Bytes::from(text.to_owned()),
    }
}

fn done<T>((value, receipt): (T, Receipt)) -> T {
    receipt.blocking_recv().expect("the store answers").expect("the store writes");
    value
}

/// Append changes and wait until they are durable.
fn write(store: &dyn Store, document: DocNumber, first: u64, texts: &[&str]) {
    let ear = Ear::new();
    let changes: Vec<_> = texts.iter().map(|text| change(text)).collect();
    let last = first + changes.len() as u64 - 1;
    store.append(Append { document, first: Seq(first), changes, listener: ear.clone() }).unwrap();
    ear.wait_for(last);
}

fn create(store: &dyn Store, name: &str) -> Entry {
    done(store.create(&id(name), Kind::Markdown, "", false).unwrap())
}

fn texts(store: &dyn Store, document: DocNumber) -> Vec<String> {
    let stored = store.load(document).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let state = stored.snapshot.iter().map(|state| text(state));
    state.chain(stored.tail.iter().map(|change| text(&change.update))).collect()
}

/// Every promise, for one store.
fn suite(store: &dyn Store) {
    a_document_exists_as_soon_as_it_is_made(store);
    a_tombstone_stays_until_somebody_says_again(store);
    a_title_can_be_changed(store);
    what_is_in_the_trash_comes_back_as_it_was(store);
    a_list_is_of_what_is_asked_for(store);
    the_list_comes_in_pages(store);
    what_is_there_and_has_tags_is_filed(store);
    changes_come_back_in_order(store);
    changes_that_do_not_follow_are_refused(store);
    a_checkpoint_takes_the_place_of_its_changes(store);
    a_listener_hears_of_everything_in_order(store);
    a_load_sees_what_is_on_its_way(store);
    facts_are_kept_together(store);
    a_thousand_documents(store);
    closing_writes_all_and_refuses_more(store);
}

fn a_document_exists_as_soon_as_it_is_made(store: &dyn Store) {
    assert_eq!(store.find(&id("soon")).unwrap(), None);
    let (entry, receipt) = store.create(&id("soon"), Kind::Code, "Title", false).unwrap();
    assert_eq!(store.find(&id("soon")).unwrap().as_ref(), Some(&entry));
    assert_eq!(store.load(entry.number).unwrap().last_seq(), Seq(0));
    assert!(store.list().unwrap().contains(&entry));
    assert!(matches!(store.create(&id("soon"), Kind::Text, "", true), Err(StoreError::Exists(_))));
    let ear = Ear::new();
    let changes = vec![change("at once")];
    store.append(Append { document: entry.number, first: Seq(1), changes, listener: ear.clone() }).unwrap();
    ear.wait_for(1);
    // No change becomes durable before its document.
    assert!(matches!(receipt.blocking_recv(), Ok(Ok(()))));
    assert_eq!((entry.kind, &*entry.title, entry.deleted_ms), (Kind::Code, "Title", None));
}

fn a_tombstone_stays_until_somebody_says_again(store: &dyn Store) {
    let first = create(store, "phoenix");
    write(store, first.number, 1, &["old"]);
    let dead = done(store.edit(&id("phoenix"), Edit::Delete).unwrap());
    assert!(dead.deleted_ms.is_some());
    assert_eq!(store.find(&id("phoenix")).unwrap().unwrap().deleted_ms, dead.deleted_ms);
    assert!(!store.list().unwrap().iter().any(|entry| entry.id == id("phoenix")));
    assert!(matches!(store.load(first.number), Err(StoreError::Deleted(_))));
    assert!(matches!(store.edit(&id("phoenix"), Edit::Delete), Err(StoreError::Deleted(_))));
    assert!(matches!(store.edit(&id("phoenix"), Edit::Title("x".into())), Err(StoreError::Deleted(_))));
    assert!(matches!(store.create(&id("phoenix"), Kind::Text, "", false), Err(StoreError::Deleted(_))));
    assert!(matches!(store.edit(&id("nobody"), Edit::Delete), Err(StoreError::Unknown(_))));

    let second = done(store.create(&id("phoenix"), Kind::Text, "", true).unwrap());
    assert!(second.number > first.number && second.epoch != first.epoch);
    assert_eq!(texts(store, second.number), Vec::<String>::new());
    assert_eq!(store.list().unwrap().iter().filter(|entry| entry.id == id("phoenix")).count(), 1);
    assert_eq!(store.page(&whole()).unwrap().iter().filter(|entry| entry.id == id("phoenix")).count(), 1);
}

fn facts_are_kept_together(store: &dyn Store) {
    let fact = |key: &str, value: Option<&str>| {
        let bytes = |text: &str| Bytes::from(text.to_owned());
        Fact { key: bytes(key), value: value.map(bytes) }
    };
    let known = || {
        let mut facts = store.facts().unwrap();
        facts.sort_by(|a, b| a.key.cmp(&b.key));
        facts
    };
    let note = |facts: &[Fact]| done(((), store.note(facts.to_vec()).unwrap()));
    assert_eq!(known(), []);
    note(&[fact("a", Some("1")), fact("b", Some("")), fact("c", Some("3"))]);
    note(&[]);
    note(&[fact("c", None), fact("nothing", None), fact("a", Some("2"))]);
    assert_eq!(known(), [fact("a", Some("2")), fact("b", Some(""))]);
    note(&[fact("a", Some("3")), fact("a", None), fact("a", Some("4")), fact("b", None)]);
    assert_eq!(known(), [fact("a", Some("4"))]);
    let large = Bytes::from(vec![7; cowrite::limits::NOTE_BYTES]);
    let too_large = store.note(vec![Fact { key: Bytes::from("x"), value: Some(large) }]);
    assert!(matches!(too_large, Err(StoreError::TooLarge(_))));
    // In the order in which they were given, whoever waits.
    let receipts: Vec<Receipt> =
        (0..50).map(|n| store.note(vec![fact("a", Some(&n.to_string()))]).unwrap()).collect();
    receipts.into_iter().for_each(|receipt| done(((), receipt)));
    assert_eq!(known(), [fact("a", Some("49"))]);
}

/// Beside what is durable, entries that are on their way: the list has them as every caller sees them.
fn the_list_comes_in_pages(store: &dyn Store) {
    let made: Vec<Entry> = (0..7).map(|n| create(store, &format!("page-{n}"))).collect();
    write(store, made[2].number, 1, &["the last word"]);
    done(store.edit(&made[5].id, Edit::Delete).unwrap());
    let (second, _receipt) = store.create(&made[5].id, Kind::Text, "", true).unwrap();
    let (dead, _receipt) = store.edit(&made[4].id, Edit::Delete).unwrap();
    let (renamed, _receipt) = store.edit(&made[3].id, Edit::Title("on its way".into())).unwrap();

    let whole = store.page(&whole()).unwrap();
    assert!(whole.is_sorted_by(|a, b| a.rank() > b.rank()), "the last changed first");
    let mut listed = store.list().unwrap();
    listed.retain(|entry| entry.trashed_ms.is_none());
    listed.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.rank()));
    assert_eq!(whole, listed);
    assert!(whole.contains(&second) && whole.iter().all(|entry| entry.id != dead.id));
    assert!(whole.iter().any(|entry| entry.title == renamed.title));

    let (mut pages, mut last_rank) = (Vec::new(), None);
    loop {
        let behind = last_rank.map(Place::Time);
        let page = store.page(&Listing { behind, limit: 3, ..Listing::default() }).unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        last_rank = Some(last.rank());
        pages.extend(page);
    }
    assert_eq!(pages, whole);
}

fn whole() -> Listing {
    Listing { limit: usize::MAX, ..Listing::default() }
}

fn what_is_in_the_trash_comes_back_as_it_was(store: &dyn Store) {
    let made = create(store, "rubbish");
    write(store, made.number, 1, &["kept"]);
    let tags = |tags: &[&str]| Edit::Tags(tags.iter().map(|&tag| tag.to_owned()).collect());
    let edit = |edit| store.edit(&id("rubbish"), edit);
    done(edit(tags(&["old", "blue"])).unwrap());
    let before = store.find(&id("rubbish")).unwrap().unwrap();
    assert_eq!(before.tags, ["old", "blue"]);
    assert_eq!(done(edit(Edit::Restore).unwrap()), before, "it is in no trash");

    let trashed = done(edit(Edit::Trash).unwrap());
    assert!(trashed.trashed_ms.is_some() && trashed.deleted_ms.is_none());
    let listed = |trash| {
        let found = store.page(&Listing { trash, ..whole() }).unwrap();
        found.iter().any(|entry| entry.id == id("rubbish"))
    };
    assert_eq!((listed(true), listed(false)), (true, false));
    for again in [false, true] {
        let created = store.create(&id("rubbish"), Kind::Text, "", again);
        assert!(matches!(created, Err(StoreError::Trashed(_))));
    }
    for refused in [tags(&[]), Edit::Title("x".into()), Edit::Trash] {
        assert!(matches!(edit(refused), Err(StoreError::Trashed(_))));
    }
    let swept = done(edit(Edit::Sweep { now_ms: trashed.trashed_ms.unwrap() }).unwrap());
    assert_eq!(swept, trashed, "it is not there for long");
    assert_eq!(done(edit(Edit::Restore).unwrap()), before);
    assert_eq!((listed(true), listed(false)), (false, true));
    assert_eq!(texts(store, made.number), ["kept"]);

    done(edit(Edit::Trash).unwrap());
    assert!(done(edit(Edit::Delete).unwrap()).deleted_ms.is_some());
    assert_eq!((listed(true), listed(false)), (false, false));
    assert!(matches!(edit(Edit::Restore), Err(StoreError::Deleted(_))));
}

/// Beside what is durable, edits that are on their way.
fn a_list_is_of_what_is_asked_for(store: &dyn Store) {
    let tagged = |name: &str, title: &str, tags: &[&str]| {
        done(store.create(&id(name), Kind::Text, title, false).unwrap());
        done(store.edit(&id(name), Edit::Tags(tags.iter().map(|&tag| tag.to_owned()).collect())).unwrap());
    };
    tagged("sorted-1", "pear", &["fruit"]);
    tagged("sorted-2", "Apple", &["fruit"]);
    tagged("sorted-3", "", &["fruit"]);
    tagged("sorted-4", "Fig", &["fruit", "dry"]);
    tagged("sorted-5", "Leek", &["vegetable"]);
    let (_, _receipt) = store.edit(&id("sorted-1"), Edit::Title("Zwetschge".into())).unwrap();
    let (_, _receipt) = store.edit(&id("sorted-4"), Edit::Trash).unwrap();
    let (_, _receipt) = store.edit(&id("sorted-5"), Edit::Tags(vec!["fruit".into()])).unwrap();
    for (sort, order) in [
        (Sort::Title, ["sorted-2", "sorted-5", "sorted-1", "sorted-3"]),
        (Sort::Created, ["sorted-5", "sorted-3", "sorted-2", "sorted-1"]),
    ] {
        let mut listing = Listing { tag: Some("fruit".into()), sort, limit: 3, ..Listing::default() };
        let mut found = store.page(&listing).unwrap();
        assert_eq!(found.len(), 3);
        listing.behind = Some(listing.place(&found[2], found[2].updated_ms).into_owned());
        found.extend(store.page(&listing).unwrap());
        let names: Vec<_> = found.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(names, order, "{sort:?}");
    }
    let trash = Listing { tag: Some("dry".into()), trash: true, ..whole() };
    assert_eq!(store.page(&trash).unwrap().len(), 1);
}

/// As for the list, what is on its way counts.
fn what_is_there_and_has_tags_is_filed(store: &dyn Store) {
    let tagged = |name: &str, tags: &[&str]| {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        store.edit(&id(name), Edit::Tags(tags)).unwrap()
    };
    let made: Vec<Entry> = (0..5).map(|n| create(store, &format!("filed-{n}"))).collect();
    let filed = || {
        let counted = store
            .filing()
            .unwrap()
            .count(|id, number| id.as_str().starts_with("filed-") && number >= made[0].number);
        counted.into_iter().map(|(tag, uses)| format!("{tag} {uses}")).collect::<Vec<_>>()
    };
    for entry in &made[..4] {
        done(tagged(entry.id.as_str(), &["a", "b"]));
    }
    assert_eq!(filed(), ["a 4", "b 4"]);
    let (_, _receipt) = tagged("filed-0", &[]);
    let (_, _receipt) = tagged("filed-1", &["b", "c"]);
    let (_, _receipt) = store.edit(&made[2].id, Edit::Trash).unwrap();
    let (_, _receipt) = store.edit(&made[3].id, Edit::Delete).unwrap();
    let (again, _receipt) = store.create(&made[3].id, Kind::Text, "", true).unwrap();
    let (_, _receipt) = tagged("filed-3", &["b", "d"]);
    assert_eq!(filed(), ["b 2", "c 1", "d 1"]);
    let of_one = store.filing().unwrap().count(|_, number| number == again.number);
    assert_eq!(of_one, [("b".to_owned(), 1), ("d".to_owned(), 1)], "the number is the later one's");
    done(store.edit(&made[2].id, Edit::Restore).unwrap());
    assert_eq!(filed(), ["b 3", "a 1", "c 1", "d 1"], "all of it is durable by now");
}

fn a_title_can_be_changed(store: &dyn Store) {
    create(store, "titled");
    let (_, first) = store.edit(&id("titled"), Edit::Title("One".into())).unwrap();
    let (_, second) = store.edit(&id("titled"), Edit::Title("Zwei – 二".into())).unwrap();
    assert_eq!(store.find(&id("titled")).unwrap().unwrap().title, "Zwei – 二");
    assert!(matches!((first.blocking_recv(), second.blocking_recv()), (Ok(Ok(())), Ok(Ok(())))));
    assert_eq!(store.find(&id("titled")).unwrap().unwrap().title, "Zwei – 二");
}

fn changes_come_back_in_order(store: &dyn Store) {
    let entry = create(store, "ordered");
    write(store, entry.number, 1, &["a", "b"]);
    write(store, entry.number, 3, &["c"]);
    assert_eq!(texts(store, entry.number), ["a", "b", "c"]);
    let stored = store.load(entry.number).unwrap();
    assert_eq!((stored.last_seq(), &stored.tail[2]), (Seq(3), &change("c")));
    assert_eq!(store.find(&entry.id).unwrap().unwrap().updated_ms, entry.created_ms.max(1_700_000_000_000));
}

fn changes_that_do_not_follow_are_refused(store: &dyn Store) {
    let entry = create(store, "gapless");
    let append = |document, first| {
        store.append(Append { document, first: Seq(first), changes: vec![change("x")], listener: Ear::new() })
    };
    assert!(matches!(append(DocNumber(1 << 40), 1), Err(StoreError::UnknownNumber(_))));
    assert!(append(entry.number, 2).is_err());
    append(entry.number, 1).unwrap();
    assert!(append(entry.number, 1).is_err());
    write(store, entry.number, 2, &["y"]);
    assert_eq!(texts(store, entry.number), ["x", "y"]);
    assert!(matches!(store.load(DocNumber(1 << 40)), Err(StoreError::UnknownNumber(_))));
}

fn a_checkpoint_takes_the_place_of_its_changes(store: &dyn Store) {
    let entry = create(store, "checkpointed");
    assert!(store.checkpoint(entry.number, Seq(1), Bytes::from("too early")).is_err());
    write(store, entry.number, 1, &["a", "b", "c"]);
    store.checkpoint(entry.number, Seq(2), Bytes::from("ab")).unwrap();
    assert_eq!(texts(store, entry.number), ["ab", "c"]);
    store.checkpoint(entry.number, Seq(1), Bytes::from("older, ignored")).unwrap();
    assert_eq!(texts(store, entry.number), ["ab", "c"]);
    assert!(store.checkpoint(entry.number, Seq(4), Bytes::from("too early")).is_err());
    // Larger than the chunks a store may cut it into, and then smaller again.
    let large = "x".repeat(100_000);
    store.checkpoint(entry.number, Seq(3), Bytes::from(large.clone())).unwrap();
    assert_eq!(texts(store, entry.number), [large]);
    write(store, entry.number, 4, &["d"]);
    store.checkpoint(entry.number, Seq(4), Bytes::from("abcd")).unwrap();
    assert_eq!(texts(store, entry.number), ["abcd"]);
    assert_eq!(store.load(entry.number).unwrap().snapshot_seq, Seq(4));
}

fn a_listener_hears_of_everything_in_order(store: &dyn Store) {
    let entry = create(store, "heard");
    let ear = Ear::new();
    for seq in 1..=500 {
        let changes = vec![change("x")];
        store
            .append(Append { document: entry.number, first: Seq(seq), changes, listener: ear.clone() })
            .unwrap();
    }
    ear.wait_for(500);
    let heard = ear.heard();
    assert!(heard.is_sorted() && heard.last() == Some(&Ok(Seq(500))), "{heard:?}");
    assert_eq!(store.load(entry.number).unwrap().last_seq(), Seq(500));
}

fn a_load_sees_what_is_on_its_way(store: &dyn Store) {
    let document = create(store, "on-its-way").number;
    for seq in 1..=50 {
        let changes = vec![change(&format!("{seq}"))];
        store.append(Append { document, first: Seq(seq), changes, listener: Ear::new() }).unwrap();
        assert_eq!(store.load(document).unwrap().last_seq(), Seq(seq));
    }
}

fn a_thousand_documents(store: &dyn Store) {
    let before = store.list().unwrap().len();
    let made: Vec<_> = (0..1_000)
        .map(|n| {
            store.create(&id(&format!("doc-{n}")), Kind::Markdown, &format!("Document {n}"), false).unwrap()
        })
        .collect();
    for (n, (entry, _)) in made.iter().enumerate() {
        let changes = vec![change(&format!("text {n}"))];
        store
            .append(Append { document: entry.number, first: Seq(1), changes, listener: Ear::new() })
            .unwrap();
    }
    let entries: Vec<Entry> = made.into_iter().map(done).collect();
    write(store, entries[999].number, 2, &["last"]);
    assert_eq!(store.list().unwrap().len(), before + 1_000);
    assert_eq!(texts(store, entries[7].number), ["text 7"]);
    assert_eq!(texts(store, entries[999].number), ["text 999", "last"]);
}

fn closing_writes_all_and_refuses_more(store: &dyn Store) {
    let entry = create(store, "closing");
    let ear = Ear::new();
    let changes = vec![change("in time")];
    store.append(Append { document: entry.number, first: Seq(1), changes, listener: ear.clone() }).unwrap();
    assert_eq!(store.health(), Health::Writable);
    store.close().unwrap();
    store.close().unwrap();
    assert_eq!(ear.heard(), [Ok(Seq(1))]);
    assert!(matches!(store.find(&entry.id), Err(StoreError::Closed)));
    assert!(matches!(store.load(entry.number), Err(StoreError::Closed)));
    assert!(matches!(store.edit(&entry.id, Edit::Title("late".into())), Err(StoreError::Closed)));
    assert!(matches!(
        (store.note(vec![]), store.facts()),
        (Err(StoreError::Closed), Err(StoreError::Closed))
    ));
}

/// All that a store holds, in a form that can be compared.
fn everything(store: &dyn Store) -> Vec<(Entry, Vec<String>)> {
    let mut all: Vec<_> =
        store.list().unwrap().into_iter().map(|e| (e.clone(), texts(store, e.number))).collect();
    all.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    all
}

fn open(dir: &Path) -> JournalStore {
    JournalStore::open(dir, Options::default()).unwrap()
}

#[test]
fn memory_keeps_the_contract() {
    suite(&MemoryStore::new());
}

#[test]
fn the_journal_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    suite(&open(dir.path()));

    let store = open(dir.path());
    let before = everything(&store);
    assert_eq!(before.len(), 1_025);
    let heading = before.iter().find(|(entry, _)| entry.id == id("checkpointed")).unwrap();
    assert_eq!(heading.1, ["abcd"]);
    assert!(store.find(&id("phoenix")).unwrap().unwrap().deleted_ms.is_none());
    drop(store);

    // sled may go at any time.
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let store = open(dir.path());
    let after = everything(&store);
    assert_eq!(after.len(), before.len());
    for ((before, was), (after, is)) in before.iter().zip(&after) {
        assert_eq!(before, after);
        // Where sled had a state, the journal has the changes it was made of.
        if *before.id.as_str() != *"checkpointed" {
            assert_eq!(was, is);
        }
    }
    let entry = store.find(&id("checkpointed")).unwrap().unwrap();
    assert_eq!(texts(&store, entry.number), ["a", "b", "c", "d"]);
}

#[test]
fn a_data_folder_has_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let error = JournalStore::open(dir.path(), Options::default()).err().expect("it is in use");
    let expected = format!("is in use by process {}", std::process::id());
    assert!(error.to_string().contains(&expected), "{error}");
    store.close().unwrap();
    open(dir.path());
}

#[test]
fn a_newer_format_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("FORMAT"), "cowrite format 7\n").unwrap();
    let error = JournalStore::open(dir.path(), Options::default()).err().expect("it is newer");
    let text = error.to_string();
    assert!(text.contains("its format is 7") && text.contains("formats up to 3"), "{text}");
    assert!(!dir.path().join("journal").exists() && !dir.path().join("sled").exists());
}

#[test]
fn a_thousand_restarts_leave_no_thousand_files() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { journal_segments: 4, ..Options::default() };
    for round in 1..=20 {
        let store = JournalStore::open(dir.path(), options.clone()).unwrap();
        if round == 1 {
            create(&store, "kept");
        }
        let number = store.find(&id("kept")).unwrap().unwrap().number;
        if round % 2 == 0 {
            write(&store, number, round / 2, &["x"]);
        }
    }
    let store = JournalStore::open(dir.path(), options).unwrap();
    let number = store.find(&id("kept")).unwrap().unwrap().number;
    assert_eq!(texts(&store, number), vec!["x"; 10]);
    // Old segments are released in the background.
    let segments = || std::fs::read_dir(dir.path().join("journal")).unwrap().count();
    let begun = std::time::Instant::now();
    while segments() > 7 {
        assert!(begun.elapsed() < Duration::from_secs(10), "{} segments", segments());
        std::thread::yield_now();
    }
}
