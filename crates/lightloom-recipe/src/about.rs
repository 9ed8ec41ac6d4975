//! A recipe for one picture: the tokens of its texts filled in, and fonts for what theirs lack.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Recipe, Step};
use lightloom_filter::{Font, Subject};

impl Recipe {
    /// The recipe with the tokens of its texts replaced by what is known of a picture's source, and with `fonts` to fall
    /// back on. `subject` is only called if a text has tokens, and `fonts` only if a text has characters that its own
    /// font lacks: with these, grapheme cluster by cluster.
    pub fn about(
        &self,
        subject: impl FnOnce() -> Subject,
        fonts: impl Fn(&[String]) -> Vec<Arc<Font>>,
    ) -> Cow<'_, Self> {
        let mut recipe = Cow::Borrowed(self);
        if self.steps().any(|step| step.enabled && step.params.has_tokens()) {
            let subject = subject();
            recipe.to_mut().steps_mut().for_each(|step| step.params.describe(&subject));
        }
        if recipe.steps().any(|step| step.enabled && !step.params.lacking().is_empty()) {
            for step in recipe.to_mut().steps_mut().filter(|step| step.enabled) {
                let lacking = step.params.lacking();
                if !lacking.is_empty() {
                    step.params.fall_back_on(&fonts(&lacking));
                }
            }
        }
        recipe
    }

    /// What should be known of how its texts will be drawn, once tokens and fonts are filled in.
    pub fn text_notes(&self) -> Vec<String> {
        fn of(steps: &[Step]) -> impl Iterator<Item = String> {
            steps.iter().filter(|step| step.enabled).flat_map(|step| step.params.text_notes())
        }
        let own = self
            .outputs
            .iter()
            .flat_map(|output| of(&output.filters).map(|note| format!("output '{}': {note}", output.name)));
        of(&self.filters).chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Output;
    use lightloom_filter::Value;

    fn recipe(text: &str) -> Recipe {
        let mut step = Step::new("text_watermark").unwrap();
        step.params.set_text("text", text).unwrap();
        Recipe { filters: vec![step], ..Recipe::default() }
    }

    #[test]
    fn tokens_are_filled_in_and_files_asked_only_where_they_matter() {
        let plain = recipe("no {{tokens}}");
        assert_eq!(*plain.about(|| unreachable!(), |_| unreachable!()), plain);
        let subject = Subject { name: "a".repeat(600), ..Subject::default() };
        let filled = recipe("© {name}").about(|| subject.clone(), |_| unreachable!()).into_owned();
        let text = Value::Text(format!("© {}", subject.name).into());
        assert_eq!(filled.filters[0].params.get("text"), Some(&text));
    }

    #[test]
    fn fonts_are_asked_for_what_the_own_one_lacks() {
        let mut recipe = recipe("{name} {ext}");
        recipe.outputs = vec![Output { filters: recipe.filters.clone(), ..Output::named("small") }];
        recipe.filters[0].params.set_text("text", "plain").unwrap();
        let subject = Subject { name: "水印".into(), extension: "水".into(), ..Subject::default() };
        let about = recipe.about(
            || subject,
            |lacking| {
                assert_eq!(lacking, ["水", "印"]);
                Vec::new()
            },
        );
        let [note] = &about.text_notes()[..] else { panic!("{:?}", about.text_notes()) };
        assert!(note.starts_with("output 'small': text_watermark: no font has 水 (U+6C34)"), "{note}");
    }
}
