//! Findings: which there are, and where else than to the log they go.

use trailmeter_detection::finding::{FindingFormat, Product, WhichFindings};
use trailmeter_pipeline::FindingSettings;
use trailmeter_variables::{SettingsError, Variables};

use super::{EventBus, FindingsKept};

/// A line has about a kilobyte, and who has read a hundred of one kind has seen it.
const FINDING_LINES: usize = 100;
/// What more than that says is better read from the bucket.
const MOST_FINDING_LINES: usize = 10_000;

/// Which findings there are; those of all detectors but the ones for volume, unless it is said.
pub(super) fn findings(variables: Variables<'_>, namespace: &str) -> Result<FindingSettings, SettingsError> {
    let which = match variables.get("TRAILMETER_FINDINGS").as_deref() {
        None | Some("on") => WhichFindings::Usual,
        Some("all") => WhichFindings::All,
        Some("off") => WhichFindings::None,
        Some(_) => return Err(SettingsError::new("TRAILMETER_FINDINGS", "is none of on, all, off")),
    };
    let lines =
        variables.number("TRAILMETER_FINDING_LINES", 0..=MOST_FINDING_LINES)?.unwrap_or(FINDING_LINES);
    Ok(FindingSettings { which, lines, namespace: namespace.to_owned() })
}

/// Where they are kept and sent, beside the log.
pub(super) fn kept(variables: Variables<'_>) -> Result<FindingsKept, SettingsError> {
    let format = match variables.get("TRAILMETER_EVENT_FORMAT").as_deref() {
        None | Some("trailmeter") => FindingFormat::Trailmeter,
        Some("ocsf") => FindingFormat::Ocsf,
        Some("asff") => FindingFormat::Asff(product(variables)?),
        Some(_) => {
            return Err(SettingsError::new("TRAILMETER_EVENT_FORMAT", "is none of trailmeter, ocsf, asff"));
        }
    };
    let bus = variables.get("TRAILMETER_EVENT_BUS");
    if bus.is_none() && format != FindingFormat::Trailmeter {
        return Err(SettingsError::new(
            "TRAILMETER_EVENT_FORMAT",
            "is the format of events, and no bus is named: name one in TRAILMETER_EVENT_BUS",
        ));
    }
    let to_security_hub = variables.flag("TRAILMETER_SECURITY_HUB", false)?;
    Ok(FindingsKept {
        bucket: variables.get("TRAILMETER_FINDINGS_BUCKET"),
        event_bus: bus.map(|bus| EventBus { bus, format }),
        security_hub: to_security_hub.then(|| product(variables)).transpose()?,
    })
}

/// Findings of Security Hub's format are findings of a product, in the function's own account and region.
fn product(variables: Variables<'_>) -> Result<Product, SettingsError> {
    let arn = variables.get("TRAILMETER_PRODUCT_ARN");
    arn.as_deref().and_then(Product::parse).ok_or_else(|| {
        SettingsError::new(
            "TRAILMETER_PRODUCT_ARN",
            "is not set to the default product of this account in Security Hub: \
             arn:aws:securityhub:REGION:ACCOUNT:product/ACCOUNT/default",
        )
    })
}
