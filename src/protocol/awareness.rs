//! Awareness updates: who is here, where their caret is. JSON that the server bounds and passes on, but does not read.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value};

use super::guard::json_depth;
use super::varint::{Reader, Truncated, put_var_bytes, put_var_uint};
use crate::ids::ClientId;
use crate::limits::VALUE_DEPTH;

/// One client's presence at one moment of its own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub client: ClientId,
    /// Grows with every change of the state; the higher one wins.
    pub clock: u64,
    /// JSON; `null` says that the client is gone.
    pub state: Bytes,
}

/// The state of a client that is gone.
pub const GONE: Bytes = Bytes::from_static(b"null");

impl Entry {
    pub fn is_gone(&self) -> bool {
        self.state == GONE
    }
}

/// What the server says of a client's person, whatever the client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// How the server knows them: `account`, `subject` or `guest`.
    pub identity: &'static str,
    /// Their name, where it is not theirs to choose.
    pub name: Option<Arc<str>>,
    /// Tells them from others of the same name, where they are known.
    pub id: Option<Arc<str>>,
}

impl Stamp {
    /// A state as others get to see it: with `user.identity`, and with `user.name` and `user.id` if they are known, as the server
    /// knows them. Whoever is not known has no `user.id`. Whoever is gone stays gone.
    pub fn put_on(&self, state: &Bytes) -> Bytes {
        let Ok(state) = serde_json::from_slice::<Value>(state) else { return GONE };
        let mut state = match state {
            Value::Null => return GONE,
            Value::Object(state) => state,
            // No client that others understand has such a state.
            _ => Map::new(),
        };
        let mut user = match state.remove("user") {
            Some(Value::Object(user)) => user,
            _ => Map::new(),
        };
        user.insert("identity".to_owned(), self.identity.into());
        if let Some(name) = &self.name {
            user.insert("name".to_owned(), Value::from(&**name));
        }
        match &self.id {
            Some(id) => user.insert("id".to_owned(), Value::from(&**id)),
            None => user.remove("id"),
        };
        state.insert("user".to_owned(), user.into());
        Bytes::from(Value::from(state).to_string())
    }
}

/// Why an awareness update is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwarenessError {
    #[error(transparent)]
    Truncated(#[from] Truncated),
    #[error("bytes after the end of an awareness update")]
    TrailingBytes,
    #[error("an awareness state is no JSON value")]
    NotJson,
    #[error("an awareness state is nested too deeply")]
    TooDeep,
}

/// Read an awareness update: a count, then client id, clock and JSON state each.
///
/// A state is checked to be JSON of no great depth, because every other client is going to parse it.
pub fn decode(update: Bytes) -> Result<Vec<Entry>, AwarenessError> {
    let mut reader = Reader::new(update);
    let count = reader.var_uint()?;
    if count > reader.remaining() as u64 {
        return Err(Truncated.into());
    }
    let mut entries = Vec::with_capacity(count.min(16) as usize);
    for _ in 0..count {
        let client = ClientId(reader.var_uint()?);
        let clock = reader.var_uint()?;
        let state = reader.var_bytes()?;
        serde_json::from_slice::<serde::de::IgnoredAny>(&state).map_err(|_| AwarenessError::NotJson)?;
        let text = std::str::from_utf8(&state).map_err(|_| AwarenessError::NotJson)?;
        if json_depth(text) > VALUE_DEPTH {
            return Err(AwarenessError::TooDeep);
        }
        entries.push(Entry { client, clock, state });
    }
    if reader.is_empty() { Ok(entries) } else { Err(AwarenessError::TrailingBytes) }
}

/// Write an awareness update.
pub fn encode<'a>(entries: impl ExactSizeIterator<Item = &'a Entry>) -> Bytes {
    let mut out = BytesMut::new();
    put_var_uint(&mut out, entries.len() as u64);
    for entry in entries {
        put_var_uint(&mut out, entry.client.0);
        put_var_uint(&mut out, entry.clock);
        put_var_bytes(&mut out, &entry.state);
    }
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_written() {
        let entries = [
            Entry { client: ClientId(7), clock: 3, state: Bytes::from_static(br#"{"user":{}}"#) },
            Entry { client: ClientId(1 << 40), clock: 1, state: GONE },
        ];
        assert_eq!(decode(encode(entries.iter())).as_deref(), Ok(&entries[..]));
    }

    #[test]
    fn what_a_browser_could_not_parse_is_refused() {
        assert_eq!(decode(Bytes::from_static(&[1, 7, 1, 1, b'{'])), Err(AwarenessError::NotJson));
        assert_eq!(decode(Bytes::from_static(&[0, 0])), Err(AwarenessError::TrailingBytes));
        assert_eq!(decode(Bytes::from_static(&[9, 1, 1])), Err(Truncated.into()));
    }

    #[test]
    fn nobody_is_whom_they_say_they_are() {
        let ann = Stamp { identity: "account", name: Some("Ann".into()), id: Some("a1".into()) };
        let put = |stamp: &Stamp, state: &'static str| {
            let state = stamp.put_on(&Bytes::from_static(state.as_bytes()));
            serde_json::from_slice::<Value>(&state).expect("JSON")
        };
        let stamped = put(
            &ann,
            r##"{"user":{"name":"Ben","identity":"x","id":7,"color":"#fff"},"cursor":{"head":1}}"##,
        );
        let right =
            r##"{"user":{"name":"Ann","identity":"account","id":"a1","color":"#fff"},"cursor":{"head":1}}"##;
        assert_eq!(stamped, serde_json::from_str::<Value>(right).expect("JSON"));
        let guest = Stamp { identity: "guest", name: None, id: None };
        for (state, right) in [
            (r#"{"user":{"name":"Ben","id":"a1"}}"#, r#"{"user":{"name":"Ben","identity":"guest"}}"#),
            (r#"{"user":{"name":"Ben"}}"#, r#"{"user":{"name":"Ben","identity":"guest"}}"#),
            (r#"{"user":"Ann"}"#, r#"{"user":{"identity":"guest"}}"#),
            (r#"["Ann"]"#, r#"{"user":{"identity":"guest"}}"#),
            ("null", "null"),
        ] {
            assert_eq!(put(&guest, state), serde_json::from_str::<Value>(right).expect("JSON"), "{state}");
        }
    }
}
