//! Rebuilds when a packaged detector is added or removed, which `include_dir!` alone cannot see.

fn main() {
    println!("cargo::rerun-if-changed=../../detectors");
}
