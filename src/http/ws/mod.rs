//! `GET /ws/{document}`: the pump between a socket and a document.
//!
//! It turns bytes into messages and back, keeps the heartbeat, and knows nothing of what the messages do. Refusals after the upgrade
//! are close codes, because a browser shows a page only 1006 for a refused handshake.

mod addresses;
mod entrance;
mod gate;
mod pump;

use std::net::IpAddr;
use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use tracing::Instrument;

use self::gate::gated;
use self::pump::{Ended, Pace, Pump};
use crate::document::{Arrival, Registry};
use crate::http::error::Problem;
use crate::ids::{DocId, SessionId};
use crate::metrics;
use crate::protocol::close::Close;
use crate::protocol::{CloseCode, Role};
pub use entrance::Entrance;

/// The WebSocket subprotocol of clients that know our own messages.
const COWRITE_V1: &str = "cowrite.v1";

/// What a client may say in the address.
#[derive(Debug, Deserialize)]
pub struct Query {
    /// The epoch of the copy the client holds.
    epoch: Option<String>,
}

/// Upgrade to a WebSocket and serve it until it ends.
pub async fn connect(
    request: HttpRequest,
    id: web::Path<String>,
    query: web::Query<Query>,
    payload: web::Payload,
    registry: web::Data<Registry>,
    entrance: web::Data<Entrance>,
) -> Result<HttpResponse, Problem> {
    let id = DocId::parse(&id)?;
    let options = registry.options();
    let message_bytes = options.message_bytes;
    // A connection without an address comes over a local socket, from somebody who may do worse.
    let address = request.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |address| address.ip());
    let place = entrance.enter(address, options.connections_per_address);
    let pace = Pace { updates: options.updates_per_second, bytes: options.bytes_per_second };
    let (payload, seen) = gated(payload, &request, message_bytes).await?;
    let (response, socket, stream) = actix_ws::handle_with_protocols(&request, payload, &[COWRITE_V1])
        .map_err(|error| Problem::bad_request(format!("this address speaks WebSocket: {error}")))?;
    let stream = stream.max_frame_size(message_bytes).aggregate_continuations();
    let arrival = Arrival {
        connection: registry.next_connection(),
        session: SessionId::random(),
        // Everybody who reaches an open server is an editor.
        role: Role::Editor,
        cowrite: response.headers().contains_key("sec-websocket-protocol"),
        message_bytes,
    };
    let span = tracing::info_span!("socket", document = %id, session = %arrival.session);
    let peer = request.peer_addr();
    let protocol = if arrival.cowrite { COWRITE_V1 } else { "standard" };
    actix_web::rt::spawn(
        async move {
            tracing::info!(?peer, protocol, "connection opened");
            metrics::CONNECTIONS.add(1);
            let opened = Instant::now();
            let stream = stream.max_continuation_size(message_bytes);
            let farewells = entrance.farewells.clone();
            let mut pump = Pump::new(socket, stream, seen, arrival.cowrite, pace, farewells).await;
            let ended = match &place {
                Some(_) => serve(&mut pump, &registry, &id, arrival, query.into_inner()).await,
                None => Ended::ByServer(crowded(&registry)),
            };
            if let Ended::ByServer(close) = &ended
                && close.code.refuses()
            {
                entrance.detain(address, &id).await;
            }
            pump.part(&ended).await;
            let seconds = opened.elapsed().as_secs_f64();
            tracing::info!(reason = %ended, seconds, "connection closed");
        }
        .instrument(span),
    );
    Ok(response)
}

fn crowded(registry: &Registry) -> Close {
    metrics::REFUSED_BY_ADDRESS.add(1);
    let limit = registry.options().connections_per_address;
    Close::new(
        CloseCode::Overloaded,
        format!("your address has {limit} connections already; try again later"),
    )
}

async fn serve(pump: &mut Pump, registry: &Registry, id: &DocId, arrival: Arrival, query: Query) -> Ended {
    let attached = match registry.attach(id, arrival).await {
        Ok(attached) => attached,
        Err(error) => return Ended::ByServer(error.close()),
    };
    if let Some(theirs) = query.epoch
        && theirs != attached.epoch().0
    {
        let reason = "the copy is of another life of this document; keep it as a new document";
        return Ended::ByServer(Close::new(CloseCode::Epoch, reason));
    }
    pump.run(attached).await
}
