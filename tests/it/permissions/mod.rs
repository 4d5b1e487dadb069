//! Nobody reads or writes what they may not, whatever way they come.

mod house;
mod matrix;
mod sockets;
mod trials;
