//! Techniques of MITRE ATT&CK, and what Security Hub calls the kind of thing that they are.

/// `T1562` of `T1562.008`.
pub(super) fn technique(id: &str) -> &str {
    id.split_once('.').map_or(id, |(technique, _)| technique)
}

/// The type of a finding with this technique, as `NAMESPACE/CATEGORY/CLASSIFIER`.
///
/// A technique may serve several tactics; named is the one for which detectors look for it. Of impact, Security Hub
/// speaks as effects.
///
/// Source: <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html>
pub(super) fn finding_type(id: &str) -> String {
    let path = match technique(id) {
        "T1078" | "T1190" => "TTPs/Initial Access",
        "T1059" | "T1648" | "T1651" => "TTPs/Execution",
        "T1098" | "T1136" | "T1525" => "TTPs/Persistence",
        "T1484" | "T1548" => "TTPs/Privilege Escalation",
        "T1070" | "T1535" | "T1562" | "T1578" | "T1599" | "T1666" => "TTPs/Defense Evasion",
        "T1040" | "T1110" | "T1552" | "T1555" | "T1556" => "TTPs/Credential Access",
        "T1069" | "T1087" | "T1526" | "T1580" | "T1619" => "TTPs/Discovery",
        "T1021" | "T1550" => "TTPs/Lateral Movement",
        "T1530" => "TTPs/Collection",
        "T1537" => "Effects/Data Exfiltration",
        "T1485" | "T1486" | "T1490" => "Effects/Data Destruction",
        "T1489" | "T1529" | "T1531" => "Effects/Denial of Service",
        "T1496" => "Effects/Resource Consumption",
        // A category is not asked for, and a classifier needs one.
        _ => return "TTPs".to_owned(),
    };
    format!("{path}/{id}")
}
