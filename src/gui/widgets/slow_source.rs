//! Latency and bandwidth of a simulated source.

use egui::Ui;

use crate::batch::SlowSource;
use crate::gui::model::ranges::{LATENCY_MS, MIB_PER_SEC};
use crate::gui::widgets::number_field::NumberField;

/// A simulated source as it is first switched on.
pub const DEFAULT_SOURCE: SlowSource = SlowSource { latency_ms: 50, mib_per_sec: None };

/// Latency and bandwidth; returns the source with what was changed.
pub fn slow_source_fields(ui: &mut Ui, enabled: bool, source: SlowSource, indent: f32) -> Option<SlowSource> {
    let latency = NumberField {
        label: "Latency",
        help: "Milliseconds until a file's first byte; they overlap if several files are read at once.",
        suffix: " ms",
        zero: None,
        range: LATENCY_MS,
        speed: 1.0,
        indent,
    };
    let bandwidth = NumberField {
        label: "Bandwidth",
        help: "MiB per second, shared by all readers; 0 for the speed of the disk.",
        suffix: " MiB/s",
        zero: Some("unlimited"),
        range: MIB_PER_SEC,
        speed: 0.5,
        indent,
    };
    let mut edited = source;
    if let Some(n) = latency.show(ui, enabled, source.latency_ms as usize) {
        edited.latency_ms = n as u32;
    }
    if let Some(n) = bandwidth.show(ui, enabled, source.mib_per_sec.unwrap_or(0) as usize) {
        edited.mib_per_sec = (n > 0).then_some(n as u32);
    }
    (edited != source).then_some(edited)
}
