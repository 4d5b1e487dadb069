//! What is written is found, over live documents and their catalogue.

use std::sync::Arc;

use tokio::time::timeout;

use super::*;
use crate::document::Options;
use crate::ids::{DocId, Epoch, Kind};
use crate::import::initial_update;
use crate::search::Query;
use crate::store::{MemoryStore, Store};

/// What an edit may take until it is found.
const SOON: Duration = Duration::from_secs(2);

struct House {
    folder: tempfile::TempDir,
    search: Search,
    registry: web::Data<Registry>,
    indexing: Option<Indexing>,
}

impl House {
    fn new() -> House {
        House::over(Arc::new(MemoryStore::new()), tempfile::tempdir().expect("a folder"))
    }

    fn over(store: Arc<dyn Store>, folder: tempfile::TempDir) -> House {
        let registry = web::Data::new(Registry::new(store, Options::default()));
        let mut house = House { folder, search: Search::default(), registry, indexing: None };
        house.start();
        house
    }

    fn start(&mut self) {
        let indexing = Indexing::start(self.folder.path().into(), self.search.clone(), self.registry.clone());
        self.indexing = Some(indexing.expect("a thread"));
    }

    async fn make(&self, id: &str, title: &str, text: &str) {
        let first = initial_update(text);
        self.registry.create(&named(id), Kind::Text, title.into(), first, false).await.expect("room");
    }

    async fn write(&self, id: &str, text: &str) {
        // Two writers who have not seen each other: their texts come to stand side by side.
        let update = initial_update(&format!(" {text} ")).expect("a text");
        self.registry.contribute(&named(id), "ann".into(), update).await.expect("room");
    }

    fn found(&self, typed: &str) -> Vec<String> {
        let hits = self.search.find(&Query::parse(typed), 0, 10).expect("an answer");
        hits.iter().map(|hit| hit.id.to_string()).collect()
    }

    /// Wait until exactly these are found.
    async fn finds(&self, typed: &str, ids: &[&str]) {
        let wait = async {
            while self.found(typed) != ids {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let found = || format!("{typed}: {:?}, not {ids:?}", self.found(typed));
        timeout(SOON, wait).await.unwrap_or_else(|_| panic!("{}", found()));
    }

    async fn is_complete(&self) {
        let wait = async {
            while self.search.is_indexing() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), wait).await.expect("the first walk has an end");
    }
}

fn named(id: &str) -> DocId {
    DocId::parse(id).expect("an id")
}

#[actix_web::test]
async fn what_is_made_edited_renamed_and_deleted_is_found_so_within_two_seconds() {
    let house = House::new();
    house.is_complete().await;
    house.make("plan", "Zanzibar", "the first word").await;
    house.finds("first zanzibar", &["plan"]).await;
    for word in ["second", "third", "検索"] {
        house.write("plan", word).await;
        house.finds(word, &["plan"]).await;
    }
    house.registry.rename(&named("plan"), "Sansibar".into()).await.expect("room");
    house.finds("sansibar", &["plan"]).await;
    assert_eq!(house.found("zanzibar"), [""; 0]);
    house.registry.delete(&named("plan")).await.expect("room");
    house.finds("sansibar", &[]).await;
}

#[actix_web::test]
async fn what_changed_while_nobody_looked_is_found_after_a_restart() {
    let mut house = House::new();
    house.make("kept", "", "alpha").await;
    house.make("gone", "", "alpha").await;
    house.finds("alpha", &["kept", "gone"]).await;
    drop(house.indexing.take());
    assert_eq!(house.found("alpha"), [""; 0], "a search that is closed finds nothing");
    house.registry.delete(&named("gone")).await.expect("room");
    house.write("kept", "beta").await;
    house.start();
    house.finds("alpha beta", &["kept"]).await;
    house.is_complete().await;
    assert_eq!(house.found("alpha"), ["kept"]);
}

#[actix_web::test]
async fn an_index_that_is_damaged_while_it_is_used_is_made_anew() {
    let house = House::new();
    house.make("plan", "", "alpha").await;
    house.finds("alpha", &["plan"]).await;
    let file = house.folder.path().join("index.sqlite");
    rusqlite::Connection::open(file).expect("it").execute_batch("DROP TABLE documents").expect("it is there");
    house.write("plan", "beta").await;
    house.finds("beta", &["plan"]).await;
}

fn entry(number: u64, updated_ms: u64, title: &str) -> Entry {
    Entry {
        number: DocNumber(number),
        id: named(&format!("d{number}")),
        epoch: Epoch::random(),
        kind: Kind::Text,
        title: title.into(),
        created_ms: 0,
        updated_ms,
        deleted_ms: None,
        tags: Vec::new(),
        trashed_ms: None,
    }
}

#[test]
fn the_last_changed_comes_first_and_what_was_just_indexed_rests() {
    let now = Instant::now();
    let mut backlog = Backlog::knowing(vec![(DocNumber(1), Stamp::of(5, "a"))]);
    for entry in [entry(1, 5, "a"), entry(2, 7, ""), entry(3, 9, ""), entry(2, 8, "")] {
        backlog.see(entry);
    }
    let next = |backlog: &mut Backlog, now| backlog.next(now).map(|entry| (entry.number.0, entry.updated_ms));
    assert_eq!(next(&mut backlog, now), Some((3, 9)));
    assert_eq!(next(&mut backlog, now), Some((2, 8)));
    assert_eq!(next(&mut backlog, now), None, "the first is known as it is");
    backlog.see(entry(1, 5, "b"));
    assert_eq!(next(&mut backlog, now), Some((1, 5)), "under another title it is not");

    for (size, rest) in [(0, REST), (7 * REST_BYTES, 8 * REST), (1 << 30, LONGEST_REST)] {
        backlog.done(DocNumber(3), Stamp::of(9, ""), size, now);
        backlog.see(entry(3, 10, ""));
        assert!(!backlog.is_due(now + rest - Duration::from_millis(1)));
        assert_eq!(next(&mut backlog, now + rest), Some((3, 10)));
    }
}
