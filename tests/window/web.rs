//! Pictures of the web: a page is looked at, its pictures are chosen from a list with thumbnails, and added.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;

use egui::accesskit::Role;
use lightloom::batch::set_web_client;
use lightloom::gui::{App, Dialog};
use lightloom::web::{ClientSettings, SampleServer, ServerSettings};

const ADDRESSES: &str = "Addresses of pictures, pages or lists";

use super::driver::*;

/// Pictures, served; nothing of what is fetched is kept.
fn serve(count: usize) -> SampleServer {
    serve_with(count, ServerSettings::default())
}

fn serve_with(count: usize, settings: ServerSettings) -> SampleServer {
    set_web_client(ClientSettings::default());
    let dir = photos(count);
    let name = |file: &std::path::PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    let files = files_below(dir.path());
    let files = files.iter().map(|file| (name(file), fs::read(file).unwrap())).collect();
    SampleServer::start(files, settings).unwrap()
}

fn is_looked_at(app: &App) -> bool {
    let web = &app.state().web;
    !web.looking && (!web.found.is_empty() || !web.problems.is_empty())
}

#[test]
fn pictures_of_a_page_are_chosen_and_added() {
    let server = serve(3);
    let mut harness = window();
    choose(&mut harness, "File", "Add from Web…");
    assert!(has(&harness, "Add 0 pictures"));
    type_into(&mut harness, Role::MultilineTextInput, ADDRESSES, &server.page());
    click(&mut harness, "Private networks");
    click(&mut harness, "Look");
    wait(&mut harness, "the page", is_looked_at);
    assert!(has(&harness, "Sample pictures") && has(&harness, "3 pictures found, 3 chosen"));
    // The dialog finds its size.
    harness.run_steps(10);
    let name = harness.state().state().web.found[1].source.file_name();
    click(&mut harness, &name);
    assert!(has(&harness, "3 pictures found, 2 chosen"));
    click(&mut harness, "Add 2 pictures");
    assert_eq!((harness.state().state().pictures.len(), &harness.state().state().dialog), (2, &None));
}

#[test]
fn what_a_page_of_a_private_network_shows_says_why_it_is_refused() {
    let server = serve(1);
    let mut harness = window();
    choose(&mut harness, "File", "Add from Web…");
    type_into(&mut harness, Role::MultilineTextInput, ADDRESSES, &server.page());
    click(&mut harness, "Look");
    wait(&mut harness, "the page", is_looked_at);
    wait(&mut harness, "the reason", |app| app.state().web.found[0].fault.is_some());
    assert!(harness.state().state().web.found[0].fault.as_ref().unwrap().contains("private network"));
    assert_eq!(harness.state().state().dialog, Some(Dialog::Web));
    button(&mut harness, "Cancel");
    assert!(harness.state().state().dialog.is_none());
}

#[test]
fn pages_among_several_addresses_are_replaced_by_their_pictures() {
    let server = serve(2);
    let page = server.page();
    let mut harness = window();
    choose(&mut harness, "File", "Add from Web…");
    type_into(&mut harness, Role::MultilineTextInput, ADDRESSES, &format!("{page}x.jpg {page} {page}y.jpg"));
    click(&mut harness, "Private networks");
    click(&mut harness, "Look");
    wait(&mut harness, "the addresses", is_looked_at);
    let names: Vec<String> = harness.state().state().web.found.iter().map(|found| found.source.file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names[0] == "x.jpg" && names[3] == "y.jpg", "{names:?}");
    assert!(has(&harness, "4 pictures found, 4 chosen"));
}

#[test]
fn a_run_of_pictures_of_the_web_says_how_much_is_fetched() {
    // Two answers at a time that take long enough to be seen.
    let server = serve_with(3, ServerSettings { bytes_per_sec: Some(2000), ..ServerSettings::default() });
    let out = tempfile::tempdir().unwrap();
    let mut harness = window_of_size([1280.0, 800.0], saving_to(out.path()), None);
    choose(&mut harness, "File", "Add from Web…");
    type_into(&mut harness, Role::MultilineTextInput, ADDRESSES, &server.page());
    click(&mut harness, "Private networks");
    click(&mut harness, "Look");
    wait(&mut harness, "the page", is_looked_at);
    harness.run_steps(10);
    click(&mut harness, "Add 3 pictures");
    button(&mut harness, "Start");
    let mut said = false;
    while harness.state().state().is_running() {
        harness.step();
        said |= has(&harness, "fetched") && has(&harness, "/s");
    }
    assert!(said, "beside the speed of the run");
    assert!(!has(&harness, "fetched"), "the run has ended");
}
