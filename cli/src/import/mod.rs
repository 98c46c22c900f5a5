//! `trailmeter import`: detectors from the metric filters that people already have.
//!
//! All formats are read into [`node::Node`]s, whatever their expressions give being resolved as far
//! as the files themselves say it; from there on there is one way only: [`filters`] and [`alarms`]
//! say what a resource means, [`join`] brings them together, [`draft`] writes the detector and
//! tries every part of it on the loader. What falls by the wayside is put into
//! [`resource::Found::not_carried`] where it falls.

mod alarms;
mod aws_output;
mod cloudformation;
mod draft;
mod filters;
mod inputs;
mod join;
pub(crate) mod names;
mod node;
mod output;
mod regex_sample;
mod report;
mod resource;
mod sample_records;
mod sample_values;
mod terraform;
mod yaml;
mod yaml_text;

use std::collections::BTreeMap;
use std::io::stdout;
use std::path::PathBuf;
use std::rc::Rc;

use crate::args::Format;
use crate::{DONE, WRONG};
use node::{Node, Problem};
use report::Report;
use resource::Found;

/// Alarms on alarms are a matter of the stack.
const COMPOSITE_ALARM: &str = "an alarm on other alarms, which a detector cannot have";

/// Write detectors from the metric filters that you have
///
/// Reads what `aws logs describe-metric-filters` and `aws cloudwatch describe-alarms` print,
/// CloudFormation and SAM templates, and Terraform modules: a folder is one module. Alarms go with
/// the filters whose metrics they watch. Whatever cannot be carried is listed with its place.
///
/// Exit status: 0 everything was carried, 1 something was not or a file cannot be used (the others
/// are imported all the same), 2 the command line cannot be used or nothing can be written.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// Files, or folders with a Terraform module each
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Where the detector files are written, one for each detector
    #[arg(long, value_name = "DIR", default_value = "imported-detectors")]
    out: PathBuf,
    /// Replace detector files that are there already
    #[arg(long)]
    force: bool,
    /// The value of a template's parameter or a module's variable
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a variable is given as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

pub(crate) fn run(args: &ImportArgs) -> anyhow::Result<u8> {
    let given: BTreeMap<String, String> = args.variables.iter().cloned().collect();
    let inputs = inputs::read(&args.paths);
    let mut problems = inputs.problems;
    let mut found = Found::default();
    for (file, text) in &inputs.documents {
        if let Err(problem) = document(file, text, &given, &mut found) {
            problems.push(problem);
        }
    }
    for (_, files) in &inputs.modules {
        terraform::read(files, &given, &mut found, &mut problems);
    }
    let outcome = join::join(&mut found);
    found.not_carried.sort();
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    let paths = output::write(&outcome.detectors, &args.out, args.force)?;
    let report =
        Report { outcome: &outcome, found: &found, problems: &problems, paths: &paths, folder: &args.out };
    let mut out = stdout().lock();
    match args.format {
        Format::Table => report.table(&mut out)?,
        Format::Json => report.json(&mut out)?,
    }
    Ok(if report.is_whole() { DONE } else { WRONG })
}

/// A template or output of AWS's command line, in YAML or JSON.
fn document(
    file: &Rc<str>,
    text: &str,
    given: &BTreeMap<String, String>,
    found: &mut Found,
) -> Result<(), Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_json = file.ends_with(".json");
    let documents = if is_json { yaml::parse_json(text, file)? } else { yaml::parse(text, file)? };
    let [document] = documents.as_slice() else {
        let reason = match documents.len() {
            0 => "there is nothing in this file".to_owned(),
            count => format!("{count} YAML documents in one file; a template is one"),
        };
        return Err(Problem::of_file(file, reason));
    };
    if aws_output::is_output(document) {
        aws_output::read(document, found);
        Ok(())
    } else if cloudformation::is_template(document) {
        cloudformation::read(document, given, found)
    } else {
        Err(not_known(document))
    }
}

fn not_known(document: &Node) -> Problem {
    let reason = format!(
        "{} that is neither a CloudFormation template (it has no `Resources`) nor what `aws logs describe-metric-filters` \
         or `aws cloudwatch describe-alarms` print",
        document.kind()
    );
    Problem { place: document.place.clone(), reason }
}
