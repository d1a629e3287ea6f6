//! Tells cargo that files may have come or gone where macros look for them: they see what changes in a file, not a new
//! one.

fn main() {
    for folder in ["report", "sql", "tests/config"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
