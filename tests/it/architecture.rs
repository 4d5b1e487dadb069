//! Holds the code to the map in ARCHITECTURE.md: who may import whom, and what is kept out of which part.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A part of the server, what of the crate it may name, and what it must not mention at all.
struct Part {
    name: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
}

/// Words that bring in a clock, a runtime or a disk.
const IMPURE: &[&str] =
    &["tokio", "actix", "sled::", "Instant::now", "SystemTime::now", "std::fs", "std::net", "std::thread"];

/// Only the composition root names these.
const CONCRETE_STORES: &[&str] = &["JournalStore", "MemoryStore"];

const PARTS: &[Part] = &[
    Part { name: "ids", may_import: &[], never: IMPURE },
    Part { name: "limits", may_import: &[], never: IMPURE },
    Part { name: "metrics", may_import: &[], never: IMPURE },
    Part { name: "units", may_import: &[], never: IMPURE },
    Part { name: "timestamp", may_import: &[], never: IMPURE },
    Part { name: "protocol", may_import: &["ids", "limits"], never: IMPURE },
    Part { name: "agent", may_import: &[], never: CONCRETE_STORES },
    Part { name: "auth", may_import: &["ids", "limits", "protocol"], never: IMPURE },
    Part {
        name: "access",
        may_import: &["agent", "auth", "ids", "limits", "store"],
        never: &["actix", "yrs::", "JournalStore"],
    },
    Part {
        name: "document",
        may_import: &["protocol", "store", "ids", "limits", "metrics"],
        never: CONCRETE_STORES,
    },
    Part { name: "store", may_import: &["ids", "limits"], never: &["yrs::", "actix"] },
    Part { name: "export", may_import: &["ids", "limits", "protocol", "timestamp"], never: IMPURE },
    Part {
        name: "revision",
        may_import: &["export"],
        never: &["tokio", "actix", "sled::", "std::fs", "std::net"],
    },
    Part { name: "search", may_import: &["ids", "limits"], never: &["tokio", "actix", "yrs::", "sled::"] },
    Part { name: "import", may_import: &["ids"], never: IMPURE },
    Part { name: "config", may_import: &["auth", "limits", "units"], never: &["tokio", "actix", "sled::"] },
    Part {
        name: "cli",
        may_import: &[
            "access",
            "agent",
            "auth",
            "config",
            "export",
            "ids",
            "import",
            "limits",
            "store",
            "timestamp",
            "units",
        ],
        never: &["tokio", "actix", "JournalStore"],
    },
    Part {
        name: "http",
        may_import: &[
            "access",
            "auth",
            "document",
            "embed",
            "export",
            "ids",
            "import",
            "limits",
            "metrics",
            "protocol",
            "revision",
            "search",
            "store",
            "timestamp",
            "units",
        ],
        never: CONCRETE_STORES,
    },
    Part { name: "embed", may_import: &["auth", "export", "ids"], never: &["yrs::", "sled::"] },
    Part {
        name: "server",
        may_import: &[
            "access", "auth", "config", "document", "embed", "export", "http", "ids", "limits", "search",
            "store",
        ],
        never: &["yrs::"],
    },
];

/// Decisions are pure even where their neighbours are not.
const PURE_FILES: &[&str] = &[
    "src/document/checkpoint.rs",
    "src/document/event.rs",
    "src/document/ledger.rs",
    "src/document/peer.rs",
    "src/document/presence.rs",
    "src/document/replica.rs",
    "src/document/space.rs",
    "src/document/state.rs",
    "src/document/state/connections.rs",
    "src/document/state/updates.rs",
    "src/search/snippet.rs",
    "src/search/words.rs",
];

#[test]
fn parts_import_only_what_the_map_allows() {
    let mut wrong = Vec::new();
    for part in PARTS {
        for file in files_of(part.name) {
            let code = code_of(&file);
            for import in imports(&code) {
                if import != part.name && !part.may_import.contains(&import.as_str()) {
                    wrong.push(format!("{} imports {import}", file.display()));
                }
            }
            wrong.extend(mentions(&file, &code, part.never));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn decisions_are_pure() {
    let wrong: Vec<String> = PURE_FILES
        .iter()
        .map(|name| root().join(name))
        .flat_map(|file| mentions(&file, &code_of(&file), IMPURE))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

/// Who may do what follows from what is given alone, random bytes included; and of the protocol it knows the role and nothing else.
#[test]
fn who_may_do_what_is_given_its_random_bytes() {
    let mut wrong = Vec::new();
    for file in files_of("auth") {
        let code = code_of(&file);
        wrong.extend(mentions(
            &file,
            &code,
            &["random_bytes", "::random()", "getrandom", "SystemRandom", "jiff"],
        ));
        let protocol = code.replace("protocol::Role", "").replace("use crate::protocol;", "");
        wrong.extend(mentions(&file, &protocol, &["protocol::"]));
    }
    assert_eq!(wrong, [""; 0]);
}

/// A route or a message that does not say what it asks for is nobody's. Here it is found before anybody runs into it.
#[test]
fn every_route_and_message_says_what_it_asks_for() {
    use cowrite::auth::needs::{MESSAGES, ROUTES};
    let said: BTreeSet<String> =
        ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(said, registered_routes(), "auth/needs.rs and http/mod.rs have the same routes");
    let said: BTreeSet<String> = MESSAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(said, message_kinds(), "auth/needs.rs and protocol/message.rs have the same messages");
}

/// `resource("/path", "GET, HEAD", …)`, or one of the others in its place. HEAD goes with GET.
fn registered_routes() -> BTreeSet<String> {
    let code = code_of(&root().join("src/http/mod.rs"));
    let (_, table) = code.split_once("pub fn routes(").expect("the table of routes");
    let is_methods = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b',' | b' '));
    let mut routes = BTreeSet::new();
    let makers = ["resource(", "compressed(", "api(", "plain("];
    let calls = makers
        .iter()
        .fold(vec![table], |parts, maker| parts.iter().flat_map(|part| part.split(maker)).collect());
    for call in calls {
        let strings: Vec<&str> = call.split('"').skip(1).step_by(2).take(2).collect();
        if let [path, methods] = strings[..]
            && is_methods(methods)
        {
            let methods = methods.split(", ").filter(|method| *method != "HEAD");
            routes.extend(methods.map(|method| format!("{method} {path}")));
        }
    }
    assert!(routes.len() > 10, "src/http/mod.rs was read");
    routes
}

/// What a client may say, by the names in `enum Message`.
fn message_kinds() -> BTreeSet<String> {
    let code = code_of(&root().join("src/protocol/message.rs"));
    let (_, rest) = code.split_once("pub enum Message {").expect("the messages");
    let (kinds, _) = rest.split_once("\n}").expect("the end of the messages");
    let name = |line: &str| line.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_owned();
    kinds.lines().map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_part_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let parts: BTreeSet<String> = PARTS.iter().map(|part| part.name.to_owned()).collect();
    let mut modules = BTreeSet::new();
    for line in fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs").lines() {
        if let Some(name) = line.strip_prefix("pub mod ") {
            let name = name.trim_end_matches(';');
            assert!(map.contains(&format!("`{name}")), "ARCHITECTURE.md says nothing of {name}");
            modules.insert(name.to_owned());
        }
    }
    assert_eq!(modules, parts, "this test and src/lib.rs name the same parts");
}

#[test]
fn the_web_app_keeps_its_layers() {
    let rules: &[(&str, &[&str])] = &[
        ("sync", &["from \"svelte", "@codemirror", "../editor", "../ui", "HTMLElement", "querySelector"]),
        ("editor", &["from \"svelte", "../ui"]),
    ];
    let mut wrong = Vec::new();
    for (folder, never) in rules {
        for file in walk(&root().join("web/src").join(folder)) {
            if file.extension().is_some_and(|e| e == "ts") && !file.to_string_lossy().contains(".test.") {
                let text = fs::read_to_string(&file).expect("a source file");
                let code: String =
                    text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n");
                wrong.extend(mentions(&file, &code, never));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A part is a file of its name, a folder of its name, or both. Its unit tests are left out: `tests.rs`, and what is in a folder `tests`.
fn files_of(part: &str) -> Vec<PathBuf> {
    let is_test = |file: &Path| {
        let within = file.strip_prefix(root()).expect("a file of ours");
        within.components().any(|name| name.as_os_str() == "tests" || name.as_os_str() == "tests.rs")
    };
    let mut files = walk(&root().join("src").join(part));
    let single = root().join("src").join(part).with_extension("rs");
    files.extend(single.exists().then_some(single));
    assert!(!files.is_empty(), "there is no part {part}");
    files.retain(|file| file.extension().is_some_and(|e| e == "rs") && !is_test(file));
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// A file's code: without comments, and without the unit tests at its end.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    code.filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
}

fn is_comment(line: &str) -> bool {
    ["//", "/*", "*"].iter().any(|start| line.trim_start().starts_with(start))
}

/// The parts of the crate that the code names, in `use` or in passing.
fn imports(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let group = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        for name in group.unwrap_or(rest).split(',').take(if group.is_some() { usize::MAX } else { 1 }) {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            names.insert(name);
        }
    }
    names
}

fn mentions(file: &Path, code: &str, never: &[&str]) -> Vec<String> {
    let found = never.iter().filter(|word| code.contains(**word));
    found.map(|word| format!("{} mentions {word}", file.display())).collect()
}

#[test]
fn sql_stands_in_one_file() {
    let files = files_of("search").into_iter().filter(|file| !file.ends_with("index.rs"));
    let wrong: Vec<String> =
        files.flat_map(|file| mentions(&file, &code_of(&file), &["rusqlite", "SELECT", "INSERT"])).collect();
    assert_eq!(wrong, [""; 0]);
}
