//! Looks at addresses in the background: what is there, and the thumbnails of what may be added.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use crate::batch::{AtAddress, Decoders, Source, Web, WebSearch};
use crate::gui::model::web::FoundPicture;
use crate::gui::tasks::thumbnails::Thumbnails;
use crate::web::page::Kind;
use crate::web::{Address, Follow, Origin, Permission};

/// A message of a look.
#[derive(Debug)]
pub enum WebMessage {
    /// The title of a page.
    Title(String),
    Found(Vec<FoundPicture>),
    /// What could not be looked at, and why.
    Problem(String),
}

/// A look under way, and the thumbnails of what it found.
pub struct WebTask {
    ctx: Context,
    decoders: Decoders,
    look: Option<Look>,
    /// There while the dialog is open.
    pub thumbnails: Option<Thumbnails>,
}

struct Look {
    messages: Receiver<WebMessage>,
    stop: Arc<AtomicBool>,
}

impl Drop for Look {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

/// Ends a fetch that nobody waits for any more.
struct UntilStopped(Arc<AtomicBool>);

impl Follow for UntilStopped {
    fn is_stopped(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl WebTask {
    pub fn new(ctx: &Context, decoders: &Decoders) -> Self {
        Self { ctx: ctx.clone(), decoders: decoders.clone(), look: None, thumbnails: None }
    }

    /// Looks at these addresses.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn look(&mut self, addresses: Vec<Address>, permission: Permission) -> std::io::Result<()> {
        self.thumbnails = Some(Thumbnails::new(&self.ctx, &self.decoders, None));
        // Each message is as large as a page, of which there are as many as were pasted.
        let (sender, messages) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let (follow, ctx) = (UntilStopped(Arc::clone(&stop)), self.ctx.clone());
        self.look = Some(Look { messages, stop });
        let work = move || {
            look_at_all(&addresses, permission, &follow, &sender);
            drop(sender);
            ctx.request_repaint();
        };
        thread::Builder::new().name("lightloom-web".to_owned()).spawn(work).map(drop)
    }

    /// The messages that have come, and whether more will.
    pub fn messages(&mut self) -> (Vec<WebMessage>, bool) {
        let Some(look) = &self.look else { return (Vec::new(), false) };
        let mut messages = Vec::new();
        loop {
            match look.messages.try_recv() {
                Ok(message) => messages.push(message),
                Err(error) => {
                    let goes_on = error.is_empty();
                    if !goes_on {
                        self.look = None;
                    }
                    return (messages, goes_on);
                }
            }
        }
    }

    /// Ends what is under way.
    pub fn end(&mut self) {
        self.look = None;
        self.thumbnails = None;
    }
}

fn look_at_all(addresses: &[Address], permission: Permission, follow: &UntilStopped, sender: &Sender<WebMessage>) {
    let kinds = vec![Kind::Shown, Kind::Linked, Kind::Preview, Kind::Background];
    let search = WebSearch { permission, kinds, ..WebSearch::default() };
    // A single address may be a page; of several, each is a picture until it is fetched.
    if let [address] = addresses {
        for message in look_at(&search, address, follow) {
            let _ = sender.send(message);
        }
        return;
    }
    let named = |address: &Address| picture(Web::new(address.clone(), permission), "", String::new(), true);
    let _ = sender.send(WebMessage::Found(addresses.iter().map(named).collect()));
}

fn look_at(search: &WebSearch, address: &Address, follow: &UntilStopped) -> Vec<WebMessage> {
    let permission = search.permission;
    match search.look(address, follow) {
        Err(error) => vec![WebMessage::Problem(format!("{address} {error}"))],
        Ok(AtAddress::Picture(web)) => vec![WebMessage::Found(vec![picture(web, "", String::new(), true)])],
        Ok(AtAddress::Page(page)) => {
            let found = page.pictures.into_iter().map(|found| {
                let web = Web::new(found.address, permission.of(Origin::Page));
                let chosen = matches!(found.kind, Kind::Shown | Kind::Linked);
                picture(web, found.kind.title(), found.text, chosen)
            });
            vec![WebMessage::Title(page.title), WebMessage::Found(found.collect())]
        }
        Ok(AtAddress::List(entries)) => {
            let (mut found, mut messages) = (Vec::new(), Vec::new());
            for entry in entries {
                match entry.address {
                    Ok(address) => {
                        let web = Web::new(address, permission.of(Origin::List)).beside(entry.columns);
                        found.push(picture(web, "listed", String::new(), true));
                    }
                    Err(error) => messages.push(WebMessage::Problem(format!("Line {}: {error}", entry.line))),
                }
            }
            messages.push(WebMessage::Found(found));
            messages
        }
    }
}

fn picture(web: Web, kind: &'static str, text: String, chosen: bool) -> FoundPicture {
    FoundPicture { source: Source::Web(web), kind, text, chosen, fault: None }
}
