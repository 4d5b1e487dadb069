use std::sync::Arc;

use super::*;
use crate::cli::place::Place;
use crate::export::Format;
use crate::ids::{DocNumber, Epoch, Kind, Seq};
use crate::import::initial_update;
use crate::store::{Append, Change, Edit, Fact, Health, Images, MemoryImages, Receipt, Stored};

/// Three documents, one of them deleted; nothing can be written.
struct ReadOnly;

fn entry(number: u64, id: &str, title: &str, updated_ms: u64, deleted_ms: Option<u64>) -> Entry {
    let (number, id) = (DocNumber(number), DocId::parse(id).expect("an id"));
    let (kind, title) = (Kind::Markdown, title.to_owned());
    Entry {
        number,
        id,
        epoch: Epoch::random(),
        kind,
        title,
        created_ms: 0,
        updated_ms,
        deleted_ms,
        tags: Vec::new(),
        trashed_ms: None,
    }
}

fn entries() -> Vec<Entry> {
    vec![
        entry(1, "old", "", 1_777_896_000_120, None),
        entry(2, "a-longer-id", "New\x1b[31m plan", 1_777_896_060_999, None),
        entry(3, "gone", "x", 5, Some(1000)),
    ]
}

impl Store for ReadOnly {
    fn find(&self, id: &DocId) -> Result<Option<Entry>, StoreError> {
        Ok(entries().into_iter().find(|entry| entry.id == *id))
    }

    fn list(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(entries().into_iter().filter(|entry| entry.deleted_ms.is_none()).collect())
    }

    fn load(&self, document: DocNumber) -> Result<Stored, StoreError> {
        // One text in two halves: the snapshot holds one, the tail the other.
        let halves = ["# Plan\n", "# Plan\n"].map(|half| initial_update(half).expect("an update"));
        assert_eq!(document, DocNumber(2));
        let [snapshot, update] = halves;
        let tail = vec![Change { at_ms: 0, author: "a".into(), update }];
        Ok(Stored { snapshot: Some(snapshot), snapshot_seq: Seq(7), tail })
    }

    fn create(&self, _: &DocId, _: Kind, _: &str, _: bool) -> Result<(Entry, Receipt), StoreError> {
        unreachable!("offline commands only read")
    }
    fn edit(&self, _: &DocId, _: Edit) -> Result<(Entry, Receipt), StoreError> {
        unreachable!("offline commands only read")
    }
    fn images(&self) -> Arc<dyn Images> {
        Arc::new(MemoryImages::default())
    }
    fn append(&self, _: Append) -> Result<(), StoreError> {
        unreachable!("offline commands only read")
    }
    fn checkpoint(&self, _: DocNumber, _: Seq, _: Bytes) -> Result<(), StoreError> {
        unreachable!("offline commands only read")
    }
    fn note(&self, _: Vec<Fact>) -> Result<Receipt, StoreError> {
        unreachable!("offline commands only read")
    }
    fn facts(&self) -> Result<Vec<Fact>, StoreError> {
        unreachable!("offline commands do not ask who may do what")
    }
    fn health(&self) -> Health {
        Health::Writable
    }
    fn close(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn run_export(id: &str, format: Option<Format>, output: Option<PathBuf>) -> Result<String, String> {
    let id = DocId::parse(id).expect("an id");
    let command = Export { id, format, output, place: Place::default() };
    let mut out = Vec::new();
    export(&ReadOnly, &command, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).expect("UTF-8"))
}

fn run_documents(json: bool) -> String {
    let mut out = Vec::new();
    documents(&ReadOnly, &Documents { json, place: Place::default() }, &mut out).expect("listed");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_table_is_in_line_and_obeys_no_title() {
    assert_eq!(
        run_documents(false),
        "ID           KIND      CHANGED               TITLE\n\
         a-longer-id  markdown  2026-05-04T12:01:00Z  New [31m plan\n\
         old          markdown  2026-05-04T12:00:00Z\n"
    );
    assert_eq!(table(&[]), "no documents\n");
}

#[test]
fn json_is_for_programs() {
    let documents: serde_json::Value = serde_json::from_str(&run_documents(true)).expect("JSON");
    assert_eq!(documents[0]["id"], "a-longer-id");
    assert_eq!(documents[1]["updated"], "2026-05-04T12:00:00.120Z");
    assert_eq!(list(&[]), "[]\n");
}

#[test]
fn an_export_has_the_snapshot_and_what_came_after() {
    assert_eq!(run_export("a-longer-id", None, None).as_deref(), Ok("# Plan\n# Plan\n"));
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.html");
    fs::write(&path, "old").expect("written");
    assert_eq!(run_export("a-longer-id", None, Some(path.clone())).as_deref(), Ok(""));
    assert!(fs::read_to_string(&path).expect("read").starts_with("<!DOCTYPE html>"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no leftovers");
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken.md");
    fs::create_dir(&taken).expect("made");
    let error = run_export("a-longer-id", None, Some(taken.clone())).expect_err("a folder is no file");
    assert!(error.starts_with(&format!("cannot write {}: ", taken.display())), "{error}");
    assert!(error.ends_with("; what was there before is unchanged"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no leftovers");
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_stays() {
    run_export("a-longer-id", None, Some("/dev/null".into())).expect("written");
    assert!(!fs::metadata("/dev/null").expect("still there").is_file());
}

#[test]
fn unknown_and_deleted_documents_say_so() {
    let unknown = "there is no document nope; `cowrite documents` lists those that are there";
    assert_eq!(run_export("nope", None, None), Err(unknown.to_owned()));
    let deleted = "document gone was deleted at 1970-01-01T00:00:01.000Z and cannot be exported";
    assert_eq!(run_export("gone", None, None), Err(deleted.to_owned()));
}
