//! `docs/detector.schema.json`: the shape of a detector file, as `trailmeter schema` prints it.

/// The schema, as it is committed.
#[expect(clippy::unnecessary_wraps, reason = "other pages can fail, and all are called alike")]
pub(super) fn page() -> anyhow::Result<String> {
    Ok(format!("{:#}\n", trailmeter_detection::detector_file_schema()))
}
