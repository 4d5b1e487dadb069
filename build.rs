//! Builds the binary anew when the web app that it carries was built anew.

use std::fs;
use std::path::Path;

fn main() {
    let app = Path::new("web/dist");
    // Cargo takes a watched path that is missing for changed every time, and would compile everything every time. An empty folder
    // costs nothing and is what a web app that is not built looks like; failing to make it is no reason to fail.
    if !app.exists() {
        let _ = fs::create_dir_all(app);
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", app.display());
}
