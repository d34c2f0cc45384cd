//! What stands between the network and the router: deadlines, limits, TLS, and the process.

mod attack;
mod connections;
mod process;
mod stop;
mod support;
mod tls;
