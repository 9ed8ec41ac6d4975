//! What the dialog for pictures of the web does, and what follows from the messages of its task.

use crate::batch::SourceEntry;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::dialog::Dialog;
use crate::gui::model::identity::Identity;
use crate::gui::model::notice::Notice;
use crate::gui::model::pictures::{Fault, Seen};
use crate::gui::model::web::WebAction;
use crate::gui::tasks::web::WebMessage;
use crate::gui::text;
use crate::web::{Address, Permission, list};

impl Dispatcher<'_> {
    pub(super) fn use_web(&mut self, action: WebAction) {
        let web = &mut self.state.web;
        match action {
            WebAction::Open => {
                web.forget();
                self.state.dialog = Some(Dialog::Web);
            }
            WebAction::Edit(text) => web.text = text,
            WebAction::AllowPrivate(allows) => web.allows_private = allows,
            WebAction::Look => self.look_at_web(),
            WebAction::Choose(at, chosen) => {
                if let Some(picture) = web.found.get_mut(at) {
                    picture.chosen = chosen;
                }
            }
            WebAction::ChooseAll(chosen) => web.found.iter_mut().for_each(|picture| picture.chosen = chosen),
            WebAction::Add => self.add_from_web(),
        }
    }

    fn look_at_web(&mut self) {
        let web = &mut self.state.web;
        web.forget();
        let addresses = addresses_in(&web.text);
        if addresses.is_empty() {
            web.problems.push("No address was found; one begins with https:// or http://.".to_owned());
            return;
        }
        let permission = Permission { private: web.allows_private, ..Permission::default() };
        match self.tasks.web.look(addresses, permission) {
            Ok(()) => web.looking = true,
            Err(error) => web.problems.push(format!("The addresses could not be looked at: {error}.")),
        }
    }

    fn add_from_web(&mut self) {
        let found = std::mem::take(&mut self.state.web.found);
        let chosen = found.into_iter().filter(|picture| picture.chosen);
        let mut count = 0;
        for picture in chosen {
            let identity = Identity::of_name(picture.source.name());
            self.state.pictures.add(SourceEntry { source: picture.source, root: None }, identity);
            count += 1;
        }
        self.state.dialog = None;
        self.state.notify(Notice::info(format!("Added {} of the web.", text::pictures(count))));
    }

    /// Takes over what was found; ends the task where the dialog was closed.
    pub(super) fn poll_web(&mut self) {
        if self.state.dialog != Some(Dialog::Web) {
            self.tasks.web.end();
            return;
        }
        let (messages, goes_on) = self.tasks.web.messages();
        let web = &mut self.state.web;
        for message in messages {
            match message {
                WebMessage::Title(title) => web.title = title,
                WebMessage::Found(found) => web.found.extend(found),
                WebMessage::Instead { of, found } => {
                    if let Some(at) = web.found.iter().position(|picture| picture.id == of) {
                        web.found.splice(at..=at, found);
                    }
                }
                WebMessage::Problem(problem) => web.problems.push(problem),
            }
        }
        web.looking &= goes_on;
        let Some(thumbnails) = &mut self.tasks.web.thumbnails else { return };
        for Seen { id, fault, facts } in thumbnails.collect(self.ctx) {
            if let Some(picture) = web.found.iter_mut().find(|picture| picture.id == id) {
                picture.fetched = facts;
                picture.fault = fault.map(|(Fault::Unreadable(reason) | Fault::Partial(reason))| reason);
            }
        }
    }
}

/// The addresses in a text; a single name without a scheme is one too.
fn addresses_in(text: &str) -> Vec<Address> {
    let found = list::pasted(text);
    let alone = text.trim();
    if found.is_empty() && alone.contains('.') && !alone.contains(char::is_whitespace) && !alone.contains(':') {
        return Address::parse(&format!("https://{alone}")).into_iter().collect();
    }
    found
}
