//! Faults on purpose, for tests of what a faulty worker costs: asked for by a hidden argument, never by a picture.

use std::str::FromStr;

use crate::Source;

/// What goes wrong with which pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    /// Strikes sources whose name contains this.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Abort,
    Loop,
    Allocate,
    Exit,
}

impl FromStr for Fault {
    type Err = String;

    /// Reads `KIND=NAME`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once('=').ok_or("a fault is KIND=NAME")?;
        let kind = match kind {
            "abort" => Kind::Abort,
            "loop" => Kind::Loop,
            "allocate" => Kind::Allocate,
            "exit" => Kind::Exit,
            other => return Err(format!("there is no fault '{other}'")),
        };
        Ok(Self { kind, name: name.to_owned() })
    }
}

impl Fault {
    /// Does what it says if the source is meant.
    pub(super) fn strike(&self, source: &Source) {
        if !source.file_name().contains(&self.name) {
            return;
        }
        match self.kind {
            Kind::Abort => std::process::abort(),
            Kind::Exit => std::process::exit(3),
            Kind::Loop => loop {
                std::hint::spin_loop();
            },
            Kind::Allocate => {
                let huge = vec![1_u8; 1 << 36];
                std::hint::black_box(&huge);
            }
        }
    }
}
