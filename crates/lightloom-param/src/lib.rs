//! Parameters as data: one declaration gives a struct with typed fields and the table that front ends read.
//!
//! Filters, formats and per-picture overrides declare what can be set with [`parameters!`] and [`choice!`]. Menus,
//! sliders, the command line, recipe files and the reference pages read the table ([`ParamSpec`]); the code that does the
//! work reads fields.
//!
//! ```
//! use lightloom_param::{Parameters, Value, choice, number, parameters};
//!
//! choice! {
//!     /// Which channels are changed.
//!     pub enum Channel { All = "all", Red = "red", Green = "green", Blue = "blue" }
//! }
//!
//! parameters! {
//!     /// A change of brightness.
//!     pub struct Exposure {
//!         stops: f32 = number("Stops", "One stop doubles the light", "EV", (-10.0, 10.0), 0.0).step(0.05),
//!         channel: Channel = choice("Channel", "All channels alike, or one of them"),
//!     }
//! }
//!
//! assert_eq!(Exposure::SPECS[0].key, "stops");
//! let stops = Exposure::SPECS[0].kind.parse("1.5").unwrap();
//! assert!(Exposure::SPECS[0].kind.accepts(&stops));
//! let exposure = Exposure::read(&[stops, Value::Choice("red")]);
//! assert_eq!(exposure, Exposure { stops: 1.5, channel: Channel::Red });
//! ```
//!
//! **Invariant:** this crate knows no picture, no filter and no format. Values are checked against their
//! [`ParamKind`] before anything reads them as a struct.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod choice;
mod condition;
mod field;
mod shown;
mod spec;
mod value;

pub use choice::Choice;
pub use condition::Condition;
pub use field::{Field, Parameter, Parameters, choice, colour, file, integer, next_value, number, ratio, text, toggle};
pub use shown::{is_active, shown, shown_html, shown_lines, shown_text};
pub use spec::{Editor, FileKind, ParamKind, ParamSpec, TextForm};
pub use value::{Colour, FileContent, FileValue, Ratio, Value};
