//! The page that `trailmeter report` makes of the files that were delivered.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use trailmeter_testkit::generate::Corpus;

use super::Arguments;

/// The packs that the demo turns on.
const PACKS: [&str; 7] = ["default", "activity", "cis", "insight", "network", "sources", "threats"];

/// Writes the files into a folder as they lay in the bucket, and the page beside them. Returns what to say.
pub(crate) fn write(arguments: &Arguments, corpus: &Corpus) -> Result<String> {
    let logs = arguments.folder.join("logs");
    if logs.exists() {
        fs::remove_dir_all(&logs).with_context(|| format!("cannot empty {}", logs.display()))?;
    }
    for file in &corpus.files {
        let path = logs.join(&file.key);
        fs::create_dir_all(path.parent().unwrap_or(&logs))?;
        fs::write(&path, &file.body).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let page = arguments.folder.join("report.html");
    let mut command = Command::new(&arguments.trailmeter);
    command.arg("report").arg(&logs).arg("--output").arg(&page);
    command.args(PACKS.iter().flat_map(|pack| ["--pack", pack]));
    let run = command.output().with_context(|| format!("cannot run {}", arguments.trailmeter.display()))?;
    ensure!(run.status.success(), "trailmeter report: {}", String::from_utf8_lossy(&run.stderr));
    let size = fs::metadata(&page).with_context(|| format!("{} was not written", page.display()))?.len();
    Ok(format!("REPORT\n{} ({} KB): open it in a browser", page.display(), size / 1024))
}
