//! The same fetches as by threads that wait, awaited.

#[path = "../faults/cases.rs"]
mod cases;
#[path = "../faults/server.rs"]
mod server;

use std::sync::Arc;

use lightloom_web::{AsyncClient, Client, FetchError, Fetched, Follow, Request};
use tokio::runtime::Builder;

/// Fetches something.
fn run(client: &Arc<Client>, request: &Request, follow: &dyn Follow) -> Result<Fetched, FetchError> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { AsyncClient::new(client)?.fetch(request, follow).await })
}

/// A hundred requests wait at the same time on this one thread.
#[test]
fn one_thread_waits_for_many_answers_at_once() {
    use lightloom_web::{Address, ClientSettings, NoFollow, Permission, SampleServer, ServerSettings, Want};
    use std::time::{Duration, Instant};
    let files = (0..100).map(|i| (format!("{i}.jpg"), vec![i as u8; 1000])).collect();
    let latency = Duration::from_millis(300);
    let server = SampleServer::start(files, ServerSettings { latency, ..ServerSettings::default() }).unwrap();
    let page = Address::parse(&server.page()).unwrap();
    let settings = ClientSettings { per_host: 100, in_total: 100, ..ClientSettings::default() };
    let client = Client::new(settings);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let fetched: Vec<Vec<u8>> = runtime.block_on(async {
        let client = AsyncClient::new(&client).unwrap();
        let requests: Vec<Request> = (0..100)
            .map(|i| Request::new(page.join(&format!("{i}.jpg")).unwrap(), Want::Picture, Permission::default()))
            .collect();
        let mut fetches: Vec<_> = requests.iter().map(|one| Box::pin(client.fetch(one, &NoFollow))).collect();
        let mut done = Vec::new();
        std::future::poll_fn(|context| {
            fetches.retain_mut(|fetch| match fetch.as_mut().poll(context) {
                std::task::Poll::Ready(fetched) => {
                    done.push(fetched.unwrap().bytes(u64::MAX).unwrap());
                    false
                }
                std::task::Poll::Pending => true,
            });
            if fetches.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        done
    });
    assert_eq!(fetched.len(), 100);
    // One after the other they would take thirty seconds.
    assert!(began.elapsed() < Duration::from_secs(15));
}
