//! The rows: each tool in the way that is fastest of those its manual offers, on one thread.

use std::path::Path;
use std::process::Command;

use super::answers::{counts, matches_by_title, sum_of_lines};
use super::install::folder_of_scripts;
use super::{Peer, Tools};
use crate::corpus::Corpus;

/// Literals that stand wherever one of the three questions is answered with yes, and elsewhere too.
const LITERALS: [&str; 4] = [
    r#""errorCode":"AccessDenied"#,
    r#"UnauthorizedOperation""#,
    r#""SignatureVersion":"SigV2""#,
    r#":"anonymous""#,
];

pub(super) fn all() -> Vec<Peer> {
    vec![ZCAT, RIPGREP, PYTHON_ORJSON, DUCKDB, SERDE_VALUE, PYTHON_JSON, RSIGMA, SIGMA_RUST, SUZAKU, GOJQ, JQ]
}

const ZCAT: Peer = Peer {
    name: "zcat",
    title: "gzip -cd",
    version: "of the system",
    work: "inflates, and writes it to a pipe that counts bytes: no answer to any question",
    command: |_, corpus| inflated_into("wc -c", corpus),
    answer: sum_of_lines,
};

const RIPGREP: Peer = Peer {
    name: "ripgrep",
    title: "ripgrep -z",
    version: "15.2.0",
    work: "counts how often four literals occur, in one sum: texts and not records, no fields, no escapes",
    command: ripgrep,
    answer: sum_of_lines,
};

const PYTHON_ORJSON: Peer = Peer {
    name: "python-orjson",
    title: "Python, isal and orjson",
    version: "1.9.1 and 3.13.0",
    work: "the three counts",
    command: |tools, corpus| python(tools, corpus, &["count.py", "orjson"]),
    answer: counts,
};

const PYTHON_JSON: Peer = Peer {
    name: "python-json",
    title: "Python, gzip and json",
    version: "of the system",
    work: "the three counts",
    command: |tools, corpus| python(tools, corpus, &["count.py", "json"]),
    answer: counts,
};

const DUCKDB: Peer = Peer {
    name: "duckdb",
    title: "DuckDB, JSON paths",
    version: "2.0.0",
    work: "the three counts, by one query that takes five paths out of each record",
    command: |tools, corpus| python(tools, corpus, &["count_duckdb.py"]),
    answer: counts,
};

const SERDE_VALUE: Peer = Peer {
    name: "serde-value",
    title: "libdeflate and serde_json::Value",
    version: "1.0.154",
    work: "the three counts",
    command: |tools, corpus| program(&tools.folder.join("rust/bin/serde-value"), &[corpus.folder()]),
    answer: counts,
};

const RSIGMA: Peer = Peer {
    name: "rsigma",
    title: "gzip -cd and rsigma",
    version: "0.23.0",
    work: "three Sigma rules; it prints each match, which are counted",
    command: |tools, corpus| {
        let script = folder_of_scripts().join("rsigma");
        program(&script, &[&tools.folder.join("rsigma-0.23.0"), corpus.folder()])
    },
    answer: |output| matches_by_title(output, "rule_title"),
};

const SIGMA_RUST: Peer = Peer {
    name: "sigma-rust",
    title: "libdeflate and sigma-rust",
    version: "0.7.0",
    work: "three Sigma rules, by the engine that suzaku is built on",
    command: |tools, corpus| {
        let rules = folder_of_scripts().join("sigma");
        program(&tools.folder.join("rust/bin/sigma-rust"), &[&rules, corpus.folder()])
    },
    answer: counts,
};

const SUZAKU: Peer = Peer {
    name: "suzaku",
    title: "suzaku",
    version: "2.0.0",
    work: "three Sigma rules; it writes each match to a file, which are counted",
    command: |tools, corpus| {
        let script = folder_of_scripts().join("suzaku");
        program(&script, &[&tools.folder.join("suzaku-2.0.0"), corpus.folder(), &corpus.made()])
    },
    answer: |output| matches_by_title(output, "RuleTitle"),
};

const GOJQ: Peer = Peer {
    name: "gojq",
    title: "gzip -cd and gojq",
    version: "0.12.11",
    work: "the three counts",
    command: |tools, corpus| {
        let mut command = filtered(&tools.folder.join("gojq-0.12.11/usr/bin/gojq"), corpus);
        command.env("GOMAXPROCS", "1");
        command
    },
    answer: counts,
};

const JQ: Peer = Peer {
    name: "jq",
    title: "gzip -cd and jq",
    version: "1.6",
    work: "the three counts",
    command: |tools, corpus| filtered(&tools.folder.join("jq-1.6/jq"), corpus),
    answer: counts,
};

fn ripgrep(tools: &Tools, corpus: &Corpus) -> Command {
    let mut command = Command::new(tools.folder.join("ripgrep-15.2.0/bin/rg"));
    command.args(["--no-config", "--no-ignore", "--search-zip", "--threads=1"]);
    command.args(["--no-filename", "--count-matches", "--fixed-strings"]);
    command.args(LITERALS.map(|literal| format!("--regexp={literal}")));
    command.arg(corpus.folder());
    command
}

fn program(path: &Path, arguments: &[&Path]) -> Command {
    let mut command = Command::new(path);
    command.args(arguments);
    command
}

/// A script of ours in the venv, with the folder as its last argument.
fn python(tools: &Tools, corpus: &Corpus, words: &[&str]) -> Command {
    let mut command = Command::new(tools.folder.join("python/bin/python"));
    // What Python compiles a script to would be written beside it.
    command.arg("-B").arg(folder_of_scripts().join(words[0])).args(&words[1..]).arg(corpus.folder());
    command
}

/// A program of the jq family that counts.
fn filtered(program: &Path, corpus: &Corpus) -> Command {
    let mut command = inflated_into("\"$PROGRAM\" -n -r -f \"$FILTER\"", corpus);
    command.env("PROGRAM", program).env("FILTER", folder_of_scripts().join("count.jq"));
    command
}

/// All files, one after the other, into a program that reads no gzip.
fn inflated_into(program: &str, corpus: &Corpus) -> Command {
    let mut command = Command::new("bash");
    let line = "find \"$FOLDER\" -type f -name '*.json.gz' -print0 | xargs -0 gzip -cd";
    command.args(["-o", "pipefail", "-c", &format!("{line} | {program}")]).env("FOLDER", corpus.folder());
    command
}
