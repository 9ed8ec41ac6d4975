use super::*;

fn list(names: &[&str]) -> Pictures {
    let mut pictures = Pictures::default();
    for name in names {
        let path = PathBuf::from(name);
        let identity = Identity::of_name(&path);
        pictures.add(SourceEntry::from(path), identity);
    }
    pictures
}

fn choose(pictures: &mut Pictures, index: usize, how: SelectMode) {
    pictures.select(index, how, Shown::All(pictures.len()));
}

#[test]
fn cameras_are_held_once_and_what_is_known_is_counted() {
    let mut pictures = list(&["/a", "/b", "/c"]);
    let facts = |camera: &str| PictureFacts { width: 3, height: 2, camera: Some(camera.into()) };
    for (id, camera) in [(0, "Foto 1"), (2, "Foto 1"), (2, "Foto 1"), (9, "Foto 2")] {
        pictures.put_facts(id, facts(camera));
    }
    assert_eq!((pictures.facts_revision(), pictures.cameras.len()), (2, 1));
    assert!(pictures.entries()[1].facts().is_none());
}

#[test]
fn runs_leave_out_what_is_excluded() {
    let mut pictures = list(&["/a", "/b", "/c", "/d"]);
    assert_eq!(pictures.places_of_files(), None);
    choose(&mut pictures, 1, SelectMode::One);
    choose(&mut pictures, 2, SelectMode::Range);
    let before = pictures.revision();
    pictures.exclude_selected(true);
    assert_eq!((pictures.excluded(), pictures.places_of_files()), (2, Some(vec![0, 3])));
    assert!(pictures.revision() > before);
    let names: Vec<PathBuf> = pictures.files().iter().map(|file| file.source.name().to_path_buf()).collect();
    assert_eq!(names, [Path::new("/a"), Path::new("/d")]);
    choose(&mut pictures, 1, SelectMode::One);
    pictures.remove_selected();
    assert_eq!((pictures.excluded(), pictures.len()), (1, 3));
    choose(&mut pictures, 1, SelectMode::One);
    pictures.exclude_selected(false);
    assert_eq!((pictures.excluded(), pictures.files().len()), (0, 3));
}

#[test]
fn duplicates_are_dropped_and_the_first_is_current() {
    let pictures = list(&["/a", "/b", "/a"]);
    assert_eq!((pictures.len(), pictures.current_index()), (2, Some(0)));
}

#[test]
fn faults_are_counted_and_pass() {
    let mut pictures = list(&["/a", "/b", "/c", "/d"]);
    let unreadable = || Some(Fault::Unreadable("it is gone".to_owned()));
    for id in [1, 3, 3] {
        pictures.put_fault(id, unreadable());
    }
    pictures.put_fault(2, Some(Fault::Partial("the lower half is missing".to_owned())));
    assert_eq!(pictures.unreadable(), 2);
    choose(&mut pictures, 1, SelectMode::One);
    pictures.remove_selected();
    assert_eq!(pictures.unreadable(), 1);
    pictures.put_fault(1, unreadable());
    assert_eq!(pictures.unreadable(), 1, "it has been removed");
    let report = ImageReport::unread("/d".into(), Outcome::Done, None, String::new());
    pictures.put_report(2, report);
    assert_eq!((pictures.unreadable(), pictures.entries()[2].fault()), (0, None), "a run has read it");
    pictures.put_fault(3, unreadable());
    pictures.clear();
    assert_eq!(pictures.unreadable(), 0);
}

#[test]
fn problems_go_with_their_cause() {
    let mut pictures = list(&[]);
    pictures.add_problem("/share".into(), "cannot be opened".to_owned());
    pictures.add_problem("/other".into(), "cannot be opened".to_owned());
    let found = SourceEntry { source: "/share/a.jpg".into(), root: Some("/share".into()) };
    pictures.add(found, Identity::of_name(Path::new("/share/a.jpg")));
    assert_eq!(pictures.problems.len(), 1);
}

#[test]
fn folders_begin_where_they_change() {
    let mut pictures = list(&["/a/1", "/a/2", "/b/1", "/c/1", "/a/3"]);
    assert_eq!(pictures.folders(), [0, 2, 3, 4]);
    choose(&mut pictures, 2, SelectMode::One);
    choose(&mut pictures, 3, SelectMode::Range);
    pictures.remove_selected();
    assert_eq!(pictures.folders(), [0], "what is left is of one folder");
}

#[test]
fn removal_keeps_a_neighbour_current() {
    let mut pictures = list(&["/a", "/b", "/c", "/d"]);
    choose(&mut pictures, 1, SelectMode::One);
    choose(&mut pictures, 2, SelectMode::Range);
    assert_eq!(pictures.selected(), 2);
    pictures.remove_selected();
    assert_eq!(pictures.current().unwrap().path(), Path::new("/d"));
    pictures.select_these(&[0, 1]);
    pictures.remove_selected();
    assert!(pictures.is_empty() && pictures.current().is_none());
}
