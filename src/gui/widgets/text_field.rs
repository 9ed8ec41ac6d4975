//! A text field whose text is only taken when the field is left, so that half a text is never a setting.

use egui::{Id, Margin, Response, TextEdit, Ui};

/// How a [`text_field`] looks.
pub struct TextFieldStyle<'a> {
    pub hint: &'a str,
    pub width: f32,
    pub margin: Margin,
}

/// A field that shows `now`; returns its response, and what was typed once the field has been left.
pub fn text_field(ui: &mut Ui, id: Id, now: &str, style: &TextFieldStyle<'_>) -> (Response, Option<String>) {
    let mut typed = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| now.to_owned());
    let field = TextEdit::singleline(&mut typed).hint_text(style.hint).desired_width(style.width);
    let response = ui.add(field.margin(style.margin));
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, typed));
        return (response, None);
    }
    ui.data_mut(|data| data.remove::<String>(id));
    let taken = (response.lost_focus() && typed != now).then_some(typed);
    (response, taken)
}
