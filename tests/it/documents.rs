//! Live documents: they come to life once, stay while they are wanted, and are put away without losing anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cowrite::document::{Arrival, Attached, Options, Registry};
use cowrite::export::Content;
use cowrite::ids::{DocId, DocNumber, Kind, Seq, SessionId};
use cowrite::import;
use cowrite::limits;
use cowrite::protocol::{CloseCode, Message, Role, message};
use cowrite::store::{Append, Entry, Health, MemoryStore, Receipt, Store, StoreError, Stored};
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(5);

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

fn arrival(registry: &Registry) -> Arrival {
    Arrival {
        connection: registry.next_connection(),
        session: SessionId::random(),
        role: Role::Editor,
        cowrite: true,
        message_bytes: 1000,
    }
}

async fn attach(registry: &Registry) -> Attached {
    registry.attach(&notes(), arrival(registry)).await.expect("a place in the document")
}

/// Read what the document says until one frame is the one.
async fn hear(attached: &Attached, wanted: &Bytes) {
    let search = async { while !attached.outgoing().next().await.frames.contains(wanted) {} };
    timeout(PATIENCE, search).await.expect("the frame comes");
}

async fn closed(attached: &Attached) -> CloseCode {
    let search = async {
        loop {
            if let Some(close) = attached.outgoing().next().await.close {
                return close.code;
            }
        }
    };
    timeout(PATIENCE, search).await.expect("it is closed")
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
    let (ann, ben) = (attach(&registry).await, attach(&registry).await);
    let update = initial_update("hello");
    ann.deliver(Message::Update(update.clone()), None).await.unwrap();
    hear(&ben, &message::update(&update)).await;
    hear(&ann, &message::saved(0)).await;
    assert_eq!(registry.live_documents(), 1, "both are in the same document");
}

#[actix_web::test]
async fn an_idle_document_is_put_away_and_comes_back_whole() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), short_lived());
    let ann = attach(&registry).await;
    ann.deliver(Message::Update(initial_update("hello")), None).await.unwrap();
    hear(&ann, &message::saved(0)).await;
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
        let ann = attach(&registry).await;
        ann.deliver(Message::Update(initial_update("x")), None).await.unwrap();
        hear(&ann, &message::saved(0)).await;
        drop(ann);
        sleep(Duration::from_micros(round * 40)).await;
    }
    let (_, state) = registry.export(&notes()).await.unwrap();
    let replica = cowrite::export::replay([&state]).unwrap();
    assert_eq!(cowrite::export::encode(&replica).len(), state.len());
    let ann = attach(&registry).await;
    ann.deliver(Message::Update(state), None).await.unwrap();
    hear(&ann, &message::saved(0)).await; // all hundred are there: nothing of it was new
}

#[actix_web::test]
async fn a_laggard_is_spared_the_details_and_misses_nothing() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), Options::default());
    let (writer, laggard) = (attach(&registry).await, attach(&registry).await);
    let page = "x".repeat(4 * 1024);
    const PAGES: usize = 1_000;
    for _ in 0..PAGES {
        writer.deliver(Message::Update(initial_update(&page)), None).await.unwrap();
    }
    hear(&writer, &message::saved(PAGES as u64 - 1)).await;

    let first = laggard.outgoing().next().await.frames;
    let queued: usize = first.iter().map(Bytes::len).sum();
    let (low, high) = (limits::LAGGING_BYTES, limits::LAGGING_BYTES + 2 * limits::BATCH_UPDATES * page.len());
    assert!((low..high).contains(&queued), "{queued} bytes waited");
    assert!(laggard.outgoing().next().await.caught_up);
    laggard.caught_up().await.unwrap();
    let rest = laggard.outgoing().next().await.frames;

    let updates: Vec<Bytes> = first.into_iter().chain(rest).filter_map(update_in).collect();
    assert!(updates.len() < PAGES, "the last of {} stands for many", updates.len());
    let content = Content::of_doc(&cowrite::export::replay(&updates).unwrap());
    assert_eq!(content.text.len(), PAGES * page.len());
}

#[actix_web::test]
async fn draining_closes_everybody_saves_and_refuses_newcomers() {
    let store = Arc::new(MemoryStore::default());
    let registry = Registry::new(store.clone(), Options::default());
    let ann = attach(&registry).await;
    ann.deliver(Message::Update(initial_update("hello")), None).await.unwrap();
    timeout(PATIENCE, registry.drain()).await.expect("it comes to an end");
    assert_eq!(closed(&ann).await, CloseCode::Restarting);
    assert_eq!(registry.live_documents(), 0);
    let refused = registry.attach(&notes(), arrival(&registry)).await;
    assert_eq!(refused.err().map(|error| error.close().code), Some(CloseCode::Restarting));
    let number = store.find(&notes()).unwrap().unwrap().number;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(1));
}

/// Nothing that was typed while the disk was full is lost, and everybody hears when it is saved.
#[actix_web::test]
async fn a_full_disk_delays_saved_and_loses_nothing() {
    let store = Arc::new(MemoryStore::default());
    let registry = Registry::new(store.clone(), Options::default());
    let (ann, ben) = (attach(&registry).await, attach(&registry).await);
    let texts = ["before", "on its way", "refused", "refused too"].map(initial_update);
    ann.deliver(Message::Update(texts[0].clone()), None).await.unwrap();
    hear(&ann, &message::saved(0)).await;

    store.hold();
    ann.deliver(Message::Update(texts[1].clone()), None).await.unwrap();
    hear(&ben, &message::update(&texts[1])).await;
    store.fail("the disk is full");
    let problem = message::storage(Some("storage is read-only: the disk is full"));
    hear(&ann, &problem).await;
    for text in &texts[2..] {
        ann.deliver(Message::Update(text.clone()), None).await.unwrap();
        hear(&ben, &message::update(text)).await;
    }
    let told = registry.contribute(&notes(), "import".into(), initial_update("told at once")).await;
    assert!(told.unwrap_err().to_string().contains("the disk is full"));
    let (_, before) = registry.export(&notes()).await.expect("it can be read");
    let number = store.find(&notes()).unwrap().unwrap().number;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(1));

    store.recover();
    hear(&ann, &message::storage(None)).await;
    store.release();
    hear(&ann, &message::saved(3)).await;
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
    let ann = attach(&registry).await;
    store.hold();
    ann.deliver(Message::Update(initial_update("on its way")), None).await.unwrap();
    let number = store.find(&notes()).unwrap().unwrap().number;
    registry.export(&notes()).await.expect("by then the update was handed to the store");
    store.fail("the disk is full");
    store.recover();
    ann.deliver(Message::Update(initial_update("after it")), None).await.unwrap();
    store.release();
    hear(&ann, &message::saved(1)).await;
    assert_eq!(store.load(number).unwrap().last_seq(), Seq(2));
}

#[actix_web::test]
async fn a_deleted_document_sends_everybody_away_for_good() {
    let registry = Registry::new(Arc::new(MemoryStore::default()), Options::default());
    let ann = attach(&registry).await;
    registry.delete(&notes()).await.unwrap();
    assert_eq!(closed(&ann).await, CloseCode::Gone);
    let again = registry.attach(&notes(), arrival(&registry)).await;
    assert_eq!(again.err().map(|error| error.close().code), Some(CloseCode::Gone));
}

#[actix_web::test]
async fn a_load_that_fails_overwrites_nothing_and_can_be_tried_again() {
    let store = Arc::new(Fragile::default());
    let registry = Registry::new(store.clone(), short_lived());
    let ann = attach(&registry).await;
    ann.deliver(Message::Update(initial_update("precious")), None).await.unwrap();
    hear(&ann, &message::saved(0)).await;
    let (_, before) = registry.export(&notes()).await.unwrap();
    drop(ann);
    until("the document is put away", || registry.live_documents() == 0).await;

    store.broken.store(true, Ordering::Relaxed);
    let refused = registry.attach(&notes(), arrival(&registry)).await;
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
    let bystander = registry.attach(&calm_id, arrival(&registry)).await.unwrap();
    let ann = attach(&registry).await;
    ann.deliver(Message::Update(initial_update("kept")), None).await.unwrap();
    hear(&ann, &message::saved(0)).await;
    let (_, before) = registry.export(&notes()).await.unwrap();

    for _ in 0..limits::CRASHES_BEFORE_QUARANTINE {
        let ann = attach(&registry).await;
        store.panics.store(true, Ordering::Relaxed);
        ann.deliver(Message::Update(initial_update("lost with a crash")), None).await.unwrap();
        assert_eq!(closed(&ann).await, CloseCode::Internal);
        store.panics.store(false, Ordering::Relaxed);
        let (_, after) = registry.export(&notes()).await.unwrap();
        assert_eq!(before, after, "what was saved is there");
    }

    let ann = attach(&registry).await;
    ann.deliver(Message::Update(initial_update("once more")), None).await.unwrap();
    assert_eq!(closed(&ann).await, CloseCode::Forbidden);
    assert!(registry.contribute(&notes(), "a program".into(), initial_update("x")).await.is_err());
    assert_eq!(registry.export(&notes()).await.unwrap().1, before);

    bystander.deliver(Message::Update(calm), None).await.unwrap();
    hear(&bystander, &message::saved(0)).await;
}

/// Two who take turns make each message a change of its own, so that what was handed over together can be counted.
#[actix_web::test]
async fn what_waits_is_applied_in_batches() {
    const WAITING: usize = 2 * limits::BATCH_UPDATES + 10;
    let store = Arc::new(Fragile::default());
    let registry = Registry::new(store.clone(), Options::default());
    let both = [attach(&registry).await, attach(&registry).await];
    let updates: Vec<_> = (0..WAITING).map(|_| Message::Update(initial_update("x"))).collect();
    for (n, update) in updates.into_iter().enumerate() {
        both[n % 2].deliver(update, None).await.unwrap();
    }
    for one in &both {
        hear(one, &message::saved(WAITING as u64 / 2 - 1)).await;
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
    fn rename(&self, id: &DocId, title: &str) -> Result<(Entry, Receipt), StoreError> {
        self.inner.rename(id, title)
    }
    fn delete(&self, id: &DocId) -> Result<(Entry, Receipt), StoreError> {
        self.inner.delete(id)
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
    fn health(&self) -> Health {
        self.inner.health()
    }
    fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }
}
