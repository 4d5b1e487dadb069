//! `GET /ws/{document}`: the pump between a socket and a document.
//!
//! It turns bytes into messages and back, keeps the heartbeat, and knows nothing of what the messages do. Refusals after the upgrade
//! are close codes, because a browser shows a page only 1006 for a refused handshake.

mod addresses;
mod body;
mod entrance;
mod flow;
mod frames;
mod intake;
mod keeper;
mod pump;
mod reader;
mod visit;

use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use serde::Deserialize;

use self::keeper::Keeper;
use self::reader::Source;
use self::visit::Visit;
use crate::access::now_ms;
use crate::auth::Needs;
use crate::document::{Arrival, Home, Registry, line};
use crate::http::error::Problem;
use crate::http::session::Given;
use crate::http::upgrade::{self, Taken};
use crate::http::{Api, host, identity, origin};
use crate::ids::{DocId, SessionId};
use crate::protocol::Role;
pub use entrance::Entrance;

/// The WebSocket subprotocol of clients that know our own messages.
const COWRITE_V1: &str = "cowrite.v1";

/// What a client may say in the address.
#[derive(Deserialize)]
pub struct Query {
    /// The epoch of the copy the client holds.
    epoch: Option<String>,
    /// A token, of clients that can pass it in no other way: an address is seen by more than a header.
    token: Option<Given>,
    /// What a guest wants to be called.
    name: Option<String>,
}

/// Upgrade to a WebSocket and serve it until it ends.
pub async fn connect(
    request: HttpRequest,
    id: web::Path<String>,
    query: web::Query<Query>,
    payload: web::Payload,
    api: web::Data<Api>,
    registry: web::Data<Registry>,
    entrance: web::Data<Entrance>,
) -> Result<HttpResponse, Problem> {
    let id = DocId::parse(&id)?;
    // Only the handshake: reading and writing are our own.
    let nothing = web::Payload::from_request(&request, &mut dev::Payload::None).await;
    let (handshake, ..) = nothing
        .and_then(|nothing| actix_ws::handle_with_protocols(&request, nothing, &[COWRITE_V1]))
        .map_err(|error| Problem::bad_request(format!("this address speaks WebSocket: {error}")))?;
    let options = registry.options();
    let address = origin::address(&request);
    let mut arrival = Arrival {
        connection: registry.next_connection(),
        session: SessionId::random(),
        since_ms: now_ms(),
        // Where everybody is an editor. Elsewhere the keeper says who comes.
        role: Role::Editor,
        author: None,
        stamp: None,
        cowrite: handshake.headers().contains_key("sec-websocket-protocol"),
        message_bytes: options.message_bytes,
    };
    let Query { epoch, token, name } = query.into_inner();
    let keeper = Keeper {
        access: api.access.clone(),
        id: id.clone(),
        credentials: identity::of_socket(&request, token.as_ref()),
        guest: identity::guest(name.as_deref()),
        announces: identity::announces_a_token(&request),
        vouched: host::vouched(&request, Needs::Read, Some(&id)).await,
    };
    if let Some(hooks) = host::hooks(&request)
        && keeper.may_be_here()
    {
        host::load(hooks, &api, &id).await?;
    }
    let reception = keeper.receive(&registry, &mut arrival).await;
    let visit = Visit {
        place: entrance.enter(address, options.connections_per_address),
        epoch,
        keeper,
        reception,
        registry,
        entrance,
        address,
        id,
        arrival,
    };
    match upgrade::take(&request) {
        Some(taken) => move_in(visit, taken, handshake),
        None => {
            let (line, outgoing) = line(Some(Home::here()), None);
            actix_web::rt::spawn(visit.run(line, Source::Body(payload), None));
            Ok(body::answer(handshake, outgoing))
        }
    }
}

/// Serve a socket of our own on the thread that its document lives on.
fn move_in(visit: Visit, mut taken: Taken, handshake: HttpResponse) -> Result<HttpResponse, Problem> {
    let internal = |error: std::io::Error| Problem::internal(error.to_string());
    let head = taken.head(handshake).map_err(internal)?;
    let (socket, received) = (taken.socket, taken.received);
    let home = visit.home();
    if home.is_here() {
        visit.run_on(socket, head, received);
    } else {
        let socket = socket.into_std().map_err(internal)?;
        home.run(move || match TcpStream::from_std(socket) {
            Ok(socket) => visit.run_on(socket, head, received),
            Err(error) => tracing::error!(%error, "a socket could not be moved to its document's thread"),
        });
    }
    // It has left already.
    Ok(HttpResponse::SwitchingProtocols().finish())
}
