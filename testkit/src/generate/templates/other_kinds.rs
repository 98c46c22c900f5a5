//! Insight, network activity and aggregated events: records of other shapes, whole.

use super::super::actor::Actor;
use super::super::template::{Detector, Shape, Template, Trip, Trip::Counted};

/// A template that is the whole record.
const fn whole(name: &'static str, trips: &'static [Trip], fields: &'static str) -> Template {
    Template {
        name,
        weight: 1,
        service: "",
        event: "",
        actor: Actor::Null,
        shape: Shape::Whole,
        trips,
        fields,
        after: "",
    }
}

/// No `eventName`, no `userIdentity`; the error code of the insight is nested.
pub(in super::super) const INSIGHT: &[Template] = &[
    whole(
        "insight-call-rate",
        &[],
        r#"{"eventVersion":"1.09","eventTime":"«time»","awsRegion":"«region»","eventID":"«event»","eventType":"AwsCloudTrailInsight","recipientAccountId":"«account»","sharedEventID":"«uuid»","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"TerminateInstances","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.0020833333},"insight":{"average":6.3},"insightDuration":1,"baselineDuration":10080},"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:iam::«account»:user/«user»","average":6.3}],"baseline":[{"value":"arn:aws:iam::«account»:role/«role»","average":0.002}]}]}},"eventCategory":"Insight"}"#,
    ),
    whole(
        "insight-error-rate",
        &[],
        r#"{"eventVersion":"1.09","eventTime":"«time»","awsRegion":"«region»","eventID":"«event»","eventType":"AwsCloudTrailInsight","recipientAccountId":"«account»","sharedEventID":"«uuid»","insightDetails":{"state":"End","eventSource":"s3.amazonaws.com","eventName":"GetBucketPolicy","insightType":"ApiErrorRateInsight","errorCode":"AccessDenied","insightContext":{"statistics":{"baseline":{"average":0.1},"insight":{"average":11.8},"insightDuration":7,"baselineDuration":10080},"attributions":[{"attribute":"userAgent","insight":[{"value":"anonymous","average":11.8}],"baseline":[]}]}},"eventCategory":"Insight"}"#,
    ),
];

/// No user agent, request or response. The second record of a call that went through a VPC endpoint:
/// the call itself is counted by its management event, so of these only denials count.
pub(in super::super) const NETWORK_ACTIVITY: &[Template] = &[
    whole(
        "network-activity",
        &[],
        r#"{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA«role-id»:«session»","arn":"arn:aws:sts::«account»:assumed-role/«role»/«session»","accountId":"«account»","accessKeyId":"ASIA«upper:16»"},"eventTime":"«time»","eventSource":"kms.amazonaws.com","eventName":"Decrypt","awsRegion":"«region»","sourceIPAddress":"10.0.«int:0:250».«int:1:250»","requestID":"«request»","eventID":"«event»","eventType":"AwsVpceEvent","recipientAccountId":"«account»","sharedEventID":"«uuid»","vpcEndpointId":"vpce-«hex:17»","vpcEndpointAccountId":"«account»","eventCategory":"NetworkActivity"}"#,
    ),
    whole(
        "network-activity-denied",
        &[Counted(Detector::AccessDenied)],
        r#"{"eventVersion":"1.09","userIdentity":{"type":"AWSAccount","principalId":"AROA«role-id»:«session»","accountId":"«digits:12»"},"eventTime":"«time»","eventSource":"kms.amazonaws.com","eventName":"DescribeKey","awsRegion":"«region»","sourceIPAddress":"10.0.«int:0:250».«int:1:250»","errorCode":"VpceAccessDenied","errorMessage":"The request was denied due to a VPC endpoint policy","requestID":"«request»","eventID":"«event»","eventType":"AwsVpceEvents","recipientAccountId":"«account»","sharedEventID":"«uuid»","vpcEndpointId":"vpce-«hex:17»","vpcEndpointAccountId":"«account»","eventCategory":"NetworkActivity"}"#,
    ),
];

/// `eventId` with a small d, and sums where other records have an event.
pub(in super::super) const AGGREGATED: &[Template] = &[whole(
    "aggregated-api-activity",
    &[],
    r#"{"eventVersion":"1.0","accountId":"«account»","eventId":"«event»","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"«region»","eventSource":"s3.amazonaws.com","timeWindow":{"windowStart":"«created»","windowEnd":"«time»","windowSize":"PT5M"},"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"GetObject","value":«int:5:5000»}]},"details":[{"dimension":"userIdentityArn","statistics":[{"name":"arn:aws:sts::«account»:assumed-role/«role»/«session»","value":«int:1:500»}]},{"dimension":"errorCode","statistics":[{"name":"AccessDenied","value":«int:1:9»}]}]}}"#,
)];
