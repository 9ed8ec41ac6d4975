#![no_main]

use lightloom_web::{Address, page};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(address) = Address::parse("https://example.org/") else { return };
    let _ = page::parse(data, None, &address);
    let _ = page::parse_sheet(&String::from_utf8_lossy(data), &address);
});
