//! Live documents: they come to life once, stay while they are wanted, and are put away without losing anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cowrite::document::{Options, Registry};
use cowrite::export::Content;
use cowrite::ids::{DocId, DocNumber, Kind, Seq};
use cowrite::import;
use cowrite::limits;
use cowrite::protocol::{CloseCode, Message, message};
use cowrite::store::{
    Append, Edit, Entry, Fact, Health, Images, MemoryStore, Receipt, Store, StoreError, Stored,
};
use tokio::time::{sleep, timeout};

use crate::client::{Client, PATIENCE};

fn notes() -> DocId {
    DocId::parse("notes").unwrap()
}

/// Somebody new writes a text: their first update.
fn initial_update(text: &str) -> Bytes {
    import::initial_update(text).expect("the text is not empty")
}

/// The update in a frame, if it is one.
fn update_in(frame: Bytes) -> Option<Bytes> {
    match message::decode(frame).next() {
        Some(Ok(Message::Update(update))) => Some(update),
        _ => None,
    }
}

async fn join(registry: &Registry) -> Client {
    Client::join(registry, &notes()).await.expect("a place in the document")
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

fn short_lived() -> Options {
    Options { idle_for: Duration::from_millis(30), ..Options::default() }
}

#[actix_web::test]
async fn a_change_is_passed_on_and_acknowledged() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), Options::default());
    let (mut ann, mut ben) = (join(&registry).await, join(&registry).await);
    let update = initial_update("hello");
    ann.write(update.clone()).await;
    ben.hear(&message::update(&update)).await;
    ann.hear(&message::saved(0)).await;
    assert_eq!(registry.live_documents(), 1, "both are in the same document");
}

#[actix_web::test]
async fn an_idle_document_is_put_away_and_comes_back_whole() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), short_lived());
    let mut ann = join(&registry).await;
    ann.write(initial_update("hello")).await;
    ann.hear(&message::saved(0)).await;
    let (_, before) = registry.export(&notes()).await.unwrap();
    drop(ann);
    until("the document is put away", || registry.live_documents() == 0).await;
    let (_, after) = registry.export(&notes()).await.unwrap();
    assert_eq!(before, after);
}

#[actix_web::test]
async fn coming_and_going_never_meets_a_document_that_is_half_gone() {
    let options = Options { idle_for: Duration::from_millis(1), ..Options::default() };
    let registry = Registry::new(Arc::new(MemoryStore::default()), options);
    for round in 0..100 {
        let mut ann = join(&registry).await;
        ann.write(initial_update("x")).await;
        ann.hear(&message::saved(0)).await;
        drop(ann);
        sleep(Duration::from_micros(round * 40)).await;
    }
    let (_, state) = registry.export(&notes()).await.unwrap();
    let replica = cowrite::export::replay([&state]).unwrap();
    assert_eq!(cowrite::export::encode(&replica).len(), state.len());
    let mut ann = join(&registry).await;
    ann.write(state).await;
    ann.hear(&message::saved(0)).await; // all hundred are there: nothing of it was new
}

#[actix_web::test]
async fn a_laggard_is_spared_the_details_and_misses_nothing() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), Options::default());
    let (mut writer, mut laggard) = (join(&registry).await, join(&registry).await);
    let page = "x".repeat(4 * 1024);
    const PAGES: usize = 1_000;
    for _ in 0..PAGES {
        writer.write(initial_update(&page)).await;
    }
    writer.hear(&message::saved(PAGES as u64 - 1)).await;

    let first = laggard.hear_all();
    let queued: usize = first.iter().map(Bytes::len).sum();
    let (low, high) = (limits::LAGGING_BYTES, limits::LAGGING_BYTES + 2 * limits::BATCH_UPDATES * page.len());
    assert!((low..high).contains(&queued), "{queued} bytes waited");
    assert!(laggard.line.news().await.caught_up);
    laggard.attached.caught_up().await.unwrap();
    until("the difference waits", || laggard.line.waits()).await;
    let rest = laggard.hear_all();

    let updates: Vec<Bytes> = first.into_iter().chain(rest).filter_map(update_in).collect();
    assert!(updates.len() < PAGES, "the last of {} stands for many", updates.len());
    let content = Content::of_doc(&cowrite::export::replay(&updates).unwrap());
    assert_eq!(content.text.len(), PAGES * page.len());
}

#[actix_web::test]
async fn draining_closes_everybody_saves_and_refuses_newcomers() {
    let store = Arc::new(MemoryStore::default());
    let registry = Registry::new(store.clone(), Options::default());
    let ann = join(&registry).await;
    ann.write(initial_update("hello")).await;
    timeout(PATIENCE, registry.drain()).await.expect("it comes to an end");
    assert_eq!(ann.closed().await, CloseCode::Restarting);
    assert_eq!(registry.live_documents(), 0);
    let refused = Client::join(&registry, &notes()).await;
    assert_eq!(refused.err().map(|error| error.close().code), Some(CloseCode::Restarting));
    let number = store.find(&notes()).unwrap().unwrap().number;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(1));
}

/// Nothing that was typed while the disk was full is lost, and everybody hears when it is saved.
#[actix_web::test]
async fn a_full_disk_delays_saved_and_loses_nothing() {
    let store = Arc::new(MemoryStore::default());
    let registry = Registry::new(store.clone(), Options::default());
    let (mut ann, mut ben) = (join(&registry).await, join(&registry).await);
    let texts = ["before", "on its way", "refused", "refused too"].map(initial_update);
    ann.write(texts[0].clone()).await;
    ann.hear(&message::saved(0)).await;

    store.hold();
    ann.write(texts[1].clone()).await;
    ben.hear(&message::update(&texts[1])).await;
    store.fail("the disk is full");
    let problem = message::storage(Some("storage is read-only: the disk is full"));
    ann.hear(&problem).await;
    for text in &texts[2..] {
        ann.write(text.clone()).await;
        ben.hear(&message::update(text)).await;
    }
    let told = registry.contribute(&notes(), "import".into(), initial_update("told at once")).await;
    assert!(told.unwrap_err().to_string().contains("the disk is full"));
    let (_, before) = registry.export(&notes()).await.expect("it can be read");
    let number = store.find(&notes()).unwrap().unwrap().number;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(1));

    store.recover();
    ann.hear(&message::storage(None)).await;
    store.release();
    ann.hear(&message::saved(3)).await;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(4));
    registry.contribute(&notes(), "import".into(), initial_update("after")).await.unwrap();
    drop((ann, ben));
    timeout(PATIENCE, registry.drain()).await.expect("it comes to an end");
    let registry = Registry::new(store, Options::default());
    let (_, after) = registry.export(&notes()).await.unwrap();
    assert!(after.len() > before.len(), "all of it is there, and what came after");
}

/// The news of a failure and of the recovery may come as one: what was lost between is still given back.
#[actix_web::test]
async fn a_recovery_before_the_failure_was_noticed_is_noticed() {
    let store = Arc::new(MemoryStore::default());
    let registry = Registry::new(store.clone(), Options::default());
    let mut ann = join(&registry).await;
    store.hold();
    ann.write(initial_update("on its way")).await;
    let number = store.find(&notes()).unwrap().unwrap().number;
    registry.export(&notes()).await.expect("by then the update was handed to the store");
    store.fail("the disk is full");
    store.recover();
    ann.write(initial_update("after it")).await;
    store.release();
    ann.hear(&message::saved(1)).await;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(2));
}

#[actix_web::test]
async fn a_deleted_document_sends_everybody_away_for_good() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), Options::default());
    let ann = join(&registry).await;
    registry.delete(&notes()).await.unwrap();
    assert_eq!(ann.closed().await, CloseCode::Gone);
    let again = Client::join(&registry, &notes()).await;
    assert_eq!(again.err().map(|error| error.close().code), Some(CloseCode::Gone));
}

#[actix_web::test]
async fn a_load_that_fails_overwrites_nothing_and_can_be_tried_again() {
    let store = Arc::new(Fragile::default());
    let registry = Registry::new(store.clone(), short_lived());
    let mut ann = join(&registry).await;
    ann.write(initial_update("precious")).await;
    ann.hear(&message::saved(0)).await;
    let (_, before) = registry.export(&notes()).await.unwrap();
    drop(ann);
    until("the document is put away", || registry.live_documents() == 0).await;

    store.broken.store(true, Ordering::Relaxed);
    let refused = Client::join(&registry, &notes()).await;
    assert_eq!(refused.err().map(|error| error.close().code), Some(CloseCode::Internal));
    store.broken.store(false, Ordering::Relaxed);
    let (_, after) = registry.export(&notes()).await.unwrap();
    assert_eq!(before, after);
}

#[actix_web::test]
async fn a_document_that_panics_is_read_again_and_in_the_end_only_read() {
    let store = Arc::new(Fragile::default());
    let registry = Registry::new(store.clone(), Options::default());
    let (calm, calm_id) = (initial_update("calm"), DocId::parse("calm").unwrap());
    let mut bystander = Client::join(&registry, &calm_id).await.unwrap();
    let mut ann = join(&registry).await;
    ann.write(initial_update("kept")).await;
    ann.hear(&message::saved(0)).await;
    let (_, before) = registry.export(&notes()).await.unwrap();

    for _ in 0..limits::CRASHES_BEFORE_QUARANTINE {
        let ann = join(&registry).await;
        store.panics.store(true, Ordering::Relaxed);
        ann.write(initial_update("lost with a crash")).await;
        assert_eq!(ann.closed().await, CloseCode::Internal);
        store.panics.store(false, Ordering::Relaxed);
        let (_, after) = registry.export(&notes()).await.unwrap();
        assert_eq!(before, after, "what was saved is there");
    }

    let ann = join(&registry).await;
    ann.write(initial_update("once more")).await;
    assert_eq!(ann.closed().await, CloseCode::Forbidden);
    assert!(registry.contribute(&notes(), "a program".into(), initial_update("x")).await.is_err());
    assert_eq!(registry.export(&notes()).await.unwrap().1, before);

    bystander.write(calm).await;
    bystander.hear(&message::saved(0)).await;
}

/// Two who take turns make each message a change of its own, so that what was handed over together can be counted.
#[actix_web::test]
async fn what_waits_is_applied_in_batches() {
    const WAITING: usize = 2 * limits::BATCH_UPDATES + 10;
    let store = Arc::new(Fragile::default());
    let registry = Registry::new(store.clone(), Options::default());
    let mut both = [join(&registry).await, join(&registry).await];
    let updates: Vec<_> = (0..WAITING).map(|_| initial_update("x")).collect();
    for (n, update) in updates.into_iter().enumerate() {
        both[n % 2].write(update).await;
    }
    for one in &mut both {
        one.hear(&message::saved(WAITING as u64 / 2 - 1)).await;
    }
    let appended = store.appended.lock().unwrap().clone();
    assert_eq!(appended.iter().sum::<usize>(), WAITING);
    assert_eq!(appended.iter().max(), Some(&limits::BATCH_UPDATES), "{appended:?}");
}

/// A memory store that can be made to fail and to panic.
#[derive(Default)]
struct Fragile {
    inner: MemoryStore,
    broken: AtomicBool,
    panics: AtomicBool,
    /// How many changes came with each append.
    appended: Mutex<Vec<usize>>,
}

impl Store for Fragile {
    fn find(&self, id: &DocId) -> Result<Option<Entry>, StoreError> {
        self.inner.find(id)
    }
    fn list(&self) -> Result<Vec<Entry>, StoreError> {
        self.inner.list()
    }
    fn create(
        &self,
        id: &DocId,
        kind: Kind,
        title: &str,
        again: bool,
    ) -> Result<(Entry, Receipt), StoreError> {
        self.inner.create(id, kind, title, again)
    }
    fn edit(&self, id: &DocId, edit: Edit) -> Result<(Entry, Receipt), StoreError> {
        self.inner.edit(id, edit)
    }
    fn append(&self, append: Append) -> Result<(), StoreError> {
        assert!(!self.panics.load(Ordering::Relaxed), "a test says so");
        self.appended.lock().unwrap().push(append.changes.len());
        self.inner.append(append)
    }
    fn load(&self, document: DocNumber) -> Result<Stored, StoreError> {
        match self.broken.load(Ordering::Relaxed) {
            true => Err(StoreError::Damaged("a test says so".into())),
            false => self.inner.load(document),
        }
    }
    fn checkpoint(&self, document: DocNumber, seq: Seq, state: Bytes) -> Result<(), StoreError> {
        self.inner.checkpoint(document, seq, state)
    }
    fn note(&self, facts: Vec<Fact>) -> Result<Receipt, StoreError> {
        self.inner.note(facts)
    }
    fn facts(&self) -> Result<Vec<Fact>, StoreError> {
        self.inner.facts()
    }
    fn images(&self) -> Arc<dyn Images> {
        self.inner.images()
    }
    fn health(&self) -> Health {
        self.inner.health()
    }
    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}
