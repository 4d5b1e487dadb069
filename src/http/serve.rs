//! Listening, as [`actix_web::HttpServer`] does it, with one thing that it does not offer: whoever asks for another protocol gets the
//! socket (see [`upgrade`](super::upgrade)).

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::body::{BoxBody, MessageBody};
use actix_http::error::DispatchError;
use actix_http::h1::{ExpectHandler, UpgradeHandler};
use actix_http::{HttpService, HttpServiceBuilder, Protocol, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{Error, HttpResponse};
use socket2::{Domain, Socket, Type};

use super::tls::Tls;
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
pub fn listen<F, I, S, B>(
    address: SocketAddr,
    workers: usize,
    tls: Option<Tls>,
    app: F,
) -> io::Result<Listening>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
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
    let stopped = move || {
        let stopping = stopping.clone();
        async move { stopping.notified().await }
    };
    let builder = match tls {
        None => builder.listen("cowrite", listener, move || {
            let upgrades = Upgrades(map_config(app(), |()| AppConfig::default()));
            http(address, stopped.clone())
                .upgrade(upgrades)
                .finish(map_config(app().into_factory().map_err(answered), |()| AppConfig::default()))
                .tcp()
        }),
        // There is no socket to hand over here, only what was encrypted for it: WebSockets are answered with a body.
        Some(tls) => builder.listen("cowrite", listener, move || {
            let tls = tls.clone();
            let accept = fn_service(move |socket: TcpStream| {
                let tls = tls.clone();
                async move {
                    let peer = socket.peer_addr().ok();
                    let accepted = tls.accept(socket).await.map_err(DispatchError::Io)?;
                    Ok((accepted, Protocol::Http1, peer))
                }
            });
            accept.and_then(
                http(address, stopped.clone())
                    .finish(map_config(app().into_factory().map_err(answered), |()| AppConfig::default())),
            )
        }),
    }?;
    Ok(Listening { address, server: builder.run() })
}

/// How requests are read and answered, whatever they come through.
fn http<T, S, B, Stop>(
    address: SocketAddr,
    stopped: impl Fn() -> Stop + 'static,
) -> HttpServiceBuilder<T, S, ExpectHandler, UpgradeHandler>
where
    S: ServiceFactory<Request, Config = ()>,
    S::Error: Into<Response<BoxBody>> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
    Stop: Future<Output = ()> + 'static,
{
    HttpService::<T, S, B>::build()
        .graceful_shutdown_signal(stopped)
        .client_request_timeout(limits::REQUEST_HEAD_FOR)
        .client_disconnect_timeout(DISCONNECT_FOR)
        .local_addr(address)
}

/// What an app's errors are to the service below it.
fn answered(error: Error) -> HttpResponse {
    error.error_response()
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that was killed leaves its address behind for a while.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    tune(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(limits::BACKLOG)?;
    Ok(socket.into())
}

/// Keystrokes do not wait for company, what a peer does not take waits where it is counted, and a peer that takes nothing is
/// given up by the kernel too. Connections inherit it from the socket that they are accepted from.
fn tune(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_notsent_lowat(limits::UNSENT_BYTES)?;
    socket.set_tcp_user_timeout(Some(limits::UNREACHABLE_FOR))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn connections_inherit_how_their_socket_is_tuned() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        listener.set_nonblocking(false).expect("it waits");
        let _client = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let accepted = Socket::from(listener.accept().expect("somebody connected").0);
        assert!(accepted.tcp_nodelay().expect("it tells"));
        assert_eq!(accepted.tcp_notsent_lowat().expect("it tells"), limits::UNSENT_BYTES);
        assert_eq!(accepted.tcp_user_timeout().expect("it tells"), Some(limits::UNREACHABLE_FOR));
    }
}
