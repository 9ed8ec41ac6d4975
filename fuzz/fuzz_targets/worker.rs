#![no_main]
// Both ends of the pipe between the program and a worker process.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = lightloom_batch::read_frames(bytes);
});
