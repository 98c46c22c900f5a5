//! One object from its store through the detectors.

use trailmeter_detection::{FileMatches, FileScan};

use crate::delivery::ObjectRef;
use crate::ports::{ObjectBody, ObjectStore};
use crate::report::ObjectError;

/// Reads an object to its end, and gives what `scan` found in it.
pub async fn read_object<S: ObjectStore>(
    store: &S,
    object: &ObjectRef,
    scan: FileScan<'_>,
) -> Result<FileMatches, ObjectError> {
    read_body(&mut store.open(object).await?, scan, || false).await
}

/// Reads a body to its end, unless it takes until `is_late`.
pub(crate) async fn read_body<B: ObjectBody + Send>(
    body: &mut B,
    mut scan: FileScan<'_>,
    is_late: impl Fn() -> bool + Send,
) -> Result<FileMatches, ObjectError> {
    while let Some(chunk) = body.next_chunk().await? {
        scan.push(chunk.as_ref())?;
        if is_late() {
            return Err(ObjectError::OutOfTime);
        }
    }
    Ok(scan.finish()?)
}
