//! Speed-up against workers: what was measured, the ideal line, the fitted laws, and the machine's cores.

use egui::{Align2, Color32, FontId, Label, RichText, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};
use egui_plot::{
    GridInput, GridMark, HoverPosition, Line, LineStyle, MarkerShape, Plot, PlotBounds, PlotPoint, PlotPoints, Points,
    Text, VLine,
};

use crate::batch::{EXECUTORS, Executor};
use crate::gui::model::lab::{DisplayedResults, LabState};
use crate::gui::theme::{self, GRID, Palette};
use crate::lab::{ExecutorScaling, Interval, Law};

/// Height of the chart.
const HEIGHT: f32 = 220.0;

/// Draws the chart, with a legend above.
pub fn show(ui: &mut Ui, lab: &LabState) {
    let Some(shown) = &lab.shown else { return };
    let palette = Palette::of(ui);
    legend(ui, shown);
    let most_workers = highest(shown).max(lab.other.as_ref().map_or(0, highest)).max(2);
    let machine = &shown.results.machine;
    let right = most_workers as f64 + 0.5;
    let curves: Vec<Curve> = std::iter::once((shown, false))
        .chain(lab.other.as_ref().map(|other| (other, true)))
        .flat_map(|(shown, faint)| curves(shown, faint, right, palette))
        .collect();
    let points = curves.iter().flat_map(|curve| &curve.points).map(|p| p[1]);
    let ends = curves.iter().flat_map(|curve| &curve.intervals).map(|(_, interval)| interval.high);
    // Wide intervals of the first rounds must not flatten the curves.
    let highest = points.fold(2.0, f64::max);
    let top = ends.fold(highest, f64::max).min(1.5 * highest) * 1.15;
    let plot = Plot::new("speed-up")
        .height(HEIGHT)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(Vec2::ZERO)
        .show_crosshair(false)
        .x_grid_spacer(whole_workers)
        .show_background(false)
        .grid_color(palette.edge)
        .x_axis_label(RichText::new("workers").small().color(palette.weak))
        .y_axis_label(RichText::new("speed-up").small().color(palette.weak))
        .x_axis_formatter(
            |mark, _| if mark.value.fract() == 0.0 { format!("{:.0}", mark.value) } else { String::new() },
        )
        .y_axis_formatter(|mark, _| format!("{:.1}", mark.value))
        .label_formatter(label);
    let response = plot.show(ui, |plot| {
        plot.set_plot_bounds(PlotBounds::from_min_max([0.5, 0.0], [right, top]));
        let ideal = PlotPoints::from(vec![[0.5, 0.5], [right, right]]);
        let dotted = LineStyle::Dotted { spacing: 6.0 };
        plot.line(Line::new("ideal", ideal).color(palette.waiting).width(1.5).style(dotted).allow_hover(false));
        let same = machine.physical_cores == machine.logical_cores;
        let mut marks = vec![(machine.physical_cores, if same { "cores" } else { "physical cores" })];
        if !same {
            marks.push((machine.logical_cores, "logical cores"));
        }
        for (count, name) in marks {
            let at = count as f64;
            let dash = LineStyle::Dashed { length: 4.0 };
            plot.vline(VLine::new(name, at).color(palette.edge).width(1.5).style(dash).allow_hover(false));
            if at <= right {
                let label = RichText::new(format!(" {count} {name}")).small();
                let place = PlotPoint::new(at, top * 0.04);
                plot.text(
                    Text::new(format!("{name} label"), place, label)
                        .color(palette.weak)
                        .anchor(Align2::LEFT_BOTTOM)
                        .allow_hover(false),
                );
            }
        }
        for curve in curves {
            curve.draw(plot);
        }
    });
    let name = format!("Chart of speed-up against workers. {}", description(shown));
    response.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    for entry in &shown.scaling {
        if let Some(laws) = entry.scaling.describe() {
            let laws = format!("{}: {laws}", entry.executor.title);
            ui.add(Label::new(RichText::new(&laws).small().color(palette.weak)).truncate()).on_hover_text(&laws);
        }
    }
}

/// Lines at whole numbers of workers, not too close to each other.
fn whole_workers(input: GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    let step = ((to - from) / 16.0).ceil().max(1.0);
    let marks = (0..64).map(|i| if step > 1.0 { f64::from(i) * step } else { f64::from(i) + 1.0 });
    marks.filter(|at| (from..=to).contains(at)).map(|value| GridMark { value, step_size: step }).collect()
}

fn highest(shown: &DisplayedResults) -> usize {
    shown.scaling.iter().flat_map(|entry| &entry.scaling.points).map(|(n, _)| *n).max().unwrap_or(0)
}

/// The points of one executor, and the laws fitted to them.
struct Curve {
    name: String,
    points: Vec<[f64; 2]>,
    /// Error bars: workers and the ends of the interval.
    intervals: Vec<(f64, Interval)>,
    amdahl: Vec<[f64; 2]>,
    usl: Vec<[f64; 2]>,
    colour: Color32,
    faint: bool,
}

fn curves(shown: &DisplayedResults, faint: bool, right: f64, palette: &Palette) -> Vec<Curve> {
    let base = shown.baseline_speed();
    let curve = |ExecutorScaling { executor, scaling }: &ExecutorScaling| {
        let index = EXECUTORS.iter().position(|e| e == executor).unwrap_or_default();
        let colour = palette.executor(index);
        // Beside each other, so that the error bars of one do not hide those of another.
        let beside = |workers: usize| workers as f64 + 0.05 * (index as f64 - (EXECUTORS.len() - 1) as f64 / 2.0);
        let sampled = |law: Option<Law>| -> Vec<[f64; 2]> {
            let at = |i| 1.0 + (right - 1.0) * f64::from(i) / 48.0;
            law.map_or_else(Vec::new, |law| (0..=48).map(|i| [at(i), law.at(at(i)) / base]).collect())
        };
        Curve {
            name: if faint { format!("{} ({})", executor.title, shown.name()) } else { executor.title.to_owned() },
            points: scaling.points.iter().map(|(n, speed)| [beside(*n), speed / base]).collect(),
            intervals: scaling
                .points
                .iter()
                .filter_map(|(n, _)| Some((beside(*n), interval(shown, executor, *n)?)))
                .collect(),
            amdahl: sampled(scaling.amdahl),
            usl: sampled(scaling.usl),
            colour: if faint { colour.gamma_multiply(0.4) } else { colour },
            faint,
        }
    };
    shown.scaling.iter().map(curve).collect()
}

impl Curve {
    fn draw(self, plot: &mut egui_plot::PlotUi<'_>) {
        let Self { name, points, intervals, amdahl, usl, colour, faint } = self;
        let dashed = LineStyle::Dashed { length: 7.0 };
        if !amdahl.is_empty() {
            let line = Line::new(format!("{name} Amdahl"), amdahl).color(colour.gamma_multiply(0.8)).width(1.0);
            plot.line(line.style(dashed).allow_hover(false));
        }
        if !usl.is_empty() {
            plot.line(Line::new(format!("{name} USL"), usl).color(colour).width(1.75).allow_hover(false));
        }
        for (workers, Interval { low, high }) in intervals {
            const CAP: f64 = 0.02;
            let ends = [low, high].map(|end| vec![[workers - CAP, end], [workers + CAP, end]]);
            for line in [vec![[workers, low], [workers, high]]].into_iter().chain(ends) {
                plot.line(Line::new(format!("{name} interval"), line).color(colour).width(1.25).allow_hover(false));
            }
        }
        let marks = Points::new(name, points).color(colour).radius(if faint { 3.5 } else { 4.5 });
        plot.points(marks.shape(if faint { MarkerShape::Square } else { MarkerShape::Circle }).filled(!faint));
    }
}

fn label(at: &HoverPosition<'_>) -> Option<String> {
    match at {
        HoverPosition::NearDataPoint { plot_name, position, .. } if !plot_name.is_empty() => {
            Some(format!("{plot_name}: {:.2} times as fast with {:.0} workers", position.y, position.x))
        }
        _ => None,
    }
}

/// The interval of the speed-up of an executor with so many workers.
fn interval(shown: &DisplayedResults, executor: &Executor, workers: usize) -> Option<Interval> {
    let mut rows = shown.comparison.rows.iter().filter(|row| row.settings.executor == executor);
    rows.find(|row| row.settings.varied_workers() == workers)?.speed_up_interval
}

/// The curves as text.
fn description(shown: &DisplayedResults) -> String {
    let base = shown.baseline_speed();
    let describe = |ExecutorScaling { executor, scaling }: &ExecutorScaling| {
        let point = |(n, speed): &(usize, f64)| {
            let range = interval(shown, executor, *n)
                .map_or(String::new(), |range| format!(" ({:.2} to {:.2})", range.low, range.high));
            format!("{:.2}{range} with {n}", speed / base)
        };
        let points: Vec<String> = scaling.points.iter().map(point).collect();
        format!("{}: {}", executor.title, points.join(", "))
    };
    shown.scaling.iter().map(describe).collect::<Vec<_>>().join("; ")
}

/// The colours of the executors and the styles of the lines.
fn legend(ui: &mut Ui, shown: &DisplayedResults) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::SMALL);
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let middle = row.center().y;
    let mut left = row.left();
    let label = |left: &mut f32, text: &str| {
        let galley = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), palette.weak);
        let width = galley.size().x;
        ui.painter().galley(pos2(*left, middle - galley.size().y / 2.0), galley, palette.weak);
        *left += width + 2.0 * GRID;
    };
    for ExecutorScaling { executor, .. } in &shown.scaling {
        let index = EXECUTORS.iter().position(|e| e == executor).unwrap_or_default();
        ui.painter().circle_filled(pos2(left + 5.0, middle), 4.5, palette.executor(index));
        left += 16.0;
        label(&mut left, executor.title);
    }
    left += GRID;
    let lines: [(&str, &[f32]); 3] = [("ideal", &[1.5, 4.0]), ("Amdahl", &[6.0, 4.0]), ("USL", &[26.0, 0.0])];
    for (name, pattern) in lines {
        let (from, to) = (pos2(left, middle), pos2(left + 24.0, middle));
        let stroke = Stroke::new(1.5, palette.weak);
        ui.painter().extend(Shape::dashed_line(&[from, to], stroke, pattern[0], pattern[1].max(0.01)));
        left += 30.0;
        label(&mut left, name);
    }
}
