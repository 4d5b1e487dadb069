//! Awareness updates: who is here, where their caret is. JSON that the server bounds and passes on, but does not read.

use bytes::{Bytes, BytesMut};

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
}
