//! libFuzzer over one kind of text, `RFMART_LOOK`. Good ones are written into `RFMART_LOOK_GOOD`, where it starts from.
#![no_main]

#[allow(dead_code, reason = "shared with tests, which use all of it")]
#[path = "../tests/it/common/mod.rs"]
mod common;
#[path = "../tests/it/fuzz/looks.rs"]
mod looks;

use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use looks::Look;

static LOOK: LazyLock<&Look> = LazyLock::new(|| {
    let name = env::var("RFMART_LOOK").expect("RFMART_LOOK: the kind of text");
    looks::look(&name).unwrap_or_else(|| panic!("no kind of text is called {name}"))
});

fn write_good_texts() {
    let folder = env::var("RFMART_LOOK_GOOD").expect("RFMART_LOOK_GOOD: where good texts go");
    for (number, text) in LOOK.good.iter().enumerate() {
        fs::write(Path::new(&folder).join(format!("good-{number}")), text).expect("a file");
    }
}

libfuzzer_sys::fuzz_target!(init: write_good_texts(), |text: &[u8]| (LOOK.read)(text));
