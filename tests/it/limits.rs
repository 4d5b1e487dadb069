//! Every bound is explained to whoever runs the server, and none is explained that is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_page_of_limits_names_every_bound() {
    let read = |name| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name);
    let (code, page) = (read("src/limits.rs"), read("docs/limits.md"));
    let bounds: BTreeSet<&str> = code
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "))
        .filter_map(|rest| rest.split(':').next())
        .collect();
    let rows: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|rest| rest.split('`').next())
        .collect();
    assert!(bounds.len() > 30, "src/limits.rs was read");
    assert_eq!(rows, bounds);
}
