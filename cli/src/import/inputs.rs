//! What was named on the command line: documents one by one, Terraform files module by module.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::node::Problem;

/// AWS's own limit on templates is 1 MB; output of the command line can be longer.
const LARGEST_DOCUMENT: u64 = 10 << 20;
/// The parser compares each key of an object with all before it, so this bounds its time.
const LARGEST_CODE: u64 = 256 << 10;
const LARGEST_MODULE: usize = 2 << 20;

/// A file that was read.
pub(super) type Text = (Rc<str>, String);

/// What there is to import.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// Templates and output of the command line.
    pub(super) documents: Vec<Text>,
    /// Terraform files, those of a folder together.
    pub(super) modules: Vec<(PathBuf, Vec<Text>)>,
    pub(super) problems: Vec<Problem>,
    seen: BTreeSet<PathBuf>,
}

pub(super) fn read(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        let outcome = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => inputs.folder(path),
            Ok(_) => inputs.file(path),
            Err(error) => Err(error.to_string()),
        };
        if let Err(reason) = outcome {
            inputs.problem(path, reason);
        }
    }
    inputs
}

impl Inputs {
    fn problem(&mut self, path: &Path, reason: impl Into<String>) {
        self.problems.push(Problem::of_file(&name(path), reason));
    }

    fn folder(&mut self, folder: &Path) -> Result<(), String> {
        let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|error| error.to_string())?.path());
        }
        paths.retain(|path| is_code(path) || is_read_by_itself(path));
        // Values come first, so that what is in the files of code finds them; later ones win.
        paths.sort_by_key(|path| (is_code(path), path.clone()));
        if !paths.iter().any(|path| is_code(path)) {
            return Err(
                "no Terraform file (*.tf, *.tf.json) in this folder; name templates one by one".to_owned()
            );
        }
        for path in paths {
            if let Err(reason) = self.file(&path) {
                self.problem(&path, reason);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), String> {
        if !self.seen.insert(path.to_owned()) {
            return Ok(());
        }
        if !is_code(path) && !has_end(path, ".tfvars") {
            let text = text_of(path, LARGEST_DOCUMENT)?;
            self.documents.push((name(path), text));
            return Ok(());
        }
        if is_override(path) {
            return Err("override files are not merged: write what they change into the module".to_owned());
        }
        let text = text_of(path, LARGEST_CODE)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        let known = self.modules.iter().position(|(other, _)| *other == folder);
        let at = known.unwrap_or_else(|| {
            self.modules.push((folder, Vec::new()));
            self.modules.len() - 1
        });
        let files = &mut self.modules[at].1;
        if files.iter().map(|(_, text)| text.len()).sum::<usize>() + text.len() > LARGEST_MODULE {
            return Err(format!(
                "the files of this module are larger than {} MiB together",
                LARGEST_MODULE >> 20
            ));
        }
        files.push((name(path), text));
        Ok(())
    }
}

fn name(path: &Path) -> Rc<str> {
    Rc::from(path.display().to_string())
}

fn has_end(path: &Path, end: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end))
}

fn is_code(path: &Path) -> bool {
    has_end(path, ".tf") || has_end(path, ".tf.json")
}

/// Values that Terraform reads without being told.
fn is_read_by_itself(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "terraform.tfvars") || has_end(path, ".auto.tfvars")
}

fn is_override(path: &Path) -> bool {
    ["override.tf", "override.tf.json"]
        .iter()
        .any(|end| has_end(path, &format!("_{end}")) || path.file_name().is_some_and(|name| name == *end))
}

fn text_of(path: &Path, largest: u64) -> Result<String, String> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > largest {
        let size = if largest < 1 << 20 {
            format!("{} KiB", largest >> 10)
        } else {
            format!("{} MiB", largest >> 20)
        };
        return Err(format!("larger than {size}"));
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8, so neither a template nor Terraform code".to_owned())
}

/// A pipe that nobody writes to would never end.
fn open(path: &Path) -> Result<File, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("neither a file nor a folder: save it to a file first".to_owned());
    }
    File::open(path).map_err(|error| error.to_string())
}
