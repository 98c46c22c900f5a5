//! Detectors that are loaded while the function runs: a good version counts from the next invocation
//! on, a bad one changes nothing and is told.

use anyhow::{Context, Result};
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::eventually::eventually;
use trailmeter_testkit::runtime_api::{Function, Invocation};

use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::shelf::Look::{Refused, Silent, There};
use crate::shelf::{Shelf, detector, put_parameter};
use crate::support::{World, key, log_since};

/// Records in the file of these tests, and so matches of each detector.
const RECORDS: u64 = 4;
/// Every invocation looks, so that no test has to wait for one that does.
const AT_ONCE: (&str, &str) = ("TRAILMETER_DETECTORS_REFRESH_SECONDS", "0");
const WATCHED: (&str, &str) = ("TRAILMETER_LOADED_ALARM", "yes");

/// What one invocation puts with these detectors loaded beside the default pack.
fn counted(loaded: &[&str], rejected: Option<&str>) -> Counts {
    let mut counts = Counts::default();
    for series in ["ObjectsIn", "ObjectsRead"] {
        counts.add(series, 1);
    }
    for series in ["RecordsRead", "RecordsMatched", "AccessDenied"] {
        counts.add(series, RECORDS);
    }
    for name in loaded {
        counts.add(name, RECORDS);
        counts.add(&format!("LoadedDetectorMatches{{Detector={name}}}"), RECORDS);
    }
    if let Some(source) = rejected {
        counts.add("DetectorVersionsRejected", 1);
        counts.add(&format!("DetectorVersionsRejected{{Source={source}}}"), 1);
    }
    counts
}

/// Invokes the function with the one file, and returns what was put and what was logged.
async fn invoke(world: &World, function: &Function) -> Result<(Counts, String)> {
    world.cloudwatch.clear();
    let seen = function.logs().len();
    let event = batch(&[("it", s3(&world.bucket, &key("it")))]);
    assert_eq!(function.invoke(&event)?.response()?, back(&[]));
    let log = log_since(function, seen).await?.join("\n");
    Ok((Counts::of(&world.cloudwatch)?, log))
}

async fn world(name: &str) -> Result<World> {
    let world = World::new(name).await?;
    world.put(&key("it"), &good_file(usize::try_from(RECORDS)?)?).await?;
    Ok(world)
}

/// One step in the life of a source.
struct Step {
    about: &'static str,
    /// What is put there before the invocation.
    version: Option<String>,
    runs: &'static [&'static str],
    is_rejected: bool,
    /// What the log says of it; nothing of a rejection if it is empty.
    says: &'static str,
}

fn steps() -> Vec<Step> {
    let step = |about, version, runs, is_rejected, says| Step { about, version, runs, is_rejected, says };
    let (one, two) = (detector("One", ""), detector("Two", ""));
    let both = format!("{one}---\n{two}");
    let half_bad = format!("{}---\n{}", detector("Three", ""), detector("Two", "unit: Apples\n"));
    let failing = detector("One", "").replace("DescribeImages", "DescribeSnapshots");
    vec![
        step("unchanged", None, &["One"], false, ""),
        step("one more", Some(both), &["One", "Two"], false, "detectors loaded"),
        // Its first document is good, and runs no more than the second.
        step(
            "a bad unit",
            Some(half_bad),
            &["One", "Two"],
            true,
            ":19:7: \\\"Apples\\\" is no CloudWatch unit",
        ),
        step("still bad", None, &["One", "Two"], true, ""),
        step("not YAML", Some("{ name: [".to_owned()), &["One", "Two"], true, "detectors rejected"),
        step("a failing test", Some(failing), &["One", "Two"], true, ":10:5: test \\\"another\\\" of One"),
        step(
            "the name of a packaged one",
            Some(detector("RootUsage", "")),
            &["One", "Two"],
            true,
            "a detector RootUsage is already defined in detectors/default/root-usage.yaml",
        ),
        step("mended", Some(detector("Four", "")), &["Four"], false, "detectors loaded"),
        step("put back", Some(one), &["One"], false, "detectors loaded"),
    ]
}

/// Plays the steps; `put` puts a version to where the function looks for it.
async fn play(world: &World, place: &str, put: impl AsyncFn(&str) -> Result<()>) -> Result<()> {
    put(&detector("One", "")).await?;
    let function = world.start(&[("TRAILMETER_DETECTORS", place), AT_ONCE, WATCHED])?;
    let (counts, _) = invoke(world, &function).await?;
    assert_eq!(counts, counted(&["One"], None), "{place}");
    for Step { about, version, runs, is_rejected, says } in steps() {
        if let Some(version) = version {
            put(&version).await?;
        }
        let (counts, log) = invoke(world, &function).await.context(about)?;
        assert_eq!(counts, counted(runs, is_rejected.then_some(place)), "{place}: {about}");
        assert!(log.contains(says), "{place}: {about}: {log}");
        let is_told = log.contains("detectors rejected");
        assert_eq!(is_told, is_rejected && !says.is_empty(), "{place}: {about}: {log}");
    }
    Ok(())
}

#[tokio::test]
async fn versions_of_an_object_come_and_go_and_a_bad_one_changes_nothing() -> Result<()> {
    let world = world("loaded-s3").await?;
    let place = format!("s3://{}/detectors/own.yaml", world.bucket);
    play(&world, &place, async |text| world.put("detectors/own.yaml", text.as_bytes()).await).await
}

#[tokio::test]
async fn versions_of_a_parameter_come_and_go_and_a_bad_one_changes_nothing() -> Result<()> {
    let world = world("loaded-ssm").await?;
    let name = "/trailmeter/tests/detectors";
    play(&world, &format!("ssm:{name}"), async |text| put_parameter(world.cloud, name, text).await).await
}

/// An object is fetched again only if it has changed, and looked at only if it is time to.
#[tokio::test]
async fn what_is_known_is_not_fetched_again() -> Result<()> {
    let world = World::new("loaded-known").await?;
    let place = format!("s3://{}/{}", world.bucket, Shelf::KEY);
    let known = |version: &str| Some(version.to_owned());
    let (first, second) = ("\"1\"", "\"2\"");
    for (about, refresh, asked) in [
        (
            "every time",
            "0",
            vec![(None, 200), (known(first), 304), (known(first), 200), (known(second), 304)],
        ),
        ("once a day", "86400", vec![(None, 200)]),
    ] {
        let shelf = Shelf::start(There(first, detector("One", "")), good_file(usize::try_from(RECORDS)?)?)?;
        let function = world.start(&[
            ("AWS_ENDPOINT_URL_S3", &shelf.endpoint()),
            ("TRAILMETER_DETECTORS", &place),
            ("TRAILMETER_DETECTORS_REFRESH_SECONDS", refresh),
            WATCHED,
        ])?;
        invoke(&world, &function).await?;
        shelf.set(There(second, detector("Two", "")));
        let (counts, _) = invoke(&world, &function).await?;
        invoke(&world, &function).await?;
        assert_eq!(shelf.asked(), asked, "{about}");
        let runs = if refresh == "0" { "Two" } else { "One" };
        assert_eq!(counts, counted(&[runs], None), "{about}");
    }
    Ok(())
}

const NO_KMS: &str =
    "User is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext";

/// Whatever keeps the source from being read: at the start the packs run alone, later what ran goes
/// on, and it is told why.
#[tokio::test]
async fn a_source_that_cannot_be_read_stops_nothing() -> Result<()> {
    let world = World::new("loaded-unreadable").await?;
    let place = format!("s3://{}/{}", world.bucket, Shelf::KEY);
    let large = || There("\"3\"", " ".repeat((1 << 20) + 1));
    for (look, says) in [
        (
            Refused(403, "AccessDenied", "Access Denied"),
            "access denied: the function needs s3:GetObject on it",
        ),
        (
            Refused(403, "AccessDenied", NO_KMS),
            "access denied by KMS: name its key in the parameter DetectorsKmsKeyArn",
        ),
        (Refused(404, "NoSuchKey", "The specified key does not exist."), "does not exist"),
        (Refused(503, "SlowDown", "Please reduce your request rate."), "is throttled"),
        (Refused(301, "PermanentRedirect", "Another region."), "cannot be read"),
        (large(), "larger than 1 MiB"),
        (Silent, "not read within 6 seconds"),
    ] {
        let good = There("\"1\"", detector("One", ""));
        let shelf = Shelf::start(look.clone(), good_file(usize::try_from(RECORDS)?)?)?;
        let endpoint = shelf.endpoint();
        let variables = [
            ("AWS_ENDPOINT_URL_S3", endpoint.as_str()),
            ("TRAILMETER_DETECTORS", &place),
            // A look at each invocation, and for the silent one no more than are needed.
            if matches!(look, Silent) { ("TRAILMETER_DETECTORS_REFRESH_SECONDS", "86400") } else { AT_ONCE },
            WATCHED,
        ];
        let function = world.start(&variables)?;
        let (counts, _) = invoke(&world, &function).await.context(says)?;
        assert_eq!(counts, counted(&[], Some(&place)), "{says}");
        let log = function.logs().join("\n");
        assert_eq!(log.matches("detectors rejected").count(), 1, "{says}: {log}");
        assert!(log.contains(says), "{says}: {log}");
        if matches!(look, Silent) {
            continue;
        }
        shelf.set(good);
        let (counts, _) = invoke(&world, &function).await.context(says)?;
        assert_eq!(counts, counted(&["One"], None), "{says}: it can be read now");
        shelf.set(look);
        let (counts, log) = invoke(&world, &function).await.context(says)?;
        assert_eq!(counts, counted(&["One"], Some(&place)), "{says}: no longer");
        assert!(log.contains(says), "{says}: {log}");
    }
    Ok(())
}

/// The loaded detectors alone run if the packs are turned off; without them nothing could count.
#[tokio::test]
async fn without_packs_the_function_starts_with_what_is_loaded_or_not_at_all() -> Result<()> {
    let world = world("loaded-alone").await?;
    let place = format!("s3://{}/own.yaml", world.bucket);
    let variables = [("TRAILMETER_DETECTORS", place.as_str()), ("TRAILMETER_PACKS", "none"), AT_ONCE];
    let function = world.start(&variables)?;
    let Some(Invocation::Exited(status)) = function.wait_until_ready()? else {
        anyhow::bail!("it starts without a detector")
    };
    assert_eq!(status.code(), Some(1));
    let line = eventually("the reason in the log", async || {
        Ok(function.logs().into_iter().find(|line| line.contains("the function does not start")))
    });
    let line = line.await?;
    assert!(line.contains("there are no packs") && line.contains(&place), "{line}");

    world.put("own.yaml", detector("One", "").as_bytes()).await?;
    let function = world.start(&variables)?;
    let (counts, log) = invoke(&world, &function).await?;
    assert_eq!((counts.get("One"), counts.get("AccessDenied")), (RECORDS, 0));
    // No alarm watches it, as that on loaded detectors is off.
    assert_eq!(counts.get("DetectorsWithoutAlarm{Detector=One}"), 1);
    assert_eq!(counts.get("LoadedDetectorMatches{Detector=One}"), 0);
    drop(log);
    let whole = function.logs().join("\n");
    assert!(whole.contains("no alarm watches these detectors"), "{whole}");
    let (counts, _) = invoke(&world, &function).await?;
    assert_eq!(counts.get("DetectorsWithoutAlarm"), 0, "told once for each version");
    Ok(())
}

/// Metrics of other namespaces go there and nowhere else, and only where the deployment lets them.
#[tokio::test]
async fn metrics_stand_in_the_namespaces_that_detectors_name() -> Result<()> {
    let world = world("loaded-namespaces").await?;
    let place = format!("s3://{}/own.yaml", world.bucket);
    let cis = |name: &str, more: &str| {
        detector(name, &format!("metric: {{ namespace: CISBenchmark, name: refused }}\n{more}"))
    };
    let silent = cis("Silent", "default-value: 0\n").replace("DescribeSnapshots", "DescribeVolumes");
    world
        .put("own.yaml", format!("{}---\n{}---\n{silent}", cis("One", ""), cis("Two", "")).as_bytes())
        .await?;
    let allowed = ("TRAILMETER_NAMESPACES", "CISBenchmark");
    let function = world.start(&[("TRAILMETER_DETECTORS", &place), AT_ONCE, WATCHED, allowed])?;
    let (counts, _) = invoke(&world, &function).await?;
    let mut expected = counted(&["One", "Two"], None);
    for name in ["One", "Two"] {
        expected.take(name);
    }
    // Two detectors feed one metric, and the third one's default value is a datapoint of zero.
    expected.add("CISBenchmark:refused", 2 * RECORDS);
    assert_eq!(counts, expected);
    let points = world.cloudwatch.datapoints();
    let refused: Vec<_> = points.iter().filter(|point| point.metric == "refused").collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].values, [(0.0, 1.0), (1.0, 8.0)]);
    assert!(points.iter().all(|point| (point.namespace == "CISBenchmark") == (point.metric == "refused")));
    assert_eq!(world.cloudwatch.requests().len(), 2, "one for each namespace");

    let function = world.start(&[("TRAILMETER_DETECTORS", &place), AT_ONCE, WATCHED])?;
    let (counts, _) = invoke(&world, &function).await?;
    assert_eq!(counts, counted(&[], Some(&place)));
    let log = function.logs().join("\n");
    assert!(log.contains("add it to the parameter DetectorNamespaces"), "{log}");
    Ok(())
}

#[tokio::test]
async fn an_expired_exclusion_takes_nothing_out_and_is_told() -> Result<()> {
    let world = world("loaded-expired").await?;
    let place = format!("s3://{}/own.yaml", world.bucket);
    let exclusion = |expires: &str| {
        let pattern = "'{ $.userIdentity.userName = \"alice\" }'";
        format!(
            "exclude:\n  - {{ name: Alice, owner: Security, reason: r, expires: {expires}, pattern: {pattern} }}\n"
        )
    };
    world.put("own.yaml", detector("One", &exclusion("9999-12-31")).as_bytes()).await?;
    let function = world.start(&[("TRAILMETER_DETECTORS", &place), AT_ONCE, WATCHED])?;
    let (counts, _) = invoke(&world, &function).await?;
    let mut expected = counted(&[], None);
    expected.add("MatchesExcluded", RECORDS);
    expected.add("MatchesExcluded{Detector=One}", RECORDS);
    assert_eq!(counts, expected);

    world.put("own.yaml", detector("One", &exclusion("2020-02-29")).as_bytes()).await?;
    let (counts, log) = invoke(&world, &function).await?;
    let mut expected = counted(&["One"], None);
    expected.add("ExclusionsExpired", 1);
    expected.add("ExclusionsExpired{Detector=One}", 1);
    assert_eq!(counts, expected);
    for said in ["exclusion expired", "One", "Alice", "Security", "2020-02-29"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert_eq!(invoke(&world, &function).await?.0, counted(&["One"], None), "told once a day");
    Ok(())
}
