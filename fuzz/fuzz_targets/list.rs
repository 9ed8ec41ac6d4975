#![no_main]

use lightloom_web::list::{Form, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for name in ["list.txt", "list.csv", "list.jsonl"] {
        let _ = read(data, Form::of(name, data), None);
    }
});
