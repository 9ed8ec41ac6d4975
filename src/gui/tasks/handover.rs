//! What a later start of the program hands over to the window that is open: a socket of the user takes paths.

use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use egui::Context;

/// The window's end of the socket; it is removed with it.
pub struct Handover {
    received: Receiver<Vec<PathBuf>>,
    socket: PathBuf,
}

impl Handover {
    /// The paths of a start, if there was one.
    pub fn next(&self) -> Option<Vec<PathBuf>> {
        self.received.try_recv().ok()
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Where the socket of the user is; `None` where the system has no folder that is the user's alone.
pub fn socket_of_user() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute())?;
    cfg!(unix).then(|| folder.join("lightloom.socket"))
}

#[cfg(unix)]
mod sockets {
    use std::ffi::OsString;
    use std::io::{self, Read as _, Write as _};
    use std::net::Shutdown;
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::time::Duration;
    use std::{fs, thread};

    use crossbeam_channel::unbounded;

    use super::{Context, Handover, Path, PathBuf};

    /// How long either end waits for the other.
    const PATIENCE: Duration = Duration::from_secs(2);
    /// Most bytes of paths that are taken.
    const MOST_BYTES: u64 = 1 << 20;
    /// What the window answers.
    const TAKEN: &[u8] = b"taken";

    impl Handover {
        /// Listens at `socket`; `None` if another window does, or if that is not possible.
        pub fn listen(socket: &Path, ctx: &Context) -> Option<Self> {
            let listener = match UnixListener::bind(socket) {
                // One that nobody answers at is left over from a crash.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && UnixStream::connect(socket).is_err() => {
                    fs::remove_file(socket).ok()?;
                    UnixListener::bind(socket).ok()?
                }
                listener => listener.ok()?,
            };
            let (sender, received) = unbounded();
            let ctx = ctx.clone();
            let listen = move || {
                for stream in listener.incoming().flatten() {
                    // Of a start that ended in the middle, nothing is taken.
                    let Ok(paths) = receive(stream) else { continue };
                    if sender.send(paths).is_err() {
                        return;
                    }
                    ctx.request_repaint();
                }
            };
            thread::Builder::new().name("lightloom-handover".to_owned()).spawn(listen).ok()?;
            Some(Self { received, socket: socket.to_path_buf() })
        }
    }

    fn receive(mut stream: UnixStream) -> io::Result<Vec<PathBuf>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut bytes = Vec::new();
        (&stream).take(MOST_BYTES).read_to_end(&mut bytes)?;
        stream.write_all(TAKEN)?;
        let parts = bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty());
        Ok(parts.map(|part| PathBuf::from(OsString::from_vec(part.to_vec()))).collect())
    }

    /// Hands paths over to the window that listens at `socket`; whether it took them.
    pub fn hand_over(socket: &Path, paths: &[PathBuf]) -> bool {
        let send = || -> io::Result<bool> {
            let mut stream = UnixStream::connect(socket)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            for path in paths {
                stream.write_all(std::path::absolute(path)?.as_os_str().as_bytes())?;
                stream.write_all(&[0])?;
            }
            stream.shutdown(Shutdown::Write)?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            Ok(answer == TAKEN)
        };
        send().unwrap_or(false)
    }
}

#[cfg(unix)]
pub use sockets::hand_over;

#[cfg(not(unix))]
mod sockets {
    use super::{Context, Handover, Path, PathBuf};

    impl Handover {
        /// There is no socket on this system.
        pub fn listen(_: &Path, _: &Context) -> Option<Self> {
            None
        }
    }

    /// There is no window to be found on this system.
    pub fn hand_over(_: &Path, _: &[PathBuf]) -> bool {
        false
    }
}

#[cfg(not(unix))]
pub use sockets::hand_over;

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn paths_reach_the_window_that_listens() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let ctx = Context::default();
        let paths = [PathBuf::from("/a b/ü"), PathBuf::from("relative")];
        assert!(!hand_over(&socket, &paths), "no window is open");
        let window = Handover::listen(&socket, &ctx).unwrap();
        assert!(Handover::listen(&socket, &ctx).is_none(), "a second window listens to nothing");
        assert!(hand_over(&socket, &paths));
        let deadline = Instant::now() + Duration::from_secs(30);
        let received = loop {
            assert!(Instant::now() < deadline);
            if let Some(received) = window.next() {
                break received;
            }
        };
        assert_eq!(received, [PathBuf::from("/a b/ü"), std::path::absolute("relative").unwrap()]);
        drop(window);
        assert!(!socket.exists());
        // Left over from a crash.
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        assert!(socket.exists() && !hand_over(&socket, &paths));
        assert!(Handover::listen(&socket, &ctx).is_some());
    }
}
