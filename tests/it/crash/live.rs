//! Live documents that people come to and leave, so that each is put away again and again.

use std::sync::Arc;
use std::time::Duration;

use cowrite::document::{self, Arrival, Attached, Registry};
use cowrite::export::{self, Content};
use cowrite::ids::SessionId;
use cowrite::import;
use cowrite::protocol::{Message, Role, message};
use cowrite::store::{JournalStore, Stored};
use tokio::time::sleep;

use super::{DIR, DOCUMENTS, Story, name, options, shout};

pub(super) const STORY: Story =
    Story { process: "crash::live::comes_and_goes_until_it_is_killed", whole: words };

/// Every change brings one.
const WORD: &str = "word ";

/// The process that is killed. It is run by the tests of this folder and does nothing otherwise.
#[actix_web::test]
#[ignore = "run by a_killed_process_loses_nothing_saved"]
async fn comes_and_goes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    #[cfg(feature = "failpoints")]
    super::steps::arm();
    let store = Arc::new(JournalStore::open(dir.as_ref(), options()).unwrap());
    let idle_for = Duration::from_millis(1);
    let registry = Registry::new(store, document::Options { idle_for, ..document::Options::default() });
    let mut held = [0; DOCUMENTS];
    for (n, held) in held.iter_mut().enumerate() {
        let (_, state) = match registry.export(&name(n as u64)).await {
            Ok(exported) => exported,
            Err(_) => continue, // nobody made it yet
        };
        *held = count(&[&state]);
    }
    for round in 0_u64.. {
        let n = round % DOCUMENTS as u64;
        let arrival = Arrival {
            connection: registry.next_connection(),
            session: SessionId::random(),
            role: Role::Editor,
            cowrite: true,
            message_bytes: 1_000,
        };
        let Ok(attached) = registry.attach(&name(n), arrival).await else {
            sleep(Duration::from_millis(1)).await; // a full disk takes no new documents
            continue;
        };
        for nth in 0..3 {
            let update = import::initial_update(WORD).expect("a word");
            attached.deliver(Message::Update(update), None).await.unwrap();
            hear_saved(&attached, nth).await;
            held[n as usize] += 1;
            shout(n, held[n as usize]);
        }
        drop(attached);
        while round % 2 == 0 && registry.live_documents() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn hear_saved(attached: &Attached, n: u64) {
    let wanted = message::saved(n);
    loop {
        let delivery = attached.outgoing().next().await;
        assert!(delivery.close.is_none(), "{delivery:?}");
        if delivery.frames.contains(&wanted) {
            return;
        }
    }
}

/// How many words a stored document has, and nothing but words.
fn words(stored: &Stored) -> u64 {
    let updates: Vec<_> =
        stored.snapshot.iter().chain(stored.tail.iter().map(|change| &change.update)).collect();
    count(&updates)
}

fn count(updates: &[&bytes::Bytes]) -> u64 {
    let text = Content::of_doc(&export::replay(updates.iter().copied()).expect("updates")).text;
    assert_eq!(text.replace(WORD, ""), "");
    (text.len() / WORD.len()) as u64
}
