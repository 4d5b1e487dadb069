//! Requests that ask for another protocol, with their socket.
//!
//! A WebSocket that lives in the body of a response costs actix-http's task and two buffers for as long as it lasts, and a copy of every
//! frame. So the server hands requests that ask for an upgrade to this service. It asks the same routes, and a handler may [take](take) the
//! socket for its own. Any other answer is sent as usual, and the connection closed behind it.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use actix_codec::{Encoder, Framed};
use actix_http::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_http::h1::{Codec, Message, SendResponse};
use actix_http::{ConnectionType, HttpMessage, Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::dev::ServiceResponse;
use actix_web::error::ErrorInternalServerError;
use actix_web::rt::net::TcpStream;
use actix_web::{Error, HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::future::{FutureExt, LocalBoxFuture};

type Socket = Framed<TcpStream, Codec>;

/// The socket of a request, until somebody takes it.
#[derive(Clone)]
struct Offer(Rc<RefCell<Option<Socket>>>);

/// A socket that belongs to whoever took it.
pub struct Taken {
    pub socket: TcpStream,
    /// What the client said right behind its request.
    pub received: Bytes,
    codec: Codec,
}

/// The socket of a request that came with one. It is the caller's from here on, who answers the handshake too.
pub fn take(request: &HttpRequest) -> Option<Taken> {
    let Offer(offer) = request.extensions().get::<Offer>()?.clone();
    let parts = offer.take()?.into_parts();
    Some(Taken { socket: parts.io, received: parts.read_buf.freeze(), codec: parts.codec })
}

impl Taken {
    /// A response's head as it goes over the wire.
    pub fn head(&mut self, handshake: HttpResponse) -> io::Result<Bytes> {
        let (head, _) = Response::from(handshake).into_parts();
        let mut bytes = BytesMut::new();
        self.codec.encode(Message::Item((head, BodySize::Stream)), &mut bytes)?;
        Ok(bytes.freeze())
    }
}

/// Makes the service out of the factory of an app.
pub struct Upgrades<F>(pub F);

/// The service of one thread.
pub struct Upgrade<S> {
    app: Rc<S>,
}

impl<F, B> ServiceFactory<(Request, Socket)> for Upgrades<F>
where
    F: ServiceFactory<Request, Config = (), Response = ServiceResponse<B>, Error = Error>,
    F::Service: 'static,
    F::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = Error;
    type Config = ();
    type Service = Upgrade<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, F::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        self.0.new_service(()).map(|made| made.map(|app| Upgrade { app: Rc::new(app) })).boxed_local()
    }
}

impl<S, B> Service<(Request, Socket)> for Upgrade<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<(), Error>>;

    actix_service::forward_ready!(app);

    fn call(&self, (request, socket): (Request, Socket)) -> Self::Future {
        let offer = Offer(Rc::new(RefCell::new(Some(socket))));
        request.extensions_mut().insert(offer.clone());
        let answer = self.app.call(request);
        async move {
            let answer = answer.await.map_or_else(
                |error| error.error_response(),
                |answer| answer.into_parts().1.map_into_boxed_body(),
            );
            // Bound to a name: the borrow ends here.
            let left = offer.0.take();
            match left {
                Some(socket) => refuse(socket, answer).await,
                None => Ok(()),
            }
        }
        .boxed_local()
    }
}

/// Send an answer that is no handshake.
async fn refuse(socket: Socket, answer: HttpResponse<BoxBody>) -> Result<(), Error> {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body).await.map_err(ErrorInternalServerError)?;
    let mut response = Response::from(head).set_body(body);
    response.head_mut().set_connection_type(ConnectionType::Close);
    SendResponse::new(socket, response).await?;
    Ok(())
}
