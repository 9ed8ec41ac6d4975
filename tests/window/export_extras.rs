//! The sections Colour and Metadata of the export settings.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use lightloom::picture::Keep;
use lightloom::picture::colour::{Dither, Space};
use lightloom::recipe::export::Target;

use super::driver::*;

#[test]
fn colours_and_metadata_are_chosen_by_name() {
    let dir = photos(1);
    let mut harness = window();
    with_pictures(&mut harness, dir.path(), 1);
    press(&mut harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
    reach(&mut harness, "Colour");
    harness.run_steps(20);
    reach(&mut harness, "Colour space");
    harness.run_steps(3);
    click(&mut harness, "Display P3");
    reach(&mut harness, "Dither when bits are lost");
    reach(&mut harness, "Black-point compensation");
    let colour = harness.state().state().recipe().export.colour.clone();
    assert_eq!((colour.target, colour.dither), (Target::Space(Space::DisplayP3), Dither::BlueNoise));
    assert!(!colour.black_point);
    reach(&mut harness, "Colour");
    harness.run_steps(20);
    reach(&mut harness, "Metadata");
    harness.run_steps(20);
    reach(&mut harness, "Keep");
    harness.run_steps(3);
    click(&mut harness, "Everything but the location");
    harness.get_by_role_and_label(Role::TextInput, "Copyright").focus();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::TextInput, "Copyright").type_text("© me");
    press(&mut harness, Modifiers::NONE, Key::Tab);
    reach(&mut harness, "Keep file dates");
    reach(&mut harness, "Set the resolution");
    let metadata = harness.state().state().recipe().export.metadata.clone();
    assert_eq!((metadata.keep, metadata.copyright.as_str()), (Keep::WithoutLocation, "© me"));
    assert_eq!((metadata.file_times, metadata.dpi), (false, Some(300.0)));
    button(&mut harness, "Done");
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().state().recipe().export.metadata.dpi, None, "it is a part of the recipe");
}
