//! Looks at addresses in the background: what is there, and the thumbnails of what may be added.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use crate::batch::{AtAddress, Decoders, Source, Web, WebSearch};
use crate::gui::model::web::FoundPicture;
use crate::gui::tasks::thumbnails::Thumbnails;
use crate::web::page::Kind;
use crate::web::{Address, Follow, Origin, Permission};

/// Addresses that are looked at at once.
const AT_ONCE: usize = 4;

/// A message of a look.
#[derive(Debug)]
pub enum WebMessage {
    /// The title of a page.
    Title(String),
    Found(Vec<FoundPicture>),
    /// What was taken for a picture is something else, which has these.
    Instead {
        of: u64,
        found: Vec<FoundPicture>,
    },
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

/// A look at addresses, and where its messages go.
struct Looking<'a> {
    search: WebSearch,
    follow: &'a UntilStopped,
    sender: &'a Sender<WebMessage>,
    /// Pictures that were found so far.
    ids: AtomicU64,
}

fn look_at_all(addresses: &[Address], permission: Permission, follow: &UntilStopped, sender: &Sender<WebMessage>) {
    let kinds = vec![Kind::Shown, Kind::Linked, Kind::Preview, Kind::Background];
    let search = WebSearch { permission, kinds, ..WebSearch::default() };
    let looking = Looking { search, follow, sender, ids: AtomicU64::new(0) };
    match addresses {
        [address] => looking.look_at(address),
        several => looking.look_at_several(several),
    }
}

impl Looking<'_> {
    fn say(&self, message: WebMessage) {
        // Nobody hears it once the dialog is closed.
        let _ = self.sender.send(message);
    }

    fn look_at(&self, address: &Address) {
        let found = match self.search.look(address, self.follow) {
            Err(error) => return self.say(WebMessage::Problem(format!("{address} {error}"))),
            Ok(AtAddress::Picture(web)) => vec![self.picture(web, "", String::new(), true)],
            Ok(other) => {
                if let AtAddress::Page(page) = &other {
                    self.say(WebMessage::Title(page.title.clone()));
                }
                self.pictures(address, other)
            }
        };
        self.say(WebMessage::Found(found));
    }

    /// Each is taken for a picture until it turns out to be a page or a list, whose pictures then stand in its place.
    fn look_at_several(&self, addresses: &[Address]) {
        let permission = self.search.permission;
        let named = |address: &Address| self.picture(Web::new(address.clone(), permission), "", String::new(), true);
        let named: Vec<FoundPicture> = addresses.iter().map(named).collect();
        let ids: Vec<u64> = named.iter().map(|picture| picture.id).collect();
        self.say(WebMessage::Found(named));
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(at) =
                Some(next.fetch_add(1, Relaxed)).filter(|at| *at < ids.len() && !self.follow.is_stopped())
            {
                // Why one cannot be fetched is said where its thumbnail would be.
                if let Ok(Some(other)) = self.search.look_unless_picture(&addresses[at], self.follow) {
                    let found = self.pictures(&addresses[at], other);
                    self.say(WebMessage::Instead { of: ids[at], found });
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..AT_ONCE.min(addresses.len()) {
                // Where there is no other thread, this one does all of it.
                let _ = thread::Builder::new().name("lightloom-web".to_owned()).spawn_scoped(scope, work);
            }
            work();
        });
    }

    /// The pictures that something refers to; what else there is to say of it is said.
    fn pictures(&self, address: &Address, other: AtAddress) -> Vec<FoundPicture> {
        let permission = self.search.permission;
        let found = match other {
            AtAddress::Picture(web) => vec![self.picture(web, "", String::new(), true)],
            AtAddress::Page(page) => {
                page.unread.iter().for_each(|what| self.say(WebMessage::Problem(format!("{address}: {what}"))));
                let found = page.pictures.into_iter().map(|found| {
                    let web = Web::new(found.address, permission.of(Origin::Page));
                    let chosen = matches!(found.kind, Kind::Shown | Kind::Linked);
                    self.picture(web, found.kind.title(), found.text, chosen)
                });
                found.collect()
            }
            AtAddress::List(entries) => {
                let listed = entries.into_iter().filter_map(|entry| match entry.address {
                    Ok(address) => {
                        let web = Web::new(address, permission.of(Origin::List)).beside(entry.columns);
                        Some(self.picture(web, "listed", String::new(), true))
                    }
                    Err(error) => {
                        self.say(WebMessage::Problem(format!("{address}, line {}: {error}", entry.line)));
                        None
                    }
                });
                listed.collect()
            }
        };
        if found.is_empty() {
            self.say(WebMessage::Problem(format!("There are no pictures at {address}.")));
        }
        found
    }

    fn picture(&self, web: Web, kind: &'static str, text: String, chosen: bool) -> FoundPicture {
        let id = self.ids.fetch_add(1, Relaxed);
        FoundPicture { id, source: Source::Web(web), kind, text, chosen, fetched: None, fault: None }
    }
}
