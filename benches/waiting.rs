//! What a request that waits costs: memory and processor time of many at once, by threads that wait (`hybrid`) and by one
//! that awaits (`async`).
//!
//! `cargo bench --bench waiting -- [ROUNDS]`; Linux only. A server of another process answers no request before all has been
//! measured. Each run is a process of its own: what it has more while the requests wait than before, for each of them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use cpu_time::ProcessTime;
use lightloom::batch::{Batch, EXECUTORS, OutputSettings, Settings, Source, Web, plan_jobs, start};
use lightloom::recipe::Recipe;
use lightloom::web::{Address, Client, ClientSettings, Permission, SampleServer, ServerSettings};

const REQUESTS: [usize; 3] = [50, 200, 1000];
/// Until all requests have been sent, and how long they are watched after that.
const SENDING: Duration = Duration::from_secs(6);
const WAITING: Duration = Duration::from_secs(4);

/// What a run cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// KiB for each request.
    memory_kib: f64,
    /// Microseconds of the processor until it was sent, and in each second of waiting.
    sending_us: f64,
    waiting_us: f64,
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [mode, executor, requests, page] = args.as_slice()
        && mode == "run"
    {
        let Cost { memory_kib, sending_us, waiting_us } = measure(executor, requests.parse()?, page)?;
        println!("{memory_kib} {sending_us} {waiting_us}");
        // Nobody waits for answers that do not come.
        std::process::exit(0);
    }
    let rounds: usize = args.first().map_or(Ok(5), |rounds| rounds.parse())?;
    let latency = 10 * (SENDING + WAITING);
    let server = SampleServer::start(BTreeMap::new(), ServerSettings { latency, ..ServerSettings::default() })?;
    println!("{:<8} {:>8} {:>12} {:>14} {:>16}", "", "requests", "memory KiB", "sending us", "waiting us/s");
    for requests in REQUESTS {
        for executor in ["hybrid", "async"] {
            let runs: Result<Vec<Cost>> =
                (0..rounds).map(|_| in_another_process(executor, requests, &server)).collect();
            let runs = runs?;
            let median = |of: fn(&Cost) -> f64| {
                let mut values: Vec<f64> = runs.iter().map(of).collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            let (memory, sending, waiting) =
                (median(|run| run.memory_kib), median(|run| run.sending_us), median(|run| run.waiting_us));
            println!("{executor:<8} {requests:>8} {memory:>12.1} {sending:>14.0} {waiting:>16.1}");
        }
    }
    Ok(())
}

fn in_another_process(executor: &str, requests: usize, server: &SampleServer) -> Result<Cost> {
    let mut command = Command::new(env::current_exe()?);
    let output = command.args(["run", executor, &requests.to_string(), &server.page()]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let values: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [memory_kib, sending_us, waiting_us] = values[..] else { anyhow::bail!("{text}") };
    Ok(Cost { memory_kib, sending_us, waiting_us })
}

fn measure(executor: &str, requests: usize, page: &str) -> Result<Cost> {
    let client = Client::new(ClientSettings {
        per_host: requests,
        in_total: requests,
        stall_timeout: 100 * SENDING,
        ..ClientSettings::default()
    });
    let source = |number: usize| -> Result<_> {
        let address = Address::parse(&format!("{page}{number}.jpg"))?;
        Ok(Source::Web(Web::new(address, Permission::default()).through(Arc::clone(&client))).into())
    };
    let sources = (0..requests).map(source).collect::<Result<Vec<_>>>()?;
    let folder = tempfile::tempdir()?;
    let output = OutputSettings { folder: Some(folder.path().into()), ..OutputSettings::default() };
    let recipe = Recipe::default();
    let executor = EXECUTORS.iter().copied().find(|one| one.id == executor).context("no such executor")?;
    let settings = Settings { executor, io_threads: requests, cores: 1, ..Settings::default() };
    let jobs = plan_jobs(&sources, &recipe, &output);
    let batch = Batch { jobs, recipe, results: output.conflict.into(), settings };

    let (memory, begun) = (resident_kib()?, ProcessTime::now());
    let running = start(batch, Arc::new(|_| {}))?;
    sleep(SENDING);
    let (sending, sent) = (begun.elapsed(), ProcessTime::now());
    sleep(WAITING);
    let (waiting, now) = (sent.elapsed(), resident_kib()?);
    let connections = sockets()?;
    ensure!(connections >= requests, "only {connections} requests of {requests} were under way");
    running.control().stop();
    let each = |duration: Duration| duration.as_secs_f64() * 1e6 / requests as f64;
    Ok(Cost {
        memory_kib: (now - memory) / requests as f64,
        sending_us: each(sending),
        waiting_us: each(waiting) / WAITING.as_secs_f64(),
    })
}

fn resident_kib() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

fn sockets() -> Result<usize> {
    let open = fs::read_dir("/proc/self/fd")?.flatten();
    let is_socket =
        |entry: &fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"));
    Ok(open.filter(is_socket).count())
}
