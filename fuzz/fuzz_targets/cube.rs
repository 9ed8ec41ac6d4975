#![no_main]
libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = lightloom_filter::Lut::from_cube(text);
});
