//! Bytes: numbers, WebSocket frames, sockets, messages and updates. No server's name is known here.

pub mod frame;
pub mod lib0;
pub mod link;
pub mod message;
pub mod update;
