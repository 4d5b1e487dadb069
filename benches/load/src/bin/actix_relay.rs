//! The relay that somebody would write with actix-ws: whatever a member of a room sends goes to the room's other members. No CRDT, no
//! storage. With `TCP_NODELAY`, for without it delayed acknowledgements would cost it most of its throughput.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};

use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, Session};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The members of each room, by number.
#[derive(Default)]
struct Rooms(Mutex<HashMap<String, Room>>);

#[derive(Default)]
struct Room {
    members: HashMap<u64, UnboundedSender<Bytes>>,
    next: u64,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("a port as first argument");
    let rooms = Data::new(Rooms::default());
    HttpServer::new(move || App::new().app_data(rooms.clone()).route("/{room}", web::get().to(enter)))
        .tcp_nodelay(true)
        .bind((Ipv4Addr::LOCALHOST, port))?
        .run()
        .await
}

async fn enter(
    request: HttpRequest,
    payload: Payload,
    room: Path<String>,
    rooms: Data<Rooms>,
) -> actix_web::Result<HttpResponse> {
    let (response, session, stream) = actix_ws::handle(&request, payload)?;
    let room = room.into_inner();
    let (sender, receiver) = unbounded_channel();
    let me = rooms.with(&room, |room| {
        room.next += 1;
        room.members.insert(room.next, sender);
        room.next
    });
    actix_web::rt::spawn(async move {
        let writing = actix_web::rt::spawn(write(session, receiver));
        read(stream.aggregate_continuations(), &rooms, &room, me).await;
        rooms.with(&room, |room| room.members.remove(&me));
        writing.abort();
    });
    Ok(response)
}

async fn read(mut stream: AggregatedMessageStream, rooms: &Rooms, room: &str, me: u64) {
    while let Some(Ok(message)) = stream.recv().await {
        match message {
            AggregatedMessage::Binary(frame) => rooms.with(room, |room| {
                for (_, member) in room.members.iter().filter(|&(&number, _)| number != me) {
                    let _ = member.send(frame.clone());
                }
            }),
            AggregatedMessage::Close(_) => return,
            _ => {}
        }
    }
}

async fn write(mut session: Session, mut waiting: UnboundedReceiver<Bytes>) {
    while let Some(frame) = waiting.recv().await {
        if session.binary(frame).await.is_err() {
            return;
        }
    }
}

impl Rooms {
    fn with<T>(&self, name: &str, act: impl FnOnce(&mut Room) -> T) -> T {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(rooms.entry(name.to_owned()).or_default())
    }
}
