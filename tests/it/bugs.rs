//! Every bug that was found is named with the test that would find it again, and that test is there.

use std::fs;
use std::path::Path;

#[test]
fn the_page_of_bugs_names_tests_that_are_there() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let page = read("docs/bugs-found.md").expect("the page");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what "));
    let (mut named, mut wrong) = (0, Vec::new());
    for row in rows {
        let test = row.trim_end_matches(" |").rsplit(" | ").next().expect("a last column");
        let place = test.trim_matches('`').split_once("`: `");
        let found = place.is_some_and(|(file, name)| {
            let declared = match file.ends_with(".rs") && !name.contains(' ') {
                true => format!("fn {name}("),
                false => name.to_owned(),
            };
            read(file).is_ok_and(|code| code.contains(&declared))
        });
        named += 1;
        wrong.extend((!found).then_some(row));
    }
    assert!(named > 40, "the page was read");
    assert_eq!(wrong, [""; 0]);
}
