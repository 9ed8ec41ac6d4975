use super::*;

fn found(inputs: &[&Path], search: &Search) -> Vec<Discovered> {
    let mut found = Vec::new();
    let inputs: Vec<_> = inputs.iter().map(|p| p.to_path_buf()).collect();
    discover(&inputs, search, |f| {
        found.push(f);
        true
    });
    found
}

fn all(inputs: &[&Path]) -> Vec<Discovered> {
    found(inputs, &Search::default())
}

fn names(found: &[Discovered]) -> Vec<String> {
    let files = found.iter().filter_map(|f| match f {
        Discovered::Source(entry) => Some(entry.source.file_name()),
        _ => None,
    });
    files.collect()
}

#[test]
fn folders_are_searched_and_each_file_is_found_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir_all(root.join("b/c")).unwrap();
    fs::create_dir_all(root.join("lightloom")).unwrap();
    for name in ["z.JPG", "a.png", "b/c/deep.webp", "notes.txt", ".hidden.jpg", "lightloom/old.jpg"] {
        fs::write(root.join(name), "x").unwrap();
    }
    let found = all(&[root, &root.join("a.png"), &root.join("notes.txt")]);
    assert_eq!(names(&found), ["a.png", "z.JPG", "deep.webp", "notes.txt"]);
    assert!(matches!(&found[3], Discovered::Note(n) if n.contains("lightloom")), "{found:?}");
}

#[test]
fn hidden_folders_are_entered_only_where_they_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let hidden = root.join("trip/.thumbnails");
    fs::create_dir_all(hidden.join("deep")).unwrap();
    for name in ["a.jpg", "trip/.thumbnails/b.jpg", "trip/.thumbnails/deep/c.jpg"] {
        fs::write(root.join(name), "x").unwrap();
    }
    let found = all(&[root]);
    assert_eq!(names(&found), ["a.jpg"]);
    assert!(
        found.iter().any(|f| matches!(f, Discovered::Note(note) if note.starts_with("1 hidden folder in"))),
        "{found:?}"
    );
    assert_eq!(names(&all(&[&hidden])), ["b.jpg", "c.jpg"]);
    let mut below = Vec::new();
    discover_below(root, &hidden.join("deep"), &Search::default(), |discovered| {
        below.push(discovered);
        true
    });
    assert!(below.is_empty(), "{below:?}");
}

#[test]
fn the_output_folder_is_not_an_input() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/result.jpg"), "x").unwrap();
    fs::write(dir.path().join("in.jpg"), "x").unwrap();
    let found = found(&[dir.path()], &Search { output: Some(dir.path().join("out")), ..Search::default() });
    assert_eq!(names(&found), ["in.jpg"]);
}

#[test]
fn a_part_of_a_folder_is_searched_as_the_whole_is() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for folder in ["day/deep", "out/day", "lightloom"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for name in ["a.jpg", "day/b.jpg", "day/deep/c.jpg", "day/.d.jpg", "day/e.txt", "out/day/f.jpg", "lightloom/g.jpg"]
    {
        fs::write(root.join(name), "x").unwrap();
    }
    let search = Search { output: Some(root.join("out")), ..Search::default() };
    let below = |place: &str| {
        let mut found = Vec::new();
        discover_below(root, &root.join(place), &search, |discovered| {
            found.push(discovered);
            true
        });
        found
    };
    assert_eq!(names(&below("day")), ["b.jpg", "c.jpg"]);
    assert_eq!(names(&below("day/b.jpg")), ["b.jpg"]);
    for nothing in ["day/.d.jpg", "day/e.txt", "out", "out/day", "out/day/f.jpg", "lightloom/g.jpg"] {
        assert!(below(nothing).is_empty(), "{nothing}");
    }
    let root_of = |found: &[Discovered]| match found {
        [Discovered::Source(entry)] => entry.root.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(root_of(&below("day/deep")).as_deref(), Some(root));
}

#[test]
fn problems_are_reported_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let reason = |found: &[Discovered]| match found {
        [.., Discovered::Problem { reason, .. }] => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert!(reason(&all(&[dir.path()])).contains("empty folder"));
    fs::write(dir.path().join("notes.txt"), "x").unwrap();
    assert!(reason(&all(&[dir.path()])).contains("no picture"));
    assert!(reason(&all(&[&dir.path().join("gone")])).contains("no such file"));
}

#[cfg(unix)]
#[test]
fn links_in_circles_end_and_pipes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.jpg"), "x").unwrap();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("circle")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket.jpg")).unwrap();
    let found = all(&[dir.path()]);
    assert_eq!(names(&found), ["a.jpg"]);
    assert!(
        found.iter().any(|f| matches!(f, Discovered::Problem { reason, .. } if reason.contains("regular file"))),
        "{found:?}"
    );
}

#[test]
fn what_is_left_out_is_counted_and_can_be_looked_into() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::create_dir(root.join("deep")).unwrap();
    for name in ["a.jpg", "a.xmp", "b.XMP", "deep/c.xmp", "README", "movie.mov", ".hidden.png"] {
        fs::write(root.join(name), "no picture").unwrap();
    }
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    for name in ["photo.bak", "deep/untitled", ".hidden"] {
        fs::write(root.join(name), gif).unwrap();
    }
    let left_out = |found: &[Discovered]| {
        let said = found.iter().filter_map(|f| match f {
            Discovered::LeftOut(left_out) => Some(left_out.clone()),
            _ => None,
        });
        said.collect::<Vec<_>>()
    };
    let by_name = all(&[root]);
    assert_eq!(names(&by_name), ["a.jpg"]);
    assert_eq!(left_out(&by_name).iter().map(LeftOut::count).collect::<Vec<_>>(), [7]);
    assert!(!left_out(&by_name)[0].looked_into);
    let by_content = found(&[root], &Search { all_files: true, ..Search::default() });
    assert_eq!(names(&by_content), ["a.jpg", "photo.bak", "untitled"]);
    assert_eq!(left_out(&by_content).iter().map(LeftOut::count).collect::<Vec<_>>(), [5]);
}

#[cfg(unix)]
#[test]
fn a_link_and_its_file_are_one_picture() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("a/b")).unwrap();
    fs::write(dir.path().join("a/b/x.jpg"), "x").unwrap();
    std::os::unix::fs::symlink(dir.path().join("a/b/x.jpg"), dir.path().join("a/y.jpg")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("a/b"), dir.path().join("a/c")).unwrap();
    assert_eq!(names(&all(&[dir.path()])), ["x.jpg"]);
}
