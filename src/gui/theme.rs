//! How the window looks: the scales of spacing, type and colour, in light and dark. `docs/design.md` gives the reasons.
//!
//! Amber stands for light and for the one thing to do next; indigo stands for the loom, for what is chosen. Every pair of
//! colours that is drawn together has the contrast that WCAG 2.1 asks for, which a test computes.

use egui::style::{HandleShape, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    ThemePreference, Ui, Visuals, vec2,
};

use crate::batch::{Activity, ImageState, Outcome, Stage};
use crate::gui::model::appearance;

/// The unit of all distances; only halves and multiples of it are used.
pub const GRID: f32 = 8.0;
/// Height of buttons, fields and combo boxes.
pub const CONTROL: f32 = 28.0;
/// Height of the buttons of toolbars and dialogs.
pub const BUTTON: f32 = 32.0;
/// Height of controls in strips that are seen all the time.
pub const COMPACT: f32 = 24.0;

/// Width of labels before controls, so that the controls of a dialog are aligned.
pub const LABEL: f32 = 104.0;
/// Rounding of controls.
pub const ROUND: CornerRadius = CornerRadius::same(6);
/// Rounding of cards and pictures.
pub const CARD_ROUND: CornerRadius = CornerRadius::same(8);

/// Width of the ring around what has the keyboard.
pub const FOCUS_WIDTH: f32 = 2.0;

/// Size of ordinary text.
pub const BODY: f32 = 14.0;
/// Size of secondary text.
pub const SMALL: f32 = 12.0;
/// Size of headings.
pub const HEADING: f32 = 18.0;
/// Size of the one sentence that an empty window shows.
pub const DISPLAY: f32 = 24.0;

/// The colours of one theme.
pub struct Palette {
    /// Behind everything, and behind the large picture.
    pub window: Color32,
    pub panel: Color32,
    /// Cards and controls on panels.
    pub raised: Color32,
    /// A control under the pointer.
    pub hovered: Color32,
    /// Fields, rails and empty places for pictures.
    pub sunken: Color32,
    /// Lines between areas.
    pub border: Color32,
    /// Outlines of controls.
    pub edge: Color32,
    pub text: Color32,
    pub weak: Color32,
    /// Accent of light: the next thing to do.
    pub light: Color32,
    /// Text on [`Self::light`].
    pub on_light: Color32,
    /// The accent of light as text, or as a mark on a surface.
    pub light_mark: Color32,
    /// Accent of the loom: what is chosen.
    pub loom: Color32,
    /// Text on [`Self::loom`].
    pub on_loom: Color32,
    /// Background of a chosen row.
    pub loom_soft: Color32,
    /// Finished.
    pub good: Color32,
    /// Finished in part.
    pub warn: Color32,
    /// Failed.
    pub bad: Color32,
    /// Not begun.
    pub waiting: Color32,
    /// The ring around what has the keyboard.
    pub focus: Color32,
    /// One for each [`Stage`], in its order.
    stages: [Color32; 5],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

static DARK: Palette = Palette {
    window: rgb(0x12_14_1A),
    panel: rgb(0x1B_1E_26),
    raised: rgb(0x27_2B_36),
    hovered: rgb(0x32_37_45),
    sunken: rgb(0x11_13_18),
    border: rgb(0x2E_32_3E),
    edge: rgb(0x7C_84_97),
    text: rgb(0xE9_EB_F1),
    weak: rgb(0xB0_B6_C6),
    light: rgb(0xF5_B1_41),
    on_light: rgb(0x21_16_02),
    light_mark: rgb(0xF5_B1_41),
    loom: rgb(0x8C_98_FF),
    on_loom: rgb(0x0D_10_26),
    loom_soft: rgb(0x2C_32_58),
    good: rgb(0x6C_CB_82),
    warn: rgb(0xF2_9A_52),
    bad: rgb(0xFF_8A_80),
    waiting: rgb(0x8A_92_A4),
    focus: rgb(0xF5_B1_41),
    stages: [rgb(0x58_A9_FF), rgb(0xB3_8C_FF), rgb(0xF5_B1_41), rgb(0x3F_C8_BE), rgb(0x9C_D3_5A)],
};

static LIGHT: Palette = Palette {
    window: rgb(0xE9_E9_EC),
    panel: rgb(0xF8_F8_F9),
    raised: rgb(0xFF_FF_FF),
    hovered: rgb(0xEC_ED_F3),
    sunken: rgb(0xEA_EB_EF),
    border: rgb(0xD5_D7_DE),
    edge: rgb(0x79_80_90),
    text: rgb(0x1B_1E_28),
    weak: rgb(0x52_59_68),
    light: rgb(0xF2_A5_2A),
    on_light: rgb(0x24_17_02),
    light_mark: rgb(0x91_5A_00),
    loom: rgb(0x44_50_D2),
    on_loom: rgb(0xFF_FF_FF),
    loom_soft: rgb(0xDF_E2_FB),
    good: rgb(0x1B_70_34),
    warn: rgb(0x96_45_0A),
    bad: rgb(0xB0_28_20),
    waiting: rgb(0x6F_76_86),
    focus: rgb(0x44_50_D2),
    stages: [rgb(0x1F_74_D1), rgb(0x7A_4F_D6), rgb(0xB0_6A_00), rgb(0x0B_7F_77), rgb(0x4F_7F_14)],
};

impl Palette {
    /// The palette of the theme that `ui` is drawn in.
    pub fn of(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode { &DARK } else { &LIGHT }
    }

    pub const fn stage(&self, stage: Stage) -> Color32 {
        self.stages[stage as usize]
    }

    /// The colour of a stage, by its place in the order.
    pub const fn stage_at(&self, index: usize) -> Color32 {
        self.stages[index % 5]
    }

    /// The colour of what a lane does; waits are drawn paler.
    pub fn activity(&self, activity: Activity) -> Color32 {
        match activity {
            Activity::Read | Activity::Decode | Activity::Filter | Activity::Encode | Activity::Write => {
                self.stages[activity as usize]
            }
            Activity::Sync => self.stages[Stage::Write as usize].lerp_to_gamma(self.panel, 0.45),
            Activity::WaitQueue => self.weak,
            Activity::WaitMemory => self.bad,
            Activity::WaitTurn => self.warn,
            Activity::Start => self.loom,
        }
    }

    pub const fn outcome(&self, outcome: Outcome) -> Color32 {
        match outcome {
            Outcome::Done => self.good,
            Outcome::Partial => self.warn,
            Outcome::Failed => self.bad,
            Outcome::Skipped | Outcome::Stopped => self.waiting,
        }
    }

    pub const fn state(&self, state: ImageState) -> Color32 {
        match state {
            ImageState::Waiting => self.waiting,
            ImageState::In(stage) => self.stage(stage),
            ImageState::Finished(outcome) => self.outcome(outcome),
        }
    }

    /// The colour that stands for an executor in the comparison.
    pub const fn executor(&self, index: usize) -> Color32 {
        [self.waiting, self.stages[0], self.light, self.loom, self.stages[3]][index % 5]
    }
}

/// Black or white, whichever reads better on `fill`.
pub fn readable_on(fill: Color32) -> Color32 {
    let better = contrast(Color32::BLACK, fill) >= contrast(Color32::WHITE, fill);
    if better { Color32::BLACK } else { Color32::WHITE }
}

/// The contrast of two opaque colours as WCAG 2.1 defines it: from 1, none, to 21, black on white.
fn contrast(a: Color32, b: Color32) -> f32 {
    let linear = |part: u8| {
        let part = f32::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |c: Color32| 0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b());
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

/// A state in a word or two.
pub const fn state_word(state: ImageState) -> &'static str {
    match state {
        ImageState::Waiting => "waiting",
        ImageState::In(Stage::Read) => "reading",
        ImageState::In(Stage::Decode) => "decoding",
        ImageState::In(Stage::Filter) => "filtering",
        ImageState::In(Stage::Encode) => "encoding",
        ImageState::In(Stage::Write) => "writing",
        ImageState::Finished(Outcome::Done) => "done",
        ImageState::Finished(Outcome::Partial) => "damaged, partly read",
        ImageState::Finished(Outcome::Failed) => "failed",
        ImageState::Finished(Outcome::Skipped) => "skipped",
        ImageState::Finished(Outcome::Stopped) => "not done",
    }
}

/// The style of menus: no outlines, room around each entry.
pub fn menu_style(style: &mut Style) {
    egui::containers::menu::menu_style(style);
    style.spacing.button_padding = vec2(10.0, 3.0);
    style.spacing.item_spacing.y = 2.0;
    style.spacing.interact_size.y = 26.0;
}

/// Shows the window in `theme`.
pub fn choose(ctx: &egui::Context, theme: appearance::Theme) {
    ctx.set_theme(match theme {
        appearance::Theme::System => ThemePreference::System,
        appearance::Theme::Light => ThemePreference::Light,
        appearance::Theme::Dark => ThemePreference::Dark,
    });
}

/// Shows the interface in so many percent of its usual size.
pub fn enlarge(ctx: &egui::Context, percent: u16) {
    ctx.set_zoom_factor(f32::from(percent) / 100.0);
}

/// Sets the fonts, and the style of both themes.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    // The font for figures has arrows and other signs that the one for texts lacks.
    if let Some(texts) = fonts.families.get_mut(&FontFamily::Proportional) {
        texts.push("Hack".to_owned());
    }
    ctx.set_fonts(fonts);
    // Its size is an action like others, and remembered.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
}

/// A monospace font, whose digits keep their place while they change.
pub fn figures(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

fn style(p: &Palette, mut visuals: Visuals) -> Style {
    let line = |colour| Stroke::new(1.0, colour);
    visuals.panel_fill = p.panel;
    visuals.window_fill = p.panel;
    visuals.window_stroke = line(p.border);
    visuals.extreme_bg_color = p.sunken;
    visuals.faint_bg_color = p.raised;
    visuals.weak_text_color = Some(p.weak);
    visuals.hyperlink_color = p.loom;
    visuals.warn_fg_color = p.warn;
    visuals.error_fg_color = p.bad;
    visuals.window_corner_radius = CornerRadius::same(12);
    visuals.menu_corner_radius = CARD_ROUND;
    visuals.selection.bg_fill = p.loom;
    visuals.selection.stroke = line(p.on_loom);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.disabled_alpha = 0.45;
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: Color32::from_black_alpha(70) };
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 40, spread: 0, color: Color32::from_black_alpha(110) };

    let widgets = &mut visuals.widgets;
    let set = |widget: &mut WidgetVisuals, fill, edge| {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = line(edge);
        widget.fg_stroke = line(p.text);
        widget.corner_radius = ROUND;
        widget.expansion = 0.0;
    };
    set(&mut widgets.noninteractive, p.panel, p.border);
    set(&mut widgets.inactive, p.raised, p.edge);
    set(&mut widgets.hovered, p.hovered, p.text);
    // What has the keyboard is drawn like what is pressed.
    set(&mut widgets.active, p.hovered, p.focus);
    widgets.active.bg_stroke.width = FOCUS_WIDTH;
    set(&mut widgets.open, p.hovered, p.edge);
    // Rails and boxes stay visible on cards, which have the colour of controls.
    widgets.inactive.bg_fill = p.border;
    // A menu or a list that hangs over the window.
    widgets.open.bg_stroke = line(p.edge);

    let mut style = Style { visuals, ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, FontId::new(SMALL, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(BODY, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(BODY, FontFamily::Proportional)),
        (TextStyle::Heading, FontId::new(HEADING, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(SMALL + 1.0, FontFamily::Monospace)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Monospace;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GRID, GRID);
    spacing.button_padding = vec2(12.0, 4.0);
    spacing.interact_size = vec2(44.0, CONTROL);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(20);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = GRID;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 96.0;
    spacing.tooltip_width = 320.0;
    spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.explanation_tooltips = false;
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What text must have, and what edges, marks and states of controls must have.
    const TEXT: f32 = 4.5;
    const MARK: f32 = 3.0;

    #[test]
    fn the_contrast_is_that_of_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert_eq!(contrast(Color32::WHITE, Color32::WHITE), 1.0);
        // The grey that is known to be just enough on white.
        assert!((contrast(Color32::from_gray(0x76), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_pair_of_colours_has_the_contrast_that_it_needs() {
        for (theme, p) in [("dark", &DARK), ("light", &LIGHT)] {
            let surfaces = [
                ("window", p.window),
                ("panel", p.panel),
                ("raised", p.raised),
                ("hovered", p.hovered),
                ("sunken", p.sunken),
            ];
            let rows = [surfaces.as_slice(), &[("loom_soft", p.loom_soft)]].concat();
            let texts = [("text", p.text), ("weak", p.weak), ("good", p.good), ("warn", p.warn), ("bad", p.bad)];
            let mut pairs = Vec::new();
            for (name, colour) in texts {
                pairs.extend(rows.iter().map(|(on, surface)| (name, *on, colour, *surface, TEXT)));
            }
            for (name, colour) in [("loom", p.loom), ("light_mark", p.light_mark)] {
                pairs.extend(surfaces.iter().map(|(on, surface)| (name, *on, colour, *surface, TEXT)));
            }
            let marks = [("waiting", p.waiting), ("focus", p.focus)];
            let stages = p.stages.map(|colour| ("stage", colour));
            for (name, colour) in marks.into_iter().chain(stages) {
                pairs.extend(rows.iter().map(|(on, surface)| (name, *on, colour, *surface, MARK)));
            }
            pairs.extend(surfaces.iter().map(|(on, surface)| ("edge", *on, p.edge, *surface, MARK)));
            pairs.push(("loom", "loom_soft", p.loom, p.loom_soft, MARK));
            pairs.push(("on_light", "light", p.on_light, p.light, TEXT));
            pairs.push(("on_loom", "loom", p.on_loom, p.loom, TEXT));
            for activity in Activity::ALL {
                let fill = p.activity(activity);
                pairs.push(("its name", activity.title(), readable_on(fill), fill, TEXT));
            }
            for (name, on, colour, surface, least) in pairs {
                let found = contrast(colour, surface);
                assert!(found >= least, "{theme}: {name} on {on} has {found:.2} to 1, and needs {least}");
            }
        }
    }

    #[test]
    fn the_style_draws_with_colours_of_the_palette() {
        for (p, visuals) in [(&DARK, Visuals::dark()), (&LIGHT, Visuals::light())] {
            let widgets = style(p, visuals).visuals.widgets;
            assert_eq!(widgets.inactive.bg_stroke.color, p.edge);
            assert_eq!((widgets.active.bg_stroke.color, widgets.active.bg_stroke.width), (p.focus, FOCUS_WIDTH));
            for widget in [widgets.inactive, widgets.hovered, widgets.active, widgets.open] {
                assert!(
                    contrast(widget.bg_stroke.color, p.panel) >= MARK
                        && contrast(widget.fg_stroke.color, p.raised) >= TEXT
                );
            }
        }
    }
}
