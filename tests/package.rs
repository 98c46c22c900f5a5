//! What `make package` writes, deployed: from the folder alone, as it is where there is no Rust.

use std::process::Command;

use anyhow::{Context, Result};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::local_cloud::{Code, venv};

use crate::deployed::counted;
use crate::support::{cloud, detect, key, put, root};

#[tokio::test]
async fn the_package_deploys_and_counts() -> Result<()> {
    let built = detect()?;
    let built = built.parent().and_then(|folder| folder.parent()).context("binaries have folders")?;
    let folder = tempfile::tempdir()?;
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let made = Command::new(venv().join("bin/python"))
        .arg(root().join("tools/package.py"))
        .args(["--arch", arch, "--built"])
        .arg(built)
        .arg("--out")
        .arg(folder.path())
        .output()
        .context("cannot run tools/package.py: run `make test`")?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let template = std::fs::read_to_string(folder.path().join("template.yaml"))?;
    let paths: Vec<_> = std::fs::read_dir(folder.path())?.collect::<Result<_, _>>()?;
    let zips: Vec<_> = paths
        .iter()
        .map(std::fs::DirEntry::path)
        .filter(|path| path.extension().is_some_and(|e| e == "zip"))
        .collect();
    let names: Vec<_> = zips.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert!(names.contains(&format!("detect-{arch}.zip").as_str()), "{names:?}");
    let code: Vec<Code<'_>> = names.iter().zip(&zips).map(|(&uri, zip)| Code { uri, zip }).collect();

    let cloud = cloud().await?;
    let parameters = [
        ("DeliveryMode", "create-bucket"),
        ("TrailArn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/packaged"),
        // See `deployed::deploy`.
        ("MaximumConcurrency", "0"),
        ("BatchWindow", "1"),
    ];
    let stack = cloud.deploy("packaged", &template, &parameters, &code).await?;
    put(&cloud.s3().await, stack.output("LogBucketName")?, &key("it"), &good_file(3)?).await?;
    counted(cloud, &stack, "AccessDenied", 3).await?;
    cloud.delete(&stack).await
}
