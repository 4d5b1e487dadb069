//! A stock WebSocket client over whatever stream, and what it writes.

use std::time::Duration;

use bytes::Bytes;
use cowrite::protocol::empty_doc;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use yrs::{ReadTxn, StateVector, Text, Transact};

const PATIENCE: Duration = Duration::from_secs(10);

/// One end of a connection.
pub struct Socket<S>(pub WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub async fn send(&mut self, message: Bytes) {
        self.0.send(Message::Binary(message)).await.expect("the connection stays");
    }

    /// Wait for that message.
    pub async fn hears(&mut self, wanted: &Bytes) {
        let search = async {
            while let Some(Ok(message)) = self.0.next().await {
                if matches!(&message, Message::Binary(heard) if heard == wanted) {
                    return;
                }
            }
            panic!("the connection ended");
        };
        timeout(PATIENCE, search).await.expect("it comes");
    }

    /// The goodbye that ends it.
    pub async fn goodbye(mut self) -> Option<CloseFrame> {
        let last = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Close(close) = message {
                    return close;
                }
            }
            panic!("there was no goodbye");
        };
        timeout(PATIENCE, last).await.expect("it ends")
    }
}

/// A text of a client that has written nothing else, as one update.
pub fn typed(text: &str) -> Vec<u8> {
    let doc = empty_doc();
    doc.get_or_insert_text("content").insert(&mut doc.transact_mut(), 0, text);
    let transaction = doc.transact();
    transaction.encode_state_as_update_v1(&StateVector::default())
}
