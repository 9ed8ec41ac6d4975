#![no_main]
use lightloom_recipe::Bundle;

// A preset with its files: what is accepted is written so that it is read back as the same preset.
libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(bundle) = Bundle::from_toml(text) {
        assert!(Bundle::from_toml(&bundle.to_toml()).is_ok_and(|again| again == bundle));
    }
});
