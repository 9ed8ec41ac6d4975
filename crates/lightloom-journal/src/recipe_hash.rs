//! What a result depends on besides its source, as a hash.

use std::collections::BTreeSet;
use std::path::Path;

use lightloom_batch::{blake3_text, read_regular};
use lightloom_recipe::export::ColourTarget;
use lightloom_recipe::{LARGEST_ASSET, Output, Recipe};

/// Hash of a recipe with the content of all files that it refers to.
pub(super) fn of_recipe(recipe: &Recipe) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(recipe.to_toml().as_bytes());
    for path in files(recipe) {
        hasher.update(path.as_bytes());
        // A file that cannot be read is like no other, and like itself.
        match read_regular(Path::new(&path), LARGEST_ASSET) {
            Ok(bytes) => hasher.update(blake3::hash(&bytes).as_bytes()),
            Err(_) => hasher.update(b"unreadable"),
        };
    }
    blake3_text(&hasher.finalize())
}

/// Hash of one output of a recipe, whatever other outputs there are, and of what is `different` for a picture.
pub(super) fn of_output(recipe: &Recipe, output: &Output, different: &str) -> String {
    let alone = Recipe {
        filters: recipe.filters.iter().chain(&output.filters).cloned().collect(),
        export: output.export.clone(),
        outputs: Vec::new(),
    };
    let of_recipe = of_recipe(&alone);
    if different.is_empty() {
        return of_recipe;
    }
    blake3_text(&blake3::hash(format!("{of_recipe}\n{different}").as_bytes()))
}

/// The files that a recipe refers to.
fn files(recipe: &Recipe) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut recipe = recipe.clone();
    let _ = recipe.change_files(|_, path| {
        files.insert(path.to_owned());
        Ok::<_, std::convert::Infallible>(None)
    });
    for output in recipe.all_outputs().iter() {
        if let ColourTarget::File(file) = &output.export.colour.target {
            files.insert(file.path.clone());
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_recipe::Step;

    fn recipe(filters: &[&str]) -> Recipe {
        Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() }
    }

    #[test]
    fn an_output_is_the_same_whatever_others_there_are() {
        let mut one = recipe(&["invert"]);
        one.outputs = vec![Output::named("small")];
        let mut two = one.clone();
        two.outputs.push(Output { filters: vec![Step::parse("sepia").unwrap()], ..Output::named("brown") });
        let hash = |recipe: &Recipe, index: usize| of_output(recipe, &recipe.outputs[index], "");
        assert_eq!(hash(&one, 0), hash(&two, 0));
        assert_ne!(hash(&two, 0), hash(&two, 1));
        assert_ne!(of_recipe(&one), of_recipe(&two));
        assert_ne!(of_output(&one, &one.outputs[0], "exposure=1"), hash(&one, 0));
    }

    #[test]
    fn a_file_counts_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("look.cube");
        let mut recipe = recipe(&["lut3d"]);
        recipe.filters[0].params.set_text("file", path.to_str().unwrap()).unwrap();
        let missing = of_recipe(&recipe);
        std::fs::write(&path, "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n").unwrap();
        let first = of_recipe(&recipe);
        std::fs::write(&path, "LUT_1D_SIZE 2\n0 0 0\n1 1 0\n").unwrap();
        let second = of_recipe(&recipe);
        assert!(missing != first && first != second && missing != second);
    }
}
