//! The bare relay: whatever a member of a room sends goes to the room's other members, frame for frame, each frame shared by all who
//! get it, and what waits for a socket leaves in one write. No CRDT, no storage, no framework, one thread.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSlice};
use std::net::Ipv4Addr;
use std::rc::Rc;

use bytes::Bytes;
use cowrite_load::wire::frame::{self, Opcode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;

/// Frames written at once: as many pieces as the kernel takes in one call.
const FRAMES_AT_ONCE: usize = 1024;

/// The load generator sends one key always, the one of RFC 6455, and this is its answer.
const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

type Rooms = Rc<RefCell<HashMap<String, Vec<Rc<Member>>>>>;

/// Somebody in a room.
#[derive(Default)]
struct Member {
    /// Frames that wait for its socket. What waits leaves in one write.
    waiting: RefCell<VecDeque<Bytes>>,
    more: Notify,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("a port as first argument");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let rooms = Rooms::default();
    LocalSet::new()
        .run_until(async {
            loop {
                let (stream, _) = listener.accept().await?;
                let rooms = rooms.clone();
                spawn_local(async move {
                    let _ = serve(stream, rooms).await;
                });
            }
        })
        .await
}

async fn serve(mut stream: TcpStream, rooms: Rooms) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    let Some(room) = handshake(&mut stream, &mut bytes).await? else { return Ok(()) };
    let me = Rc::new(Member::default());
    rooms.borrow_mut().entry(room.clone()).or_default().push(me.clone());
    stream.write_all(SWITCHING.as_bytes()).await?;

    let (mut read, write) = stream.into_split();
    let writing = spawn_local(write_what_waits(write, me.clone()));
    let mut served = Ok(());
    while served.is_ok() {
        bytes.reserve(READ_BYTES);
        match read.read_buf(&mut bytes).await {
            Ok(0) => break,
            Ok(_) => served = forward(&mut bytes, &me, &rooms.borrow()[&room]),
            Err(error) => served = Err(error),
        }
    }
    writing.abort();
    rooms
        .borrow_mut()
        .get_mut(&room)
        .expect("a room that we are in")
        .retain(|member| !Rc::ptr_eq(member, &me));
    served
}

/// Put the whole frames of `bytes` before everybody else in the room.
fn forward(bytes: &mut Vec<u8>, me: &Rc<Member>, room: &[Rc<Member>]) -> io::Result<()> {
    let mut at = 0;
    while let Some((opcode, payload, length)) = frame::first(&mut bytes[at..]) {
        match opcode {
            Opcode::Binary => {
                let mut frame = Vec::with_capacity(payload.len() + 10);
                frame::put_plain(&mut frame, Opcode::Binary, payload);
                let frame = Bytes::from(frame);
                for member in room.iter().filter(|member| !Rc::ptr_eq(member, me)) {
                    member.waiting.borrow_mut().push_back(frame.clone());
                }
            }
            Opcode::Close | Opcode::Other(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Opcode::Ping | Opcode::Pong => {}
        }
        at += length;
    }
    bytes.drain(..at);
    room.iter().for_each(|member| member.more.notify_one());
    Ok(())
}

async fn write_what_waits(mut write: OwnedWriteHalf, me: Rc<Member>) {
    loop {
        let frames: Vec<Bytes> = {
            let mut waiting = me.waiting.borrow_mut();
            let some = waiting.len().min(FRAMES_AT_ONCE);
            waiting.drain(..some).collect()
        };
        if frames.is_empty() {
            me.more.notified().await;
        } else if write_whole(&mut write, &frames).await.is_err() {
            return;
        }
    }
}

async fn write_whole(write: &mut OwnedWriteHalf, frames: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = frames.iter().map(|frame| IoSlice::new(frame)).collect();
    let mut left = &mut slices[..];
    while !left.is_empty() {
        let written = write.write_vectored(left).await?;
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}

/// The path of the request to upgrade; what follows the request stays in `bytes`.
async fn handshake(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Option<String>> {
    let end = loop {
        if stream.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    bytes.drain(..end);
    let room = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Some(room))
}
