//! The same SCIM work against several servers in turn, and how quickly each answered.
//!
//! - [`target`] says which servers there are, [`connection`] asks them;
//! - [`body`] has what is sent, [`answer`] what must come back;
//! - [`session`] runs one kind of request for a while, [`measurement`] is what is then known, of
//!   which [`process`] knows what the server used;
//! - [`world`] is what was put on a server, [`step`] the kinds of work that are done on it.

pub mod answer;
pub mod body;
pub mod connection;
pub mod measurement;
pub mod process;
pub mod session;
pub mod step;
pub mod target;
pub mod world;
