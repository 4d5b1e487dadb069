//! The messages of `docs/protocol.md`, read from frames and written into them.
//!
//! Its TypeScript twin is `web/src/sync/protocol.ts`; `tests/fixtures/messages.json`, recorded from the real
//! `y-protocols`, keeps both honest. We parse ourselves because yrs' reader takes a truncated message for the end
//! of the stream.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use yrs::StateVector;
use yrs::block::ClientID;

use super::Role;
use super::varint::{Reader, Truncated, put_var_bytes, put_var_uint};
use crate::ids::{Epoch, Kind};

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const AUTH: u64 = 2;
const QUERY_AWARENESS: u64 = 3;
const HELLO: u64 = 100;
const SAVED: u64 = 101;
const ROLE: u64 = 102;
const PING: u64 = 103;
const PONG: u64 = 104;
const STORAGE: u64 = 105;
const SPACE: u64 = 106;
const TOKEN: u64 = 107;

const SYNC_STEP_1: u64 = 0;
const SYNC_STEP_2: u64 = 1;
const SYNC_UPDATE: u64 = 2;

/// What a client may say.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// "Tell me what I lack", with what the client has.
    SyncStep1(StateVector),
    /// "What you lack": the answer to our own step 1.
    SyncStep2(Bytes),
    /// A change, in Yjs' v1 encoding, not judged yet.
    Update(Bytes),
    /// An awareness update, not parsed yet.
    Awareness(Bytes),
    QueryAwareness,
    /// A heartbeat that scripts can see. The token comes back in the `Pong`.
    Ping(u64),
    /// Who the client is, or is from now on: a token as text.
    Token(Credential),
}

/// A token as it came. It is not shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(Bytes);

impl Credential {
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("it was read as text")
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

impl Message {
    /// Whether it has a number that `Saved` will count.
    pub fn carries_update(&self) -> bool {
        self.update_bytes().is_some()
    }

    /// How large the update is that it carries, if it carries one.
    pub fn update_bytes(&self) -> Option<usize> {
        match self {
            Message::Update(update) | Message::SyncStep2(update) => Some(update.len()),
            _ => None,
        }
    }
}

/// Bytes that no client of the protocol sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error(transparent)]
    Truncated(#[from] Truncated),
    #[error("unknown message type {0}")]
    UnknownType(u64),
    #[error("unknown kind of sync message {0}")]
    UnknownSync(u64),
    #[error("bytes after the end of the state vector")]
    TrailingBytes,
    #[error("a token is no text")]
    NotText,
    #[error("the frame is empty")]
    Empty,
}

/// Every message of a frame, in order; the first error ends it.
pub fn decode(frame: Bytes) -> impl Iterator<Item = Result<Message, DecodeError>> {
    let mut reader = Reader::new(frame);
    let mut first = true;
    std::iter::from_fn(move || {
        if reader.is_empty() {
            return std::mem::take(&mut first).then_some(Err(DecodeError::Empty));
        }
        first = false;
        let message = read_message(&mut reader);
        if message.is_err() {
            reader = Reader::new(Bytes::new());
        }
        Some(message)
    })
}

fn read_message(reader: &mut Reader) -> Result<Message, DecodeError> {
    match reader.var_uint()? {
        SYNC => match reader.var_uint()? {
            SYNC_STEP_1 => Ok(Message::SyncStep1(read_state_vector(reader.var_bytes()?)?)),
            SYNC_STEP_2 => Ok(Message::SyncStep2(reader.var_bytes()?)),
            SYNC_UPDATE => Ok(Message::Update(reader.var_bytes()?)),
            other => Err(DecodeError::UnknownSync(other)),
        },
        AWARENESS => Ok(Message::Awareness(reader.var_bytes()?)),
        QUERY_AWARENESS => Ok(Message::QueryAwareness),
        PING => Ok(Message::Ping(reader.var_uint()?)),
        TOKEN => {
            let token = reader.var_bytes()?;
            std::str::from_utf8(&token).map_err(|_| DecodeError::NotText)?;
            Ok(Message::Token(Credential(token)))
        }
        other => Err(DecodeError::UnknownType(other)),
    }
}

/// A count, then a client id and a clock each. A clock past 2^31 cannot exist and counts as "has everything".
fn read_state_vector(bytes: Bytes) -> Result<StateVector, DecodeError> {
    let mut reader = Reader::new(bytes);
    let count = reader.var_uint()?;
    if count > reader.remaining() as u64 {
        return Err(Truncated.into());
    }
    let mut vector = StateVector::default();
    for _ in 0..count {
        let client = ClientID::new(reader.var_uint()?);
        let clock = reader.var_uint()?.min(i32::MAX as u64) as u32;
        vector.set_max(client, clock);
    }
    if reader.is_empty() { Ok(vector) } else { Err(DecodeError::TrailingBytes) }
}

/// The first message that a `cowrite.v1` client gets.
#[derive(Debug, Clone, Serialize)]
pub struct Hello<'a> {
    pub epoch: &'a Epoch,
    pub role: Role,
    pub session: &'a str,
    /// Who the client is for presence, the `user.id` of its states; left out where nobody is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<&'a str>,
    pub kind: Kind,
    pub title: &'a str,
    pub limits: HelloLimits,
}

/// The bounds a client can respect before it hits them.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct HelloLimits {
    /// Largest message the server takes, in bytes.
    pub message_bytes: usize,
}

/// "Tell me what you have beyond this": the state vector, encoded.
pub fn sync_step_1(state_vector: &[u8]) -> Bytes {
    sync(SYNC_STEP_1, state_vector)
}

/// "What you lack."
pub fn sync_step_2(update: &[u8]) -> Bytes {
    sync(SYNC_STEP_2, update)
}

/// The same but for the update, which is to follow: a large one is not copied for everybody who asks.
pub fn sync_step_2_head(update_bytes: usize) -> Bytes {
    let mut out = BytesMut::with_capacity(12);
    out.put_slice(&[SYNC as u8, SYNC_STEP_2 as u8]);
    put_var_uint(&mut out, update_bytes as u64);
    out.freeze()
}

/// A change, as it is passed on to everybody else.
pub fn update(update: &[u8]) -> Bytes {
    sync(SYNC_UPDATE, update)
}

fn sync(kind: u64, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 12);
    out.put_slice(&[SYNC as u8, kind as u8]);
    put_var_bytes(&mut out, payload);
    out.freeze()
}

/// An awareness update.
pub fn awareness(update: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(update.len() + 11);
    out.put_u8(AWARENESS as u8);
    put_var_bytes(&mut out, update);
    out.freeze()
}

/// An awareness update about nobody: something to hear for a client that takes silence for death.
pub fn filler() -> Bytes {
    Bytes::from_static(&[AWARENESS as u8, 1, 0])
}

/// "Permission denied", for clients that know only the standard messages.
pub fn denied(reason: &str) -> Bytes {
    let mut out = BytesMut::with_capacity(reason.len() + 12);
    out.put_slice(&[AUTH as u8, 0]);
    put_var_bytes(&mut out, reason.as_bytes());
    out.freeze()
}

pub fn hello(hello: &Hello<'_>) -> Bytes {
    let json = serde_json::to_vec(hello).expect("a Hello has only string keys");
    tagged(HELLO, |out| put_var_bytes(out, &json))
}

/// The client's update-bearing messages up to number `n` are durable.
pub fn saved(n: u64) -> Bytes {
    tagged(SAVED, |out| put_var_uint(out, n))
}

pub fn role(role: Role) -> Bytes {
    tagged(ROLE, |out| put_var_bytes(out, role.as_str().as_bytes()))
}

pub fn pong(token: u64) -> Bytes {
    tagged(PONG, |out| put_var_uint(out, token))
}

/// Whether changes can be saved at present: the problem, or `None` when there is none (any more).
pub fn storage(problem: Option<&str>) -> Bytes {
    tagged(STORAGE, |out| {
        put_var_uint(out, u64::from(problem.is_some()));
        put_var_bytes(out, problem.unwrap_or("").as_bytes());
    })
}

/// How large the document is and how large it may become, in bytes of its encoded state.
pub fn space(used: usize, limit: usize) -> Bytes {
    tagged(SPACE, |out| {
        put_var_uint(out, used as u64);
        put_var_uint(out, limit as u64);
    })
}

fn tagged(number: u64, body: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut out = BytesMut::new();
    put_var_uint(&mut out, number);
    body(&mut out);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(frame: &'static [u8]) -> Vec<Result<Message, DecodeError>> {
        decode(Bytes::from_static(frame)).collect()
    }

    #[test]
    fn a_frame_may_hold_several_messages() {
        assert_eq!(
            all(&[0, 2, 2, 0, 0, 3, 103, 7]),
            [
                Ok(Message::Update(Bytes::from_static(&[0, 0]))),
                Ok(Message::QueryAwareness),
                Ok(Message::Ping(7)),
            ]
        );
    }

    #[test]
    fn a_truncated_message_is_an_error_and_not_the_end() {
        assert_eq!(all(&[0, 2, 9, 0]), [Err(Truncated.into())]);
        assert_eq!(all(&[]), [Err(DecodeError::Empty)]);
        assert_eq!(all(&[3, 0]), [Ok(Message::QueryAwareness), Err(Truncated.into())]);
    }

    #[test]
    fn what_only_servers_say_is_unknown_from_a_client() {
        assert_eq!(all(&[101, 1]), [Err(DecodeError::UnknownType(101))]);
        assert_eq!(all(&[0, 3, 0]), [Err(DecodeError::UnknownSync(3))]);
    }

    #[test]
    fn a_token_is_text_and_keeps_to_itself() {
        let Ok([Message::Token(token)]) = <[_; 1]>::try_from(
            all(&[107, 3, b'a', b'.', b'b'])
                .into_iter()
                .map(|message| message.expect("a message"))
                .collect::<Vec<_>>(),
        ) else {
            panic!("a token");
        };
        assert_eq!(token.reveal(), "a.b");
        assert_eq!(format!("{token:?}"), "Credential(…)");
        assert_eq!(all(&[107, 1, 0xff]), [Err(DecodeError::NotText)]);
    }

    #[test]
    fn space_is_two_numbers() {
        assert_eq!(space(61_740_000, 67_108_864)[..], [106, 0xe0, 0xa7, 0xb8, 0x1d, 0x80, 0x80, 0x80, 0x20]);
    }

    #[test]
    fn a_state_vector_cannot_claim_more_entries_than_it_has_bytes() {
        assert_eq!(all(&[0, 0, 6, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07]), [Err(Truncated.into())]);
        assert_eq!(all(&[0, 0, 2, 0, 9]), [Err(DecodeError::TrailingBytes)]);
    }
}
