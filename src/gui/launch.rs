//! Opens the window, or explains in one sentence why it could not be opened and what to do.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use eframe::{EventLoopBuilderHook, NativeOptions};
use egui::{IconData, ViewportBuilder};
use thiserror::Error;

use crate::gui::app::App;
use crate::gui::options::Options;
use crate::gui::tasks::crash::report_into;
use crate::gui::tasks::handover::{hand_over, socket_of_user};
use crate::gui::tasks::thumbnail_cache::ThumbnailCache;

/// By which the desktop knows the window; also the name of the settings folder.
const APP_ID: &str = "lightloom";

/// Why the window could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "Lightloom cannot open its window: {reason}. Without a window, 'lightloom process INPUT… --out DIR' processes \
     pictures and 'lightloom demo' shows what it does."
)]
pub struct WindowError {
    reason: String,
}

impl WindowError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Adds files and folders to the window that is open; whether there is one that took them.
pub fn add_to_open_window(paths: &[PathBuf]) -> bool {
    socket_of_user().is_some_and(|socket| hand_over(&socket, paths))
}

/// Opens the window; returns when it is closed.
///
/// # Errors
/// If there is no display, or a library is missing.
pub fn run(options: Options) -> Result<(), WindowError> {
    let native = native_options(choose_display()?);
    let (settings_folder, thumbnail_folder) = (eframe::storage_dir(APP_ID), ThumbnailCache::folder_of_user());
    if let Some(folder) = &settings_folder {
        report_into(folder.clone());
    }
    silence_keyboard_panic();
    let options = Options { settings_folder, thumbnail_folder, socket: socket_of_user(), ..options };
    let creator: eframe::AppCreator<'_> = Box::new(move |cc| Ok(Box::new(App::new(cc, options))));
    let opened = catch_unwind(AssertUnwindSafe(|| eframe::run_native("Lightloom", native, creator)));
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(explain(&format!("{error} {error:?}"))),
        Err(panic) => match panic_text(panic.as_ref()) {
            Some(text) if is_keyboard_library(text) => Err(explain(text)),
            _ => std::panic::resume_unwind(panic),
        },
    }
}

fn native_options(backend: Option<Backend>) -> NativeOptions {
    let mut viewport = ViewportBuilder::default()
        .with_title("Lightloom")
        .with_app_id(APP_ID)
        .with_inner_size([1360.0, 860.0])
        .with_min_inner_size([800.0, 600.0])
        .with_drag_and_drop(true);
    if let Some(icon) = icon() {
        viewport = viewport.with_icon(icon);
    }
    NativeOptions { viewport, event_loop_builder: backend.map(Backend::hook), ..NativeOptions::default() }
}

fn icon() -> Option<IconData> {
    let image = image::load_from_memory(ICON).ok()?.into_rgba8();
    let (width, height) = image.dimensions();
    Some(IconData { rgba: image.into_raw(), width, height })
}

/// The icon of the program, as a PNG file.
const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// The two window systems of Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    X11,
    Wayland,
}

impl Backend {
    #[cfg(target_os = "linux")]
    fn hook(self) -> EventLoopBuilderHook {
        use winit::platform::wayland::EventLoopBuilderExtWayland as _;
        use winit::platform::x11::EventLoopBuilderExtX11 as _;
        Box::new(move |builder| {
            match self {
                Self::X11 => builder.with_x11(),
                Self::Wayland => builder.with_wayland(),
            };
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn hook(self) -> EventLoopBuilderHook {
        Box::new(|_| {})
    }
}

/// Chooses the window system that answers. Prefers X11, since winit accepts no dropped files on Wayland; winit itself
/// tries only one, and a process cannot try again.
#[cfg(target_os = "linux")]
fn choose_display() -> Result<Option<Backend>, WindowError> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let x11 = variable("DISPLAY");
    let wayland = variable("WAYLAND_DISPLAY");
    if x11.as_deref().is_some_and(x11_answers) {
        return Ok(Some(Backend::X11));
    }
    if variable("WAYLAND_SOCKET").is_some() || wayland.as_deref().is_some_and(wayland_answers) {
        return Ok(Some(Backend::Wayland));
    }
    Err(WindowError::new(match (x11, wayland) {
        (None, None) => "there is no display; neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned(),
        (Some(display), None) => format!("no X server answers at DISPLAY={display}"),
        (None, Some(display)) => format!("no compositor answers at WAYLAND_DISPLAY={display}"),
        (Some(x), Some(w)) => format!("nothing answers at DISPLAY={x} or WAYLAND_DISPLAY={w}"),
    }))
}

#[cfg(not(target_os = "linux"))]
fn choose_display() -> Result<Option<Backend>, WindowError> {
    Ok(None)
}

/// Whether an X server listens at `host:number.screen`.
#[cfg(target_os = "linux")]
fn x11_answers(display: &str) -> bool {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixStream};
    let Some((host, rest)) = display.rsplit_once(':') else { return false };
    let Ok(number) = rest.split('.').next().unwrap_or(rest).parse::<u16>() else { return false };
    let socket = format!("/tmp/.X11-unix/X{number}");
    let local = host.is_empty() || host == "unix" || host.starts_with('/');
    if local {
        let abstract_socket = SocketAddr::from_abstract_name(socket.as_bytes());
        return UnixStream::connect(&socket).is_ok()
            || abstract_socket.is_ok_and(|a| UnixStream::connect_addr(&a).is_ok());
    }
    let Ok(addresses) = (host, 6000_u16.saturating_add(number)).to_socket_addrs() else { return false };
    addresses.into_iter().any(|a| TcpStream::connect_timeout(&a, Duration::from_secs(3)).is_ok())
}

/// Whether a compositor listens at the socket `display`.
#[cfg(target_os = "linux")]
fn wayland_answers(display: &str) -> bool {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
    std::os::unix::net::UnixStream::connect(folder.join(display)).is_ok()
}

/// What a failure of the window system means for the user: which package is missing, by its name in Debian.
fn explain(error: &str) -> WindowError {
    let has = |word: &str| error.contains(word);
    let missing = |library: &str, package: &str| {
        format!("the library {library} is missing; on Debian or Ubuntu, 'apt install {package}' installs it")
    };
    WindowError::new(if is_keyboard_library(error) {
        missing("libxkbcommon-x11", "libxkbcommon-x11-0")
    } else if has("libX11-xcb") {
        missing("libX11-xcb", "libx11-xcb1")
    } else if has("libXcursor") {
        missing("libXcursor", "libxcursor1")
    } else if has("libXi.") {
        missing("libXi", "libxi6")
    } else if has("libX11") {
        missing("libX11", "libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0")
    } else if has("glutin") || has("EGL") || has("OpenGL") || has("libGL") {
        missing("EGL or its OpenGL driver", "libegl1 libgl1-mesa-dri")
    } else {
        format!("the window system says: {}", error.split(" (os error").next().unwrap_or(error).trim())
    })
}

fn is_keyboard_library(text: &str) -> bool {
    text.contains("xkbcommon")
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> Option<&str> {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied())
}

/// winit panics if the keyboard library is missing. This panic becomes a [`WindowError`] instead of a backtrace.
fn silence_keyboard_panic() {
    static DONE: Mutex<bool> = Mutex::new(false);
    let mut done = DONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if std::mem::replace(&mut *done, true) {
        return;
    }
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let text = info.payload_as_str().unwrap_or_default();
        if !is_keyboard_library(text) {
            default(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_library_is_explained() {
        for (error, package) in [
            ("Library libxkbcommon-x11.so could not be loaded.", "libxkbcommon-x11-0"),
            ("opening library failed (libX11.so.6: cannot open shared object file)", "libx11-6"),
            ("Found no glutin configs matching the template", "libegl1"),
        ] {
            let sentence = explain(error).to_string();
            for part in [package, "lightloom process", "lightloom demo"] {
                assert!(sentence.contains(part), "{sentence}");
            }
            assert!(!sentence.contains('\n'));
        }
    }
}
