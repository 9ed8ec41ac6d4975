#![no_main]
#[path = "../archive.rs"]
mod archive;

use lightloom_archive::Format;

libfuzzer_sys::fuzz_target!(|data: &[u8]| archive::read(Format::Zip, data));
