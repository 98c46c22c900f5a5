//! One object from its store through the detectors.

use trailmeter_detection::{FileMatches, FileScan};

use crate::delivery::ObjectRef;
use crate::ports::{ObjectBody, ObjectStore};
use crate::report::ObjectError;

/// Reads an object to its end, and gives what `scan` found in it.
pub async fn read_object<S: ObjectStore>(
    store: &S,
    object: &ObjectRef,
    mut scan: FileScan<'_>,
) -> Result<FileMatches, ObjectError> {
    let mut body = store.open(object).await?;
    while let Some(chunk) = body.next_chunk().await? {
        scan.push(chunk.as_ref())?;
    }
    Ok(scan.finish()?)
}
