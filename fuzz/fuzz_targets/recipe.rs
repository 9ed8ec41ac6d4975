#![no_main]
use lightloom_recipe::Recipe;

// What is accepted is written so that it is read back as the same recipe.
libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(recipe) = Recipe::from_toml(text) {
        assert!(Recipe::from_toml(&recipe.to_toml()).is_ok_and(|again| again == recipe));
    }
});
