//! From an address to sources: a picture, the pictures of a page, or those of a list.

use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use super::discover::Discovered;
use super::{Source, SourceEntry, Web, web_client};
use lightloom_web::list::{Entry, Form, ListError};
use lightloom_web::page::{self, Kind, Page};
use lightloom_web::{
    Address, Client, FetchError, Fetched, Follow, NoAddress, NoFollow, Origin, Permission, Request, Want, proposed_name,
};

/// Bytes of a list of addresses that are read.
const LARGEST_LIST: u64 = 1 << 30;

/// How addresses are looked at.
#[derive(Debug, Clone, Default)]
pub struct WebSearch {
    /// What is allowed.
    pub permission: Permission,
    /// Which pictures of a page are wanted; those that it shows or links to if empty.
    pub kinds: Vec<Kind>,
    /// The column of a list in which its addresses are.
    pub column: Option<String>,
    /// What fetches, if not the client of the program.
    pub client: Option<Arc<Client>>,
}

/// What is at an address.
#[derive(Debug)]
pub enum AtAddress {
    /// A picture, under the name that its server proposes.
    Picture(Web),
    /// A page.
    Page(Page),
    /// A list of addresses.
    List(Vec<Entry>),
}

/// Why nothing is found at an address.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// It is none.
    #[error("{0}")]
    NoAddress(#[from] NoAddress),
    /// It cannot be fetched.
    #[error("cannot be fetched: {0}")]
    Unfetched(#[from] FetchError),
    /// It is a list that cannot be read.
    #[error("cannot be read as a list: {0}")]
    List(#[from] ListError),
}

impl WebSearch {
    /// Looks at what is at an address that the person named.
    ///
    /// # Errors
    /// If it cannot be fetched, or is a list that cannot be read.
    pub fn look(&self, address: &Address, follow: &dyn Follow) -> Result<AtAddress, NotFound> {
        let fetched = self.client().fetch_named(address, self.permission, follow)?;
        if fetched.is_page() {
            return Ok(AtAddress::Page(self.page(address, &fetched, follow)?));
        }
        let from = fetched.address().unwrap_or_else(|| address.clone());
        let proposed = fetched.about.disposition.as_deref().and_then(proposed_name);
        let name = proposed.unwrap_or_else(|| lightloom_web::name_of(&from));
        let is_text = fetched.about.media_type.as_deref().is_some_and(|kind| kind.starts_with("text/"));
        if is_text || is_list(&name) {
            return Ok(AtAddress::List(self.read_list(&name, &fetched.bytes(LARGEST_LIST)?)?));
        }
        Ok(AtAddress::Picture(self.web(address.clone(), Origin::Person).called(&name)))
    }

    /// Looks at what is at an address that the person named, unless it is a picture: of one, no byte is fetched.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn look_unless_picture(&self, address: &Address, follow: &dyn Follow) -> Result<Option<AtAddress>, NotFound> {
        let request = Request::new(address.clone(), Want::Page, self.permission.of(Origin::Person));
        match self.client().fetch(&request, follow) {
            Ok(fetched) if fetched.is_page() => {
                self.client().check_robots(address, self.permission, follow)?;
                Ok(Some(AtAddress::Page(self.page(address, &fetched, follow)?)))
            }
            Err(FetchError::WrongType { found, .. }) if found.starts_with("text/") => {
                self.look(address, follow).map(Some)
            }
            Ok(_) | Err(FetchError::WrongType { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a page, with its style sheets if backgrounds are wanted.
    fn page(&self, address: &Address, fetched: &Fetched, follow: &dyn Follow) -> Result<Page, FetchError> {
        let from = fetched.address().unwrap_or_else(|| address.clone());
        let bytes = fetched.bytes(page::LARGEST)?;
        let mut page = page::parse(&bytes, fetched.about.charset.as_deref(), &from);
        if self.kinds.contains(&Kind::Background) {
            self.read_sheets(&mut page, follow)?;
        }
        Ok(page)
    }

    /// Adds what style sheets in files of their own have as backgrounds, and those that they import; these import no more.
    fn read_sheets(&self, page: &mut Page, follow: &dyn Follow) -> Result<(), FetchError> {
        let mut sheets: VecDeque<_> = page.sheets.iter().map(|sheet| (sheet.clone(), true)).collect();
        let mut read: HashSet<Address> = HashSet::new();
        while let Some((address, may_import)) = sheets.pop_front() {
            if !read.insert(address.clone()) {
                continue;
            }
            if read.len() > page::MOST_SHEETS {
                let (all, most) = (read.len() + sheets.len(), page::MOST_SHEETS);
                page.unread.push(format!("of its {all} style sheets or more, {most} were read"));
                break;
            }
            match self.sheet(&address, follow) {
                Ok(sheet) => {
                    page.add_backgrounds(sheet.pictures);
                    sheets.extend(sheet.imports.into_iter().filter(|_| may_import).map(|import| (import, false)));
                }
                Err(FetchError::Stopped) => return Err(FetchError::Stopped),
                Err(error) => page.unread.push(format!("its style sheet {address} was not read: {error}")),
            }
        }
        Ok(())
    }

    fn sheet(&self, address: &Address, follow: &dyn Follow) -> Result<page::Sheet, FetchError> {
        let request = Request::new(address.clone(), Want::Style, self.permission.of(Origin::Page));
        let fetched = self.client().fetch(&Request { largest: page::LARGEST_SHEET, ..request }, follow)?;
        let text = fetched.text(page::LARGEST_SHEET)?;
        Ok(page::parse_sheet(&text, &fetched.address().unwrap_or_else(|| address.clone())))
    }

    fn client(&self) -> &Arc<Client> {
        self.client.as_ref().unwrap_or_else(|| web_client())
    }

    /// Reads a list of addresses, whose name says how it is written.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read_list(&self, name: &str, bytes: &[u8]) -> Result<Vec<Entry>, ListError> {
        lightloom_web::list::read(bytes, Form::of(name, bytes), self.column.as_deref())
    }

    fn web(&self, address: Address, origin: Origin) -> Web {
        let web = Web::new(address, self.permission.of(origin));
        match &self.client {
            Some(client) => web.through(Arc::clone(client)),
            None => web,
        }
    }

    /// The pictures of a page that are wanted.
    pub fn of_page<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = Web> + 'a {
        let is_wanted = move |kind| match self.kinds.as_slice() {
            [] => matches!(kind, Kind::Shown | Kind::Linked),
            kinds => kinds.contains(&kind),
        };
        let wanted = page.pictures.iter().filter(move |found| is_wanted(found.kind));
        wanted.map(move |found| self.web(found.address.clone(), Origin::Page))
    }

    /// The pictures of a list that is called `name`, and what in it is no address; until `report` returns false.
    pub fn report_list(&self, name: &Path, entries: Vec<Entry>, report: &mut dyn FnMut(Discovered) -> bool) -> bool {
        let mut seen = HashSet::new();
        entries.into_iter().all(|Entry { line, address, columns }| match address {
            Ok(address) if !seen.insert(address.clone()) => true,
            Ok(address) => report(source(self.web(address, Origin::List).beside(columns))),
            Err(error) => {
                report(Discovered::Problem { path: name.to_path_buf(), reason: format!("line {line}: {error}") })
            }
        })
    }

    /// Reports what is at an address, until `report` returns false.
    pub(super) fn report(&self, text: &str, report: &mut dyn FnMut(Discovered) -> bool) -> bool {
        let found = Address::parse(text).map_err(NotFound::from).and_then(|address| self.look(&address, &NoFollow));
        let path = Path::new(text);
        match found {
            Err(error) => report(Discovered::Problem { path: path.to_path_buf(), reason: error.to_string() }),
            Ok(AtAddress::Picture(web)) => report(source(web)),
            Ok(AtAddress::List(entries)) => self.report_list(path, entries, report),
            Ok(AtAddress::Page(page)) => {
                let mut notes = page.unread.iter().map(|what| Discovered::Note(format!("{text}: {what}")));
                if !notes.all(&mut *report) {
                    return false;
                }
                let mut pictures = self.of_page(&page).peekable();
                if pictures.peek().is_none() {
                    let reason = "is a page without pictures that it shows or links to".to_owned();
                    return report(Discovered::Problem { path: path.to_path_buf(), reason });
                }
                pictures.all(|web| report(source(web)))
            }
        }
    }
}

fn is_list(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("txt" | "csv" | "tsv" | "tab" | "jsonl" | "ndjson" | "parquet"))
}

fn source(web: Web) -> Discovered {
    Discovered::Source(SourceEntry { source: Source::Web(web), root: None })
}
