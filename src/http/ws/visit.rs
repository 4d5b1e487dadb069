//! One connection from the handshake to its end.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::rt::net::TcpStream;
use actix_web::web;
use bytes::Bytes;
use tracing::Instrument;

use super::COWRITE_V1;
use super::addresses::Place;
use super::entrance::Entrance;
use super::flow::{self, Flow};
use super::keeper::{Admission, Keeper, Reception};
use super::pump::{Ended, Pace, Pump};
use super::reader::{Reader, Source};
use crate::document::{Arrival, Home, Line, Registry, line};
use crate::ids::DocId;
use crate::metrics;
use crate::protocol::CloseCode;
use crate::protocol::close::Close;

/// Who comes, and to what.
pub(super) struct Visit {
    pub(super) id: DocId,
    pub(super) arrival: Arrival,
    pub(super) keeper: Keeper,
    pub(super) reception: Reception,
    /// The epoch of the copy the client holds, if it has one.
    pub(super) epoch: Option<String>,
    pub(super) address: IpAddr,
    /// `None` when the address has as many connections as it may.
    pub(super) place: Option<Place>,
    pub(super) registry: web::Data<Registry>,
    pub(super) entrance: web::Data<Entrance>,
}

impl Visit {
    /// The thread to be served on: the document's, which comes to life for it, once it is known that they may be there.
    pub(super) fn home(&self) -> Home {
        match (&self.place, &self.reception) {
            (Some(_), Reception::Open | Reception::Judged(Ok(_))) => self.registry.home(&self.id),
            _ => Home::here(),
        }
    }

    /// Serve a socket of this thread. `head`: the answer to the handshake; `received`: what the client said behind it.
    pub(super) fn run_on(self, socket: TcpStream, head: Bytes, received: Bytes) {
        let (read, write) = socket.into_split();
        let socket = Arc::new(write);
        let (line, outgoing) = line(Some(Home::here()), Some(socket.clone()));
        line.open(head);
        let source = Source::Socket { socket: read, received };
        actix_web::rt::spawn(self.run(line, source, Some(Flow { outgoing, socket })));
    }

    /// Serve the connection until it ends.
    pub(super) fn run(mut self, line: Line, source: Source, flow: Option<Flow>) -> impl Future<Output = ()> {
        let span = tracing::info_span!("socket", document = %self.id, session = %self.arrival.session);
        let protocol = if self.arrival.cowrite { COWRITE_V1 } else { "standard" };
        async move {
            tracing::debug!(address = %self.address, protocol, "connection opened");
            metrics::CONNECTIONS.add(1);
            let opened = Instant::now();
            let options = self.registry.options();
            let mut pump = Pump {
                line,
                reader: Reader::new(source, options.message_bytes),
                flow,
                cowrite: self.arrival.cowrite,
                pace: Pace { updates: options.updates_per_second, bytes: options.bytes_per_second },
                farewells: self.entrance.farewells.clone(),
            };
            let ended = self.serve(&mut pump).await;
            if let Ended::ByServer(close) = &ended
                && close.code.refuses()
            {
                Box::pin(self.entrance.detain(self.address, &self.id)).await;
            }
            Box::pin(pump.part(&ended)).await;
            let seconds = opened.elapsed().as_secs_f64();
            tracing::info!(address = %self.address, protocol, reason = %ended, seconds, "connection closed");
        }
        .instrument(span)
    }

    async fn serve(&mut self, pump: &mut Pump) -> Ended {
        if self.place.is_none() {
            return Ended::ByServer(self.crowded());
        }
        let admission = match std::mem::replace(&mut self.reception, Reception::Open) {
            Reception::Open => None,
            Reception::Judged(judged) => Some(judged),
            Reception::Announced => Some(Box::pin(self.hear(pump)).await),
        };
        let admission = match admission.transpose() {
            Ok(admission) => admission,
            Err(close) => return Ended::ByServer(close),
        };
        // On the heap, like the goodbye: what comes once is not to make room for itself in every connection for ever.
        let attached = Box::pin(self.registry.attach(&self.id, self.arrival.clone(), &pump.line)).await;
        let attached = match attached {
            Ok(attached) => attached,
            Err(error) => return Ended::ByServer(error.close()),
        };
        if let Some(theirs) = &self.epoch
            && *theirs != attached.epoch().0
        {
            let reason = "the copy is of another life of this document; keep it as a new document";
            return Ended::ByServer(Close::new(CloseCode::Epoch, reason));
        }
        let watch = admission.map(|admission| (self.keeper.clone(), admission));
        pump.run(attached, watch).await
    }

    /// Somebody who says on the socket who they are.
    async fn hear(&mut self, pump: &mut Pump) -> Result<Admission, Close> {
        // The answer to the handshake is on its way still.
        tokio::select! {
            heard = self.keeper.hear(&mut pump.reader, &pump.line) => heard?,
            () = flow::run(&mut pump.flow) => {
                return Err(Close::new(CloseCode::Unauthenticated, "the socket is closed"));
            }
        }
        self.keeper.admit(&self.registry, &mut self.arrival).await
    }

    fn crowded(&self) -> Close {
        metrics::REFUSED_BY_ADDRESS.add(1);
        let limit = self.registry.options().connections_per_address;
        Close::new(
            CloseCode::Overloaded,
            format!("your address has {limit} connections already; try again later"),
        )
    }
}
