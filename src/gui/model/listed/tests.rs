use std::path::PathBuf;

use super::*;
use crate::batch::{PictureFacts, SourceEntry};
use crate::gui::model::identity::Identity;

const NOTHING: Changes = Changes { states: false, held: false };

fn list(count: usize) -> Pictures {
    let mut pictures = Pictures::default();
    for index in 0..count {
        let path = PathBuf::from(format!("/photos/{index}.jpg"));
        pictures.add(SourceEntry::from(path.clone()), Identity::of_name(&path));
    }
    pictures
}

fn facts(width: u32, height: u32, camera: Option<&str>) -> PictureFacts {
    PictureFacts { width, height, camera: camera.map(Into::into) }
}

fn arranged(pictures: &Pictures, sort: SortBy, descending: bool, find: &str) -> Vec<usize> {
    let mut listed = Listed::new(Arrangement { sort, descending, find: find.to_owned() });
    listed.update(pictures, NOTHING, |_| ImageState::Waiting);
    let shown = listed.shown(pictures);
    (0..shown.len()).filter_map(|place| shown.index(place)).collect()
}

#[test]
fn what_is_not_known_comes_last_in_every_order() {
    let mut pictures = list(5);
    pictures.put_facts(1, facts(60, 40, Some("Foto 40D")));
    pictures.put_facts(2, facts(40, 60, None));
    pictures.put_facts(4, facts(30, 20, Some("Foto 5D")));
    assert_eq!(arranged(&pictures, SortBy::Dimensions, false, ""), [4, 2, 1, 0, 3]);
    assert_eq!(arranged(&pictures, SortBy::Dimensions, true, ""), [1, 2, 4, 0, 3]);
    assert_eq!(arranged(&pictures, SortBy::Camera, false, ""), [4, 1, 0, 2, 3], "numbers by their value");
    assert_eq!(arranged(&pictures, SortBy::Camera, true, ""), [1, 4, 0, 2, 3]);
    for sort in [SortBy::Modified, SortBy::Size] {
        assert_eq!(arranged(&pictures, sort, true, ""), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn pictures_are_found_by_path_and_camera() {
    let mut pictures = list(3);
    pictures.put_facts(1, facts(6, 4, Some("Foto 40D")));
    pictures.put_facts(2, facts(6, 4, Some("Other")));
    assert_eq!(arranged(&pictures, SortBy::Folder, false, "foto"), [1]);
    assert_eq!(arranged(&pictures, SortBy::Folder, false, "JPG 40d"), [1], "a word of each");
    assert!(arranged(&pictures, SortBy::Folder, false, "foto other").is_empty());
}

#[test]
fn the_order_stands_for_a_while_and_while_it_is_held() {
    let mut pictures = list(3);
    let mut listed = Listed::new(Arrangement { sort: SortBy::Dimensions, ..Arrangement::default() });
    let state = |_| ImageState::Waiting;
    assert_eq!(listed.update(&pictures, NOTHING, state), None);
    pictures.put_facts(2, facts(6, 4, None));
    assert!(listed.update(&pictures, NOTHING, state).is_some(), "it has just been made");
    assert_eq!(listed.shown(&pictures).index(0), Some(0));
    std::thread::sleep(2 * STANDS);
    let held = Changes { held: true, ..NOTHING };
    assert!(listed.update(&pictures, held, state).is_some());
    assert_eq!((listed.shown(&pictures).index(0), listed.rearranged()), (Some(0), 0));
    assert_eq!(listed.update(&pictures, NOTHING, state), None);
    assert_eq!((listed.shown(&pictures).index(0), listed.rearranged()), (Some(2), 1));
    listed.arrangement.descending = true;
    listed.update(&pictures, NOTHING, state);
    assert_eq!(listed.rearranged(), 1, "this was asked for");
}

#[test]
fn headers_are_read_only_where_they_are_needed() {
    let pictures = list(2);
    let wants = |sort, find: &str| {
        let listed = Listed::new(Arrangement { sort, find: find.to_owned(), ..Arrangement::default() });
        listed.wants_headers(&pictures)
    };
    assert!(wants(SortBy::Camera, "") && wants(SortBy::Dimensions, "") && wants(SortBy::Name, "foto"));
    assert!(!wants(SortBy::Name, " ") && !wants(SortBy::Folder, ""));
    let mut listed = Listed::new(Arrangement { sort: SortBy::Camera, ..Arrangement::default() });
    listed.headers_were_read(pictures.revision());
    assert!(!listed.wants_headers(&pictures) && listed.wants_headers(&list(3)));
}
