//! A recipe for one picture: the tokens of its texts, filled in.

use std::borrow::Cow;

use super::Recipe;
use lightloom_filter::Subject;

impl Recipe {
    /// The recipe with the tokens of its texts replaced by what is known of a picture's source. `subject` is only called
    /// if a text has tokens.
    pub fn about(&self, subject: impl FnOnce() -> Subject) -> Cow<'_, Self> {
        if !self.steps().any(|step| step.enabled && step.params.has_tokens()) {
            return Cow::Borrowed(self);
        }
        let subject = subject();
        let mut recipe = self.clone();
        recipe.steps_mut().for_each(|step| step.params.describe(&subject));
        Cow::Owned(recipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Step;
    use lightloom_filter::Value;

    #[test]
    fn tokens_are_filled_in_and_files_asked_only_where_they_matter() {
        let recipe = |text: &str| {
            let mut step = Step::new("text_watermark").unwrap();
            step.params.set_text("text", text).unwrap();
            Recipe { filters: vec![step], ..Recipe::default() }
        };
        let plain = recipe("no {{tokens}}");
        assert_eq!(*plain.about(|| unreachable!()), plain);
        let subject = Subject { name: "a".repeat(600), ..Subject::default() };
        let filled = recipe("© {name}").about(|| subject.clone()).into_owned();
        let text = Value::Text(format!("© {}", subject.name).into());
        assert_eq!(filled.filters[0].params.get("text"), Some(&text));
    }
}
