//! Awareness: carets that move, as `y-codemirror.next` tells them.

use anyhow::{Context, Result};

use crate::wire::lib0::{Cursor, put_bytes, put_uint};
use crate::wire::update::Span;

/// The awareness update of a client whose caret has moved `n` times before.
pub fn moved(client: u64, n: u64) -> Vec<u8> {
    let place =
        format!(r#"{{"type":null,"tname":"content","item":{{"client":{client},"clock":{n}}},"assoc":0}}"#);
    let state =
        format!(r##"{{"user":{{"name":"Reader {client}","color":"#30bced","colorLight":"#30bced33"}},"##)
            + &format!(r#""cursor":{{"anchor":{place},"head":{place}}}}}"#);
    let mut out = vec![1];
    put_uint(&mut out, client);
    put_uint(&mut out, n + 1);
    put_bytes(&mut out, state.as_bytes());
    out
}

/// Hand over how far each client in an awareness update has come. A state replaces all before it.
pub fn clocks(states: &[u8], mut each: impl FnMut(Span) -> Result<()>) -> Result<()> {
    let mut cursor = Cursor(states);
    let count = cursor.uint().context("an awareness update without a count")?;
    for _ in 0..count {
        let state = (|| Some((cursor.uint()?, cursor.uint()?, cursor.bytes()?)))();
        let (client, clock, _) = state.context("an awareness update that ends in a state")?;
        each(Span { client, from: 0, to: clock })?;
    }
    Ok(())
}
