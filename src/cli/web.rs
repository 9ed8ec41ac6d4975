//! What is fetched from the web, on the command line.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::console::{self, Reader};
use super::{Exit, ProcessArgs};
use crate::batch::{AtAddress, Discovered, Search, WebSearch, set_web_client, web_settings};
use crate::web::page::{Kind, Page};
use crate::web::{Address, ClientSettings, NoFollow, Origin, Permission};
use lightloom_param::shown_text;

/// Bytes of a list that are read.
const LARGEST_LIST: u64 = 1 << 30;

/// What is fetched from the web, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Web")]
pub struct WebArgs {
    /// A list of addresses: text, CSV, TSV, JSON lines or Parquet; - for standard input
    #[arg(long, value_name = "FILE")]
    pub addresses: Option<PathBuf>,
    /// The column of a list in which its addresses are; the others stand in the report
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,
    /// Which pictures of a page: those it shows, links to, offers as its preview, or has as background
    /// [default: shown,linked]
    #[arg(long, value_delimiter = ',', value_parser = parse_kind, value_name = "shown|linked|preview|background,…")]
    pub page: Vec<Kind>,
    /// Only print what the addresses lead to
    #[arg(long)]
    pub list_only: bool,
    /// Let pages, lists and redirects lead to this machine and to private networks
    #[arg(long)]
    pub allow_private: bool,
    /// Fetch pages and their pictures even if their servers ask programs not to (robots.txt)
    #[arg(long)]
    pub ignore_robots: bool,
    /// Requests to one server at a time [default: 6]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "1-64")]
    pub per_host: Option<u16>,
    /// Tries after a failure that may pass [default: 4]
    #[arg(long, value_parser = clap::value_parser!(u16).range(0..=20), value_name = "N")]
    pub web_retries: Option<u16>,
    /// Seconds that a server may send nothing [default: 30]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub web_timeout: Option<u32>,
    /// Bytes per second, over the time of --web-timeout, below which a server counts as one that sends nothing; 0 for none
    /// [default: 1024]
    #[arg(long, value_name = "BYTES")]
    pub web_min_rate: Option<u64>,
    /// Keep nothing of what is fetched for later runs
    #[arg(long)]
    pub no_web_cache: bool,
}

const KINDS: [Kind; 4] = [Kind::Shown, Kind::Linked, Kind::Preview, Kind::Background];

fn parse_kind(text: &str) -> Result<Kind, String> {
    let known = || KINDS.map(Kind::title).join(", ");
    KINDS.into_iter().find(|kind| kind.title() == text).ok_or_else(|| format!("the kinds are {}", known()))
}

impl WebArgs {
    /// Has the program fetch as was asked for.
    pub fn configure(&self) {
        let usual = web_settings();
        let mut rules = usual.rules.clone();
        rules.retries = self.web_retries.map_or(rules.retries, u32::from);
        let timeout = self.web_timeout.map(|secs| std::time::Duration::from_secs(u64::from(secs)));
        set_web_client(ClientSettings {
            rules,
            per_host: self.per_host.map_or(usual.per_host, usize::from),
            stall_timeout: timeout.unwrap_or(usual.stall_timeout),
            slowest: self.web_min_rate.unwrap_or(usual.slowest),
            cache: usual.cache.clone().filter(|_| !self.no_web_cache),
            ..usual
        });
    }

    /// How addresses are looked at.
    pub fn search(&self) -> WebSearch {
        let permission =
            Permission { origin: Origin::Person, private: self.allow_private, ignores_robots: self.ignore_robots };
        WebSearch { permission, kinds: self.page.clone(), column: self.column.clone(), client: None }
    }

    /// Reports the pictures of the list that was given, if one was.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn report_list(&self, mut report: impl FnMut(Discovered) -> bool) -> Result<()> {
        let Some(path) = &self.addresses else { return Ok(()) };
        let unreadable = || format!("the list {} cannot be read", lightloom_param::shown(path));
        let mut bytes = Vec::new();
        if path == Path::new("-") {
            std::io::stdin().lock().take(LARGEST_LIST).read_to_end(&mut bytes).with_context(unreadable)?;
        } else {
            File::open(path)
                .and_then(|file| file.take(LARGEST_LIST).read_to_end(&mut bytes))
                .with_context(unreadable)?;
        }
        let entries = self.search().read_list(&path.to_string_lossy(), &bytes).with_context(unreadable)?;
        self.search().report_list(path, entries, &mut report);
        Ok(())
    }
}

/// Prints what the addresses among the inputs lead to.
///
/// # Errors
/// If one is none, or standard output cannot be written.
pub fn list(args: &ProcessArgs) -> Result<Exit> {
    let mut search = args.web.search();
    if search.kinds.is_empty() {
        search.kinds = KINDS.to_vec();
    }
    let (mut exit, mut pages) = (Exit::Well, Vec::new());
    for input in &args.inputs.inputs {
        let Some(text) = input.to_str().filter(|text| Address::is_meant(text)) else {
            bail!("--list-only is for addresses, which begin with https:// or http://");
        };
        let address = Address::parse(text).with_context(|| text.to_owned())?;
        let found = search.look(&address, &NoFollow);
        if let Ok(AtAddress::Page(page)) = &found {
            page.unread.iter().for_each(|what| console::say(&format!("note: {address}: {what}")));
        }
        let lines: Vec<String> = match found {
            Ok(AtAddress::Page(page)) if args.json => {
                pages.push(of_page(&address, &page));
                continue;
            }
            Ok(AtAddress::Page(page)) => {
                let title =
                    if page.title.is_empty() { address.to_string() } else { shown_text(&page.title).into_owned() };
                let line = |found: &crate::web::page::Found| {
                    format!("{:<10} {} {}", found.kind.title(), found.address, shown_text(&found.text))
                };
                let lines = page.pictures.iter().map(line).map(|line| line.trim_end().to_owned());
                [format!("{title}: {} pictures", page.pictures.len())].into_iter().chain(lines).collect()
            }
            Ok(AtAddress::Picture(web)) => vec![format!("{:<10} {}", "picture", web.address())],
            Ok(AtAddress::List(entries)) => {
                let known = entries.iter().filter_map(|entry| entry.address.as_ref().ok());
                known.map(|address| format!("{:<10} {address}", "listed")).collect()
            }
            Err(error) => {
                console::say(&format!("failed: {address}: {error}"));
                exit = Exit::SomeFailed;
                continue;
            }
        };
        if console::print(&lines.join("\n"))? == Reader::IsGone {
            return Ok(exit);
        }
    }
    if args.json {
        console::print_json(&pages)?;
    }
    Ok(exit)
}

fn of_page(address: &Address, page: &Page) -> serde_json::Value {
    let picture = |found: &crate::web::page::Found| json!({ "address": found.address.as_str(), "kind": found.kind.title(), "text": found.text });
    let pictures: Vec<_> = page.pictures.iter().map(picture).collect();
    json!({ "page": address.as_str(), "title": page.title, "pictures": pictures })
}

/// As the search for files, where it meets addresses.
pub(super) fn search_with(args: &WebArgs, search: Search) -> Search {
    Search { web: args.search(), ..search }
}
