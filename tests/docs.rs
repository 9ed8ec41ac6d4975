//! The documents are true: their tables come from the registries, their commands and recipes parse, their links lead
//! somewhere.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, Command as Clap, CommandFactory as _, Parser as _};
use lightloom::batch::EXECUTORS;
use lightloom::cli::{Cli, Command, HeadlessCommand, filter_table, format_table, option_table};
use lightloom::lab::lessons::LESSONS;
use lightloom::recipe::{PRESETS, Recipe, Step};

/// A table that the program writes: in which page, between which marks, and its content.
struct Table {
    page: &'static str,
    name: &'static str,
    content: fn() -> String,
}

const TABLES: [Table; 7] = [
    Table { page: "docs/command-line.md", name: "commands", content: command_tables },
    Table { page: "docs/filters.md", name: "filters", content: filter_table },
    Table { page: "docs/formats.md", name: "formats", content: format_table },
    Table { page: "docs/formats.md", name: "options", content: option_table },
    Table { page: "docs/recipes.md", name: "presets", content: preset_table },
    Table { page: "docs/workers.md", name: "executors", content: executor_table },
    Table { page: "docs/workers.md", name: "lessons", content: lesson_table },
];

const DOCUMENTS: [&str; 11] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/command-line.md",
    "docs/design.md",
    "docs/filters.md",
    "docs/formats.md",
    "docs/promises.md",
    "docs/recipes.md",
    "docs/web.md",
    "docs/workers.md",
];

fn path(document: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(document)
}

fn read(document: &str) -> String {
    fs::read_to_string(path(document)).unwrap()
}

/// The content of every fenced block in this language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = read(document);
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_tables_are_the_registries() {
    for Table { page, name, content } in TABLES {
        let begin = format!("<!-- {name}: written by `LIGHTLOOM_WRITE_DOCS=1 cargo test --test docs` -->\n");
        let end = format!("<!-- end of {name} -->");
        let text = read(page);
        let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{page} lacks the mark {begin}"));
        let (table, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} lacks the mark {end}"));
        if std::env::var_os("LIGHTLOOM_WRITE_DOCS").is_some() {
            fs::write(path(page), format!("{before}{begin}{}{end}{after}", content())).unwrap();
        } else {
            assert_eq!(table, content(), "{page}: the table {name} is stale; run the command that its mark names");
        }
    }
}

#[test]
fn pictures_and_files_that_they_name_exist() {
    for document in DOCUMENTS {
        let text = read(document);
        let folder = path(document).parent().unwrap().to_path_buf();
        let mut links = 0;
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.starts_with("http") {
                links += 1;
                assert!(folder.join(target).exists(), "{document} names {target}");
            }
        }
        assert!(links > 0 || document.starts_with("docs/"), "{document} links to nothing");
    }
}

#[test]
fn the_readme_stays_short() {
    assert!(read("README.md").len() < 12_000);
}

#[test]
fn recipes_that_they_show_are_recipes() {
    let mut recipes = 0;
    for document in DOCUMENTS {
        for text in blocks(document, "toml").iter().filter(|text| text.starts_with("version")) {
            recipes += 1;
            Recipe::from_toml(text).unwrap_or_else(|error| panic!("{document}: {error} in\n{text}"));
        }
    }
    assert!(recipes > 2);
}

#[test]
fn commands_that_they_show_exist() {
    let mut commands = 0;
    for document in DOCUMENTS {
        for block in blocks(document, "sh") {
            for line in block.replace("\\\n", " ").lines().filter(|line| line.starts_with("lightloom ")) {
                commands += 1;
                let cli =
                    Cli::try_parse_from(words(line)).unwrap_or_else(|error| panic!("{document}: {line}: {error}"));
                let filters = match cli.command {
                    Some(Command::Headless(HeadlessCommand::Process(args))) => args.recipe.filters,
                    Some(Command::Headless(HeadlessCommand::Lab(args))) => args.recipe.filters,
                    _ => Vec::new(),
                };
                for filter in filters {
                    Step::parse(&filter).unwrap_or_else(|error| panic!("{document}: {line}: {error}"));
                }
            }
        }
    }
    assert!(commands > 10);
}

/// The words of a shell command without its comment: separated by blanks, double quotes around a word that has some.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap();
    let mut words = Vec::new();
    for (i, part) in line.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Every command with its arguments. What `process` takes too, with the same meaning, is only named.
fn command_tables() -> String {
    let mut cli = Cli::command();
    cli.build();
    let process = cli.find_subcommand("process").unwrap();
    let mut out = String::new();
    write_commands(&mut out, "lightloom", &cli, process);
    out
}

fn write_commands(out: &mut String, prefix: &str, parent: &Clap, process: &Clap) {
    for command in parent.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        let name = format!("{prefix} {}", command.get_name());
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = write!(out, "\n### {name}\n\n{about}.\n");
        let shown = command.get_arguments().filter(|arg| !arg.is_hide_set() && arg.get_id() != "help");
        let as_in_process = |arg: &&Arg| {
            let of_process = process.get_arguments().find(|other| other.get_id() == arg.get_id());
            command.get_name() != "process"
                && arg.get_long().is_some()
                && of_process.is_some_and(|other| help(other) == help(arg))
        };
        let (known, own): (Vec<&Arg>, Vec<&Arg>) = shown.partition(as_in_process);
        if !own.is_empty() {
            let _ = writeln!(out, "\n| argument | meaning |\n| --- | --- |");
        }
        for arg in own {
            let _ = writeln!(out, "| `{}` | {} |", usage(arg).replace('|', "\\|"), help(arg).replace('|', "\\|"));
        }
        if !known.is_empty() {
            let names: Vec<String> = known.iter().map(|arg| format!("`--{}`", arg.get_long().unwrap_or(""))).collect();
            let _ = writeln!(out, "\nAs for `process`: {}.", names.join(", "));
        }
        write_commands(out, &name, command, process);
    }
}

/// An argument as it is typed, such as `--out DIR`.
fn usage(arg: &Arg) -> String {
    let values: Vec<&str> = arg.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    let values = values.join(" ");
    let is_optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    match arg.get_long() {
        None if arg.is_required_set() => values,
        None => format!("[{values}]"),
        Some(long) if !arg.get_action().takes_values() => format!("--{long}"),
        Some(long) if is_optional => format!("--{long} [{values}]"),
        Some(long) => format!("--{long} {values}"),
    }
}

fn help(arg: &Arg) -> String {
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    for default in arg.get_default_values().iter().filter(|_| arg.get_action().takes_values()) {
        let _ = write!(help, " [default: {}]", default.display());
    }
    help
}

fn preset_table() -> String {
    let mut out = String::from("| preset | what it is for |\n| --- | --- |\n");
    for preset in PRESETS {
        let _ = writeln!(out, "| `{}` | {} |", preset.id, preset.help());
    }
    out
}

fn executor_table() -> String {
    let mut out = String::from("| executor | in the window | how it works |\n| --- | --- | --- |\n");
    for executor in EXECUTORS {
        let _ = writeln!(out, "| `{}` | {} | {} |", executor.id, executor.title, executor.help);
    }
    out
}

fn lesson_table() -> String {
    let mut out = String::from("| lesson | what it teaches | in Python |\n| --- | --- | --- |\n");
    for lesson in LESSONS {
        let _ = writeln!(
            out,
            "| `{}` | **{}.** {} | [`{}`]({}) |",
            lesson.id,
            lesson.title,
            lesson.claim,
            lesson.python.words.replace('|', "\\|"),
            lesson.python.page
        );
    }
    out
}
