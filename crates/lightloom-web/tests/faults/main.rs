//! Fetches by threads that wait.
#![allow(clippy::unwrap_used, reason = "tests")]

mod cases;
mod server;

use std::sync::Arc;

use lightloom_web::{Client, FetchError, Fetched, Follow, Request};

/// Fetches something.
fn run(client: &Arc<Client>, request: &Request, follow: &dyn Follow) -> Result<Fetched, FetchError> {
    client.fetch(request, follow)
}
