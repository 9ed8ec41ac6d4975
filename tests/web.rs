//! Pictures from the web go through a run as those of a folder do: same bytes, same reports, the same when something is
//! wrong; and the command line finds them on pages and in lists.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{content, folder, photo, recipe, run, save, settings};
use lightloom::batch::{
    Batch, EXECUTORS, Event, Outcome, OutputSettings, Report, Source, SourceEntry, TroubleKind, Web, plan_jobs, start,
};
use lightloom::web::{Address, CacheSettings, Client, ClientSettings, Permission, Rules, SampleServer, ServerSettings};
use serde_json::Value;

/// The files of a folder, served.
fn serve(input: &Path, settings: ServerSettings) -> SampleServer {
    let files: BTreeMap<String, Vec<u8>> =
        content(input).into_iter().map(|(path, bytes)| (path.to_string_lossy().into_owned(), bytes)).collect();
    SampleServer::start(files, settings).unwrap()
}

fn client(cache: Option<&Path>) -> Arc<Client> {
    let cache = cache.map(|folder| CacheSettings { folder: folder.into(), largest: 1 << 30 });
    let rules = Rules { retries: 20, first_wait: Duration::from_millis(1), ..Rules::default() };
    Client::new(ClientSettings { rules, cache, ..ClientSettings::default() })
}

fn web(address: &str, client: &Arc<Client>) -> SourceEntry {
    let address = Address::parse(address).unwrap();
    Source::Web(Web::new(address, Permission::default()).through(Arc::clone(client))).into()
}

fn batch(sources: &[SourceEntry], out: &Path, executor: &str) -> Batch {
    let recipe = recipe(&["resize:width=60,height=60", "text_watermark:text={name} {seq},size=20"], "same");
    let output = OutputSettings { folder: Some(out.into()), keep_tree: false, ..OutputSettings::default() };
    let jobs = plan_jobs(sources, &recipe, &output);
    Batch { jobs, recipe, results: output.conflict.into(), settings: settings(executor, 2) }
}

/// What a report says, but for where its pictures came from.
fn said(report: &Report) -> Vec<String> {
    let of = |image: &lightloom::batch::ImageReport| {
        let outputs: Vec<_> =
            image.outputs.iter().map(|o| (o.path.file_name().unwrap().to_owned(), o.bytes, o.state)).collect();
        format!("{:?} {:?} {:?} {:?} {outputs:?}", image.outcome, image.stage, image.reason, image.warnings)
    };
    report.images.iter().map(of).collect()
}

#[test]
fn pictures_of_the_web_and_files_have_the_same_results_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 320, 240);
    save(&input.join("still.png"), photo(120, 80, 4));
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><rect width='50' height='30' fill='red'/></svg>";
    fs::write(input.join("drawing.svg"), drawing).unwrap();
    fs::write(input.join("letter.jpg"), "Dear Grandma, here are the photos.").unwrap();
    fs::write(input.join("nothing.png"), "").unwrap();
    let server = serve(&input, ServerSettings { errors_percent: 20, ..ServerSettings::default() });
    let files = common::sources(&input);
    for executor in EXECUTORS {
        let of = |name: &str| dir.path().join(format!("{}-{name}", executor.id));
        let expected = run(batch(&files, &of("files"), executor.id));
        let cache = of("cache");
        // Without a cache, with an empty one, and with one that has everything.
        for cache in [None, Some(cache.as_path()), Some(cache.as_path())] {
            let client = client(cache);
            let address = |entry: &SourceEntry| format!("{}{}", server.page(), entry.source.file_name());
            let sources: Vec<_> = files.iter().map(|entry| web(&address(entry), &client)).collect();
            let out = tempfile::tempdir_in(dir.path()).unwrap();
            let report = run(batch(&sources, out.path(), executor.id));
            assert_eq!(said(&report), said(&expected), "{}", executor.id);
            assert!(content(out.path()) == content(&of("files")), "{}", executor.id);
            let json = serde_json::to_value(&report).unwrap();
            assert!(json["images"][0]["source"].as_str().unwrap().starts_with(&server.page()));
        }
    }
}

#[test]
fn what_cannot_be_fetched_costs_one_picture() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 48);
    let server = serve(&input, ServerSettings::default());
    for executor in EXECUTORS {
        let client = client(None);
        let mut sources: Vec<_> = common::sources(&input)
            .iter()
            .map(|entry| web(&format!("{}{}", server.page(), entry.source.file_name()), &client))
            .collect();
        sources.insert(1, web(&format!("{}gone.jpg", server.page()), &client));
        sources.insert(2, web(&server.page(), &client));
        let report = run(batch(&sources, &dir.path().join(executor.id), executor.id));
        assert_eq!((report.totals.done, report.totals.failed), (2, 2), "{}: {report:?}", executor.id);
        let reason = |at: usize| report.images[at].reason.clone().unwrap();
        assert_eq!(reason(1), "it cannot be fetched: the server answers 404 Not Found", "{}", executor.id);
        assert_eq!(reason(2), "it cannot be fetched: it is text/html, not a picture", "{}", executor.id);
    }
}

#[test]
fn a_server_that_does_not_answer_is_named_and_a_stop_does_not_wait_for_it() {
    let dir = tempfile::tempdir().unwrap();
    // It accepts connections, as the system does for it, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", silent.local_addr().unwrap());
    std::thread::scope(|scope| {
        for executor in EXECUTORS {
            scope.spawn(|| stall_and_stop(&place, &dir.path().join(executor.id), executor.id));
        }
    });
}

fn stall_and_stop(place: &str, out: &Path, executor: &str) {
    let client = Client::new(ClientSettings::default());
    let sources: Vec<_> = (0..3).map(|n| web(&format!("{place}/{n}.jpg"), &client)).collect();
    let running = start(batch(&sources, out, executor), Arc::new(|_: Event| {})).unwrap();
    let began = Instant::now();
    let names_it = |kind: &TroubleKind| matches!(kind, TroubleKind::StalledSource { place: named, .. } if *named == Path::new(place));
    while !running.troubles().iter().any(|trouble| names_it(&trouble.kind)) {
        assert!(began.elapsed() < Duration::from_secs(60), "{executor}: {:?}", running.troubles());
        sleep(Duration::from_millis(5));
    }
    running.control().stop();
    let report = running.wait();
    assert!(report.images.iter().all(|image| image.outcome == Outcome::Stopped), "{executor}: {report:?}");
}

fn lightloom(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .args(args)
        .current_dir(folder)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn written(folder: &Path) -> Vec<PathBuf> {
    content(folder).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn the_pictures_of_a_page_are_listed_and_processed() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 48);
    let server = serve(&input, ServerSettings::default());
    let page = server.page();
    let output = lightloom(dir.path(), &["process", &page, "--list-only", "--json"]);
    let listed = json(&output);
    assert_eq!(
        (listed[0]["title"].as_str(), listed[0]["pictures"].as_array().unwrap().len()),
        (Some("Sample pictures"), 2)
    );
    assert_eq!(listed[0]["pictures"][0]["kind"], "shown");
    // A page leads to no private network unless that is allowed.
    let output = lightloom(dir.path(), &["process", &page, "--out", "refused", "--json"]);
    let reason = json(&output)["images"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("--allow-private"), "{reason}");
    let output = lightloom(dir.path(), &["process", &page, "--out", "out", "--allow-private", "--json"]);
    assert_eq!(json(&output)["totals"]["done"], 2);
    assert_eq!(written(&dir.path().join("out")), written(&input));
    // The run is made again from the web, or from what was kept of it.
    let verified = lightloom(dir.path(), &["verify", "out"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn the_pictures_of_a_list_bring_its_columns_along() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 48);
    let server = serve(&input, ServerSettings::default());
    let page = server.page();
    let list = format!(
        "id,photo,caption\n1,{page}photo%2000.jpg,\"a hut, by night\"\n2,file:///etc/passwd,x\n3,{page}photo%2001.jpg,y\n"
    );
    fs::write(dir.path().join("list.csv"), list).unwrap();
    let args = ["process", "--addresses", "list.csv", "--column", "photo", "--allow-private", "--out", "out", "--json"];
    let output = lightloom(dir.path(), &args);
    let report = json(&output);
    assert_eq!((&report["totals"]["done"], &report["totals"]["failed"]), (&2.into(), &1.into()), "{report}");
    assert_eq!(report["images"][0]["columns"]["caption"], "a hut, by night");
    assert!(report["images"][2]["reason"].as_str().unwrap().contains("'file:' are not fetched"), "{report}");
    let output = lightloom(dir.path(), &["process", "--addresses", "list.csv", "--out", "out"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("--column"), "{error}");
}

/// Pages and style sheets, served.
fn serve_texts(files: &[(&str, &str)], pictures: &Path) -> SampleServer {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let pictures = content(pictures).into_iter().map(|(path, bytes)| (path.to_string_lossy().into_owned(), bytes));
    SampleServer::start(texts.chain(pictures).collect(), ServerSettings::default()).unwrap()
}

#[test]
fn backgrounds_in_style_sheets_of_their_own_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 64, 48);
    let other = serve_texts(&[("far.css", "a { background: url(photo%2003.jpg) }")], &input);
    let links: String = (0..20).map(|number| format!("<link rel=stylesheet href=many/{number}.css>")).collect();
    let by_name = other.page().replace("127.0.0.1", "localhost");
    let far = format!(
        "<link rel=stylesheet href=a.css><link rel=stylesheet href={by_name}far.css><link rel=stylesheet href=gone.css>"
    );
    let server = serve_texts(
        &[
            ("a.html", &far),
            ("many.html", &links),
            ("a.css", "@import 'deep/b.css'; a { background: url('photo 00.jpg') } /* url(no.jpg) */"),
            ("deep/b.css", "@import '../c.css'; @import '../a.css'; a { background: url('../photo 01.jpg') }"),
            ("c.css", "a { background: url('photo 02.jpg') }"),
        ],
        &input,
    );
    let page = |name: &str| format!("{}{name}", server.page());
    let listed = |name: &str, more: &[&str]| {
        let page = page(name);
        let output = lightloom(dir.path(), &[&["process", &page, "--list-only", "--json"], more].concat());
        let pictures = json(&output)[0]["pictures"].as_array().unwrap().clone();
        assert!(pictures.iter().all(|found| found["kind"] == "background"));
        let name = |found: &Value| found["address"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (pictures.iter().map(name).collect::<Vec<_>>(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // A sheet in a private network is refused, and what an imported sheet imports is not read.
    let (names, said) = listed("a.html", &[]);
    assert_eq!(names, [""; 0], "{said}");
    assert!(said.contains("a.css was not read") && said.contains("--allow-private"), "{said}");
    let (names, said) = listed("a.html", &["--allow-private"]);
    assert_eq!(names, ["photo%2000.jpg", "photo%2003.jpg", "photo%2001.jpg"], "{said}");
    assert!(said.contains("gone.css was not read: the server answers 404 Not Found"), "{said}");
    let (_, said) = listed("many.html", &["--allow-private"]);
    assert_eq!(said.matches("404").count(), 16, "{said}");
    assert!(said.contains("16 were read"), "{said}");
    // Nothing is fetched for a run that wants no backgrounds.
    let out = ["--out", "out", "--allow-private"];
    let output = lightloom(dir.path(), &[&["process", &page("a.html")], &out[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("a page without pictures that it shows or links to") && !said.contains(".css"), "{said}");
    let output = lightloom(dir.path(), &[&["process", &page("a.html"), "--page", "background"], &out[..]].concat());
    assert_eq!(written(&dir.path().join("out")).len(), 3, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_of_several_addresses_is_what_it_turns_out_to_be() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 64, 48);
    let server = serve_texts(&[("File.jpg.html", "<img src='photo 00.jpg'>")], &input);
    let page = server.page();
    let picture = format!("{page}photo%2001.jpg");
    let listed = format!("{page}photo%2002.jpg");
    fs::write(dir.path().join("list.txt"), &listed).unwrap();
    let inputs = ["process", &picture, &format!("{page}File.jpg.html"), "--addresses", "list.txt"];
    let output = lightloom(dir.path(), &[&inputs[..], &["--allow-private", "--out", "out"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(written(&dir.path().join("out")), written(&input));
}

#[test]
fn a_table_of_parquet_is_a_list() {
    let dir = tempfile::tempdir().unwrap();
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/lightloom-web/tests/data/zstd-v2.parquet");
    fs::copy(table, dir.path().join("list.parquet")).unwrap();
    let of = |column: &str| {
        lightloom(
            dir.path(),
            &["process", "--addresses", "list.parquet", "--column", column, "--out", "out", "--dry-run", "--json"],
        )
    };
    let output = of("url");
    let plan = json(&output);
    let pictures = plan["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 39, "{plan}");
    assert!(plan.to_string().contains("https://e.org/pictures/0007.jpg"), "{plan}");
    let error = String::from_utf8_lossy(&of("photo").stderr).into_owned();
    assert!(error.contains("no column 'photo'"), "{error}");
}
