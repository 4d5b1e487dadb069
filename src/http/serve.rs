//! Listening, as [`actix_web::HttpServer`] does it, with one thing that it does not offer: whoever asks for another protocol gets the
//! socket (see [`upgrade`](super::upgrade)).

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::HttpService;
use actix_http::body::MessageBody;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, map_config};
use actix_web::dev::{AppConfig, Server, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{Error, HttpResponse};
use socket2::{Domain, SockRef, Socket, Type};

use super::upgrade::Upgrades;
use crate::limits;

/// How long a peer has to take the end of a connection that is closed.
const DISCONNECT_FOR: Duration = Duration::from_secs(1);

/// Seconds that requests under way have when the server stops.
const SHUTDOWN_SECONDS: u64 = 1;

/// A bound address and the server on it, which begins when it is first polled.
pub struct Listening {
    pub address: SocketAddr,
    pub server: Server,
}

/// Listen with so many threads, each with an app of its own. Fails if the address is taken.
pub fn listen<F, I, S, B>(address: SocketAddr, workers: usize, app: F) -> io::Result<Listening>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, actix_http::Request>,
    S: ServiceFactory<
            actix_http::Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    S::Service: 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    let listener = bind(address)?;
    let address = listener.local_addr()?;
    let builder = Server::build().workers(workers).disable_signals().shutdown_timeout(SHUTDOWN_SECONDS);
    let stopping = builder.graceful_shutdown_signal();
    let server = builder.listen("cowrite", listener, move || {
        let stopping = stopping.clone();
        let upgrades = Upgrades(map_config(app(), |()| AppConfig::default()));
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(limits::REQUEST_HEAD_FOR)
            .client_disconnect_timeout(DISCONNECT_FOR)
            .local_addr(address)
            .on_connect_ext(|socket: &TcpStream, _| tune(socket))
            .upgrade(upgrades)
            .finish(map_config(
                app().into_factory().map_err(|error: Error| -> HttpResponse { error.error_response() }),
                |_| AppConfig::default(),
            ))
            .tcp()
    })?;
    Ok(Listening { address, server: server.run() })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that was killed leaves its address behind for a while.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(limits::BACKLOG)?;
    Ok(socket.into())
}

/// Keystrokes do not wait for company, what a peer does not take waits where it is counted, and a peer that takes nothing is
/// given up by the kernel too.
fn tune(socket: &TcpStream) {
    let socket = SockRef::from(socket);
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_notsent_lowat(limits::UNSENT_BYTES))
        .and_then(|()| socket.set_tcp_user_timeout(Some(limits::UNREACHABLE_FOR)));
    if let Err(error) = tuned {
        tracing::debug!(%error, "a socket could not be tuned");
    }
}
