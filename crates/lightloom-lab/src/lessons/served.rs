//! Pictures on a server of this machine, so that waiting for a network is waiting for real answers.

use lightloom_batch::{Source, SourceEntry, Web, stage};
use lightloom_web::{Address, Client, ClientSettings, Permission};

use super::partner::PartnerProcess;
use super::{Bench, LessonError};

/// What a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The pictures of the bench, the first of them if there are many.
    Pictures,
    /// A picture of a single pixel, with which next to nothing is computed.
    Pixel,
}

impl Content {
    pub(super) const ALL: [Self; 2] = [Self::Pictures, Self::Pixel];
}

/// Most pictures of the bench that are served, and most bytes of them.
const MOST_PICTURES: usize = 16;
const MOST_BYTES: usize = 128 << 20;

/// Pictures at addresses of a server in a process of its own, which ends when this is dropped.
pub(super) struct Served {
    entries: Vec<SourceEntry>,
    _server: PartnerProcess,
}

impl Bench<'_> {
    /// Serves `count` addresses of which each answers after `latency_ms`.
    pub(super) fn serve(&self, content: Content, count: usize, latency_ms: u32) -> Result<Served, LessonError> {
        let files = match content {
            Content::Pixel => vec![("pixel.ppm".to_owned(), b"P6 1 1 255\n\xff\x80\0".to_vec())],
            Content::Pictures => self.contents()?,
        };
        let program = self.settings.worker_program.as_ref();
        let (server, page) = PartnerProcess::serve(program, latency_ms, &files)?;
        // One machine that is asked for so much at once by the person, and nothing that is kept.
        let settings = ClientSettings { per_host: count, in_total: count, cache: None, ..ClientSettings::default() };
        let client = Client::new(settings);
        let entry = |number: usize| {
            // An address of its own for each, since one address is fetched once at a time.
            let address = format!("{page}{}?{number}", files[number % files.len()].0);
            let address = Address::parse(&address).map_err(|no| LessonError::Served(no.to_string()))?;
            Ok(Source::Web(Web::new(address, Permission::default()).through(std::sync::Arc::clone(&client))).into())
        };
        Ok(Served { entries: (0..count).map(entry).collect::<Result<_, LessonError>>()?, _server: server })
    }

    /// Files of the bench that can be read, called by their numbers.
    fn contents(&self) -> Result<Vec<(String, Vec<u8>)>, LessonError> {
        if self.sources.is_empty() {
            return Err(LessonError::NoPictures);
        }
        let (mut files, mut bytes) = (Vec::new(), 0);
        for (number, entry) in self.sources.iter().enumerate().take(MOST_PICTURES) {
            let Ok(content) = stage::read_source(&entry.source, &self.settings.limits) else { continue };
            bytes += content.len();
            if bytes > MOST_BYTES && !files.is_empty() {
                break;
            }
            let name = entry.source.file_name();
            let extension = name.rsplit_once('.').map_or("picture", |(_, extension)| extension);
            let plain = extension.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            files.push((format!("{number}.{plain}"), content));
        }
        if files.is_empty() { Err(LessonError::AllFailed) } else { Ok(files) }
    }

    /// Works with what is served instead of its own pictures.
    pub(super) fn on<T>(
        &mut self,
        served: Served,
        work: impl FnOnce(&mut Self) -> Result<T, LessonError>,
    ) -> Result<T, LessonError> {
        let Served { entries, _server } = served;
        let own = std::mem::replace(&mut self.sources, entries);
        let done = work(self);
        self.sources = own;
        done
    }
}
