//! Why a socket is closed, as a number that programs understand and a sentence for people.

/// The close codes of `docs/protocol.md`. Codes of the 4400s echo the HTTP status they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The peer said goodbye, or we answer its goodbye.
    Normal = 1000,
    /// Our own fault; what was acknowledged is kept.
    Internal = 1011,
    Restarting = 1012,
    Overloaded = 1013,
    Unauthenticated = 4401,
    Forbidden = 4403,
    /// The document was deleted, or may not be created.
    Gone = 4404,
    /// Come back and sync again: the reader fell behind, or an update came before what it builds on.
    Resync = 4408,
    /// The client's copy belongs to another life of the document.
    Epoch = 4409,
    TooLarge = 4413,
    Malformed = 4422,
}

impl CloseCode {
    /// The code on the wire. `cowrite`: whether the client knows our own codes. A stock `y-websocket` takes every code from
    /// 4400 to 4499 for "never come back", so "come back and sync" is said to it in a standard way.
    pub fn number(self, cowrite: bool) -> u16 {
        match self {
            CloseCode::Resync if !cowrite => CloseCode::Overloaded as u16,
            code => code as u16,
        }
    }

    /// Whether coming straight back would end the same way.
    pub fn refuses(self) -> bool {
        match self {
            CloseCode::Normal | CloseCode::Internal | CloseCode::Restarting | CloseCode::Resync => false,
            CloseCode::Overloaded
            | CloseCode::Unauthenticated
            | CloseCode::Forbidden
            | CloseCode::Gone
            | CloseCode::Epoch
            | CloseCode::TooLarge
            | CloseCode::Malformed => true,
        }
    }
}

/// A code and the sentence that goes with it (at most 123 bytes on the wire; longer ones are cut at a character).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub code: CloseCode,
    pub reason: String,
}

impl Close {
    /// Longest reason that fits into a close frame beside its code.
    const MAX_REASON: usize = 123;

    pub fn new(code: CloseCode, reason: impl Into<String>) -> Close {
        let mut reason = reason.into();
        let mut end = reason.len().min(Self::MAX_REASON);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        reason.truncate(end);
        Close { code, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stock_client_is_never_told_to_stay_away_when_it_should_come_back() {
        assert_eq!(CloseCode::Resync.number(true), 4408);
        for code in [CloseCode::Resync, CloseCode::Internal, CloseCode::Restarting, CloseCode::Overloaded] {
            assert!(!(4400..4500).contains(&code.number(false)), "{code:?}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let close = Close::new(CloseCode::Malformed, "é".repeat(100));
        assert_eq!(close.reason, "é".repeat(61));
    }
}
