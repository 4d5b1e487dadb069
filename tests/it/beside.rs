//! Whoever writes elsewhere does not notice that somebody sends bombs: the dearest updates that are accepted, to a running server.
//!
//! Only in a release build, and best alone: `cargo test --release --test it beside:: -- --nocapture`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cowrite::protocol::{empty_doc, message};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use yrs::updates::decoder::Decode;
use yrs::{GetString, ReadTxn, Text, Transact, Update};

use crate::guard::bombs::{Answer, Bomb, bombs};

/// Each bomb goes off in so many documents, one after the other, and all that so often.
const DOCUMENTS: usize = 8;
const ROUNDS: usize = 5;

/// A bomb that was noticed is tried again, so often in all.
const TRIES: usize = 3;

/// How long nothing happens before each round.
const QUIET: Duration = Duration::from_millis(400);

/// How often somebody elsewhere types.
const TYPE_EVERY: Duration = Duration::from_millis(2);

/// Below this a latency is called the same, whatever the ratio: a busy machine alone makes twice of little.
const NOISE: Duration = Duration::from_millis(10);

const PATIENCE: Duration = Duration::from_secs(30);

/// The real server on a folder of its own. It ends with the test.
struct Server {
    child: Child,
    address: String,
    _data: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cowrite"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = log
            .by_ref()
            .find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned()))
            .expect("it says where it listens");
        let end =
            address.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(address.len());
        let address = address[..end].to_owned();
        thread::spawn(move || log.for_each(drop)); // or it would wait for somebody to read
        Server { child, address, _data: data }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection to one document.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(address: &str, document: &str) -> Client {
        let mut request = format!("ws://{address}/ws/{document}").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "cowrite.v1".parse().unwrap());
        let (socket, _) = connect_async(request).await.expect("a connection");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_nodelay(true).unwrap();
        }
        Client(socket)
    }

    async fn send(&mut self, update: &[u8]) {
        self.0.send(Message::Binary(message::update(update))).await.unwrap();
    }

    async fn next(&mut self) -> Bytes {
        loop {
            match self.0.next().await.expect("the connection stays").unwrap() {
                Message::Binary(frame) => return frame,
                Message::Close(close) => panic!("closed: {close:?}"),
                _ => {}
            }
        }
    }

    /// Wait until the `n`th message is durable, which is after it was applied.
    async fn saved(&mut self, n: usize) {
        let wanted = message::saved(n as u64);
        let search = async { while self.next().await != wanted {} };
        timeout(PATIENCE, search).await.expect("it is saved");
    }
}

/// Somebody who types and somebody who reads it, in a document and on a thread of their own.
struct Elsewhere {
    /// When each letter was sent, and how long it took to the reader.
    letters: Arc<Mutex<Vec<(Instant, Duration)>>>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Elsewhere {
    fn begin(address: String) -> Elsewhere {
        let (letters, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (noted, stopped) = (Arc::clone(&letters), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(type_and_read(&address, &noted, &stopped));
        });
        Elsewhere { letters, stop, thread }
    }

    /// The 99th percentile of what was sent between the two.
    fn p99(&self, from: Instant, to: Instant) -> (Duration, usize) {
        let letters = self.letters.lock().unwrap();
        let mut took: Vec<_> =
            letters.iter().filter(|(sent, _)| (from..to).contains(sent)).map(|(_, took)| *took).collect();
        took.sort();
        (took[(took.len() * 99 / 100).min(took.len() - 1)], took.len())
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

async fn type_and_read(address: &str, letters: &Mutex<Vec<(Instant, Duration)>>, stop: &AtomicBool) {
    let mut writer = Client::connect(address, "elsewhere").await;
    let mut reader = Client::connect(address, "elsewhere").await;
    let (writes, reads) = (empty_doc(), empty_doc());
    let (mut sent, mut arrived) = (Vec::new(), 0);
    let mut beat = interval(TYPE_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !stop.load(Ordering::Relaxed) {
        tokio::select! {
            _ = beat.tick() => {
                let update = {
                    let text = writes.get_or_insert_text("content");
                    let mut txn = writes.transact_mut();
                    let before = txn.state_vector();
                    text.push(&mut txn, "x");
                    txn.encode_state_as_update_v1(&before)
                };
                sent.push(Instant::now());
                writer.send(&update).await;
            }
            frame = reader.next() => {
                let now = Instant::now();
                for message in message::decode(frame) {
                    let Ok(cowrite::protocol::Message::Update(update)) = message else { break };
                    let text = reads.get_or_insert_text("content");
                    let mut txn = reads.transact_mut();
                    txn.apply_update(Update::decode_v1(&update).unwrap()).unwrap();
                    let length = text.get_string(&txn).len();
                    let mut letters = letters.lock().unwrap();
                    letters.extend(sent[arrived..length].iter().map(|sent| (*sent, now - *sent)));
                    arrived = length;
                }
            }
            _ = writer.next() => {}
        }
    }
}

/// Let a bomb go off in some documents. Returns when it began and ended.
async fn explode(address: &str, bomb: &Bomb, round: usize) -> (Instant, Instant) {
    let mut clients = Vec::new();
    for n in 0..DOCUMENTS {
        let name = format!("{}-{round}-{n}", crate::fixtures::fnv1a(bomb.name.as_bytes()));
        let mut client = Client::connect(address, &name).await;
        for (n, update) in bomb.before.iter().enumerate() {
            client.send(update).await;
            client.saved(n).await;
        }
        clients.push(client);
    }
    tokio::time::sleep(QUIET).await;
    let begun = Instant::now();
    for client in &mut clients {
        client.send(&bomb.update).await;
        client.saved(bomb.before.len()).await;
    }
    (begun, Instant::now())
}

#[tokio::test]
#[cfg_attr(debug_assertions, ignore = "times of a debug build say nothing")]
async fn another_document_does_not_wait_for_any_bomb() {
    let server = Server::start();
    let elsewhere = Elsewhere::begin(server.address.clone());
    tokio::time::sleep(Duration::from_secs(1)).await; // what is done for the first time is slower
    let mut slowed = Vec::new();
    for bomb in bombs().iter().filter(|bomb| bomb.answer == Answer::Taken) {
        // What is slow once is so by the machine's doing. What is slow each time is so by the bomb's.
        let mut tries = 0;
        while notices(&server, &elsewhere, bomb, tries).await {
            tries += 1;
            if tries == TRIES {
                slowed.push(bomb.name);
                break;
            }
        }
    }
    elsewhere.end();
    assert_eq!(slowed, [""; 0]);
}

/// Whether somebody elsewhere notices a bomb: the median of the rounds' 99th percentiles more than doubles.
async fn notices(server: &Server, elsewhere: &Elsewhere, bomb: &Bomb, tries: usize) -> bool {
    let (mut quiet, mut loud, mut letters, mut each) = (Vec::new(), Vec::new(), 0, Duration::ZERO);
    for round in 0..ROUNDS {
        let (begun, ended) = explode(&server.address, bomb, tries * ROUNDS + round).await;
        tokio::time::sleep(Duration::from_millis(100)).await; // until all of it has arrived
        quiet.push(elsewhere.p99(begun - QUIET, begun).0);
        let (p99, count) = elsewhere.p99(begun, ended + TYPE_EVERY);
        loud.push(p99);
        letters += count;
        each += (ended - begun) / (DOCUMENTS * ROUNDS) as u32;
    }
    quiet.sort();
    loud.sort();
    let (before, during) = (quiet[ROUNDS / 2], loud[ROUNDS / 2]);
    println!(
        "{:48} {each:>8.1?} each; p99 elsewhere {before:>8.1?} before, {during:>8.1?} during, of {letters} letters",
        bomb.name
    );
    during > 2 * before.max(NOISE)
}
