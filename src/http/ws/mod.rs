//! `GET /ws/{document}`: the pump between a socket and a document.
//!
//! It turns bytes into messages and back, keeps the heartbeat, and knows nothing of what the messages do. Refusals after the upgrade
//! are close codes, because a browser shows a page only 1006 for a refused handshake.

mod gate;
mod pump;

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use tracing::Instrument;

use self::gate::gated;
use self::pump::{Ended, Pump};
use crate::document::{Arrival, Registry};
use crate::http::error::Problem;
use crate::ids::{DocId, SessionId};
use crate::protocol::close::Close;
use crate::protocol::{CloseCode, Role};

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
) -> Result<HttpResponse, Problem> {
    let id = DocId::parse(&id)?;
    let message_bytes = registry.options().message_bytes;
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
            let opened = Instant::now();
            let stream = stream.max_continuation_size(message_bytes);
            let pump = Pump::new(socket, stream, seen, arrival.cowrite);
            let ended = serve(pump, &registry, &id, arrival, query.into_inner()).await;
            let seconds = opened.elapsed().as_secs_f64();
            tracing::info!(reason = %ended, seconds, "connection closed");
        }
        .instrument(span),
    );
    Ok(response)
}

async fn serve(pump: Pump, registry: &Registry, id: &DocId, arrival: Arrival, query: Query) -> Ended {
    let attached = match registry.attach(id, arrival).await {
        Ok(attached) => attached,
        Err(error) => return pump.close(error.close()).await,
    };
    if let Some(theirs) = query.epoch
        && theirs != attached.epoch().0
    {
        let reason = "the copy is of another life of this document; keep it as a new document";
        return pump.close(Close::new(CloseCode::Epoch, reason)).await;
    }
    pump.run(attached).await
}
