//! The same fetches as by threads that wait, awaited.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../faults/cases.rs"]
mod cases;
#[path = "../faults/server.rs"]
mod server;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lightloom_web::{
    Address, AsyncClient, Client, ClientSettings, FetchError, Fetched, Follow, NoFollow, Permission, Request, Want,
};
use server::{Server, ok};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

/// Fetches something.
fn run(client: &Arc<Client>, request: &Request, follow: &dyn Follow) -> Result<Fetched, FetchError> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { AsyncClient::new(client)?.fetch(request, follow).await })
}

/// Each answer is held back until all requests have come.
#[test]
fn one_thread_waits_for_many_answers_at_once() {
    const MANY: usize = 50;
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        asked.fetch_add(1, SeqCst);
        while asked.load(SeqCst) < MANY {
            std::thread::sleep(Duration::from_millis(1));
        }
        ok(b"picture", "")
    });
    let client = Client::new(ClientSettings { per_host: MANY, in_total: MANY, ..ClientSettings::default() });
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let fetched = runtime.block_on(async {
        let client = Rc::new(AsyncClient::new(&client).unwrap());
        let mut fetches = JoinSet::new();
        let tasks = LocalSet::new();
        for number in 0..MANY {
            let address = Address::parse(&server.address(&format!("/{number}"))).unwrap();
            let request = Request::new(address, Want::Picture, Permission::default());
            let client = Rc::clone(&client);
            fetches.spawn_local_on(async move { client.fetch(&request, &NoFollow).await.map(drop) }, &tasks);
        }
        tasks.run_until(fetches.join_all()).await
    });
    assert_eq!(fetched.into_iter().filter(Result::is_ok).count(), MANY);
}
