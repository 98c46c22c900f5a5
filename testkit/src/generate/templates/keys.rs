//! KMS and Secrets Manager.

use super::super::actor::Actor;
use super::super::template::{Detector, Shape, Template, Trip::Counted};

const KEY: &str = r#""resources":[{"accountId":"«account»","type":"AWS::KMS::Key","ARN":"arn:aws:kms:«region»:«account»:key/«uuid»"}],"#;

pub(in super::super) const TEMPLATES: &[Template] = &[
    Template {
        name: "kms-decrypt",
        weight: 160,
        service: "kms",
        event: "Decrypt",
        actor: Actor::Role,
        shape: Shape::Read,
        trips: &[Counted(Detector::KmsDecrypt)],
        fields: r#""requestParameters":{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::«bucket»/«key»"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"},"responseElements":null,"additionalEventData":{"keyMaterialId":"«hex:64»"}"#,
        after: KEY,
    },
    Template {
        name: "kms-decrypt-through-service",
        weight: 40,
        service: "kms",
        event: "Decrypt",
        actor: Actor::UserThroughService("secretsmanager.amazonaws.com"),
        shape: Shape::Read,
        trips: &[Counted(Detector::KmsDecrypt)],
        fields: r#""requestParameters":{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:«region»:«account»:secret:«word»-«hex:6»","SecretVersionId":"«uuid»"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"},"responseElements":null"#,
        after: KEY,
    },
    Template {
        name: "kms-decrypt-denied",
        weight: 3,
        service: "kms",
        event: "Decrypt",
        actor: Actor::Role,
        shape: Shape::Read,
        trips: &[Counted(Detector::AccessDenied)],
        fields: r#""errorCode":"KMS.AccessDeniedException","errorMessage":"The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.","requestParameters":{"encryptionAlgorithm":"SYMMETRIC_DEFAULT"},"responseElements":null"#,
        after: KEY,
    },
    Template {
        name: "kms-generate-data-key",
        weight: 70,
        service: "kms",
        event: "GenerateDataKey",
        actor: Actor::Role,
        shape: Shape::Read,
        trips: &[],
        fields: r#""requestParameters":{"keyId":"arn:aws:kms:«region»:«account»:key/«uuid»","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::«bucket»","eventName":"Decrypt"},"keySpec":"AES_256"},"responseElements":null"#,
        after: KEY,
    },
    Template {
        name: "kms-rotate-key",
        weight: 3,
        service: "kms",
        event: "RotateKey",
        actor: Actor::Untyped("kms.amazonaws.com"),
        shape: Shape::ServiceEvent,
        trips: &[],
        fields: r#""requestParameters":null,"responseElements":null,"additionalEventData":{"keyId":"«uuid»","rotationType":"AUTOMATIC"},"serviceEventDetails":{"keyId":"«uuid»","errorCode":"AccessDenied"}"#,
        after: KEY,
    },
    Template {
        name: "secretsmanager-get-denied",
        weight: 4,
        service: "secretsmanager",
        event: "GetSecretValue",
        actor: Actor::Role,
        shape: Shape::Read,
        trips: &[Counted(Detector::AccessDenied)],
        fields: r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::«account»:assumed-role/«role»/«session» is not authorized to perform: secretsmanager:GetSecretValue on resource: «word» because no identity-based policy allows the secretsmanager:GetSecretValue action","requestParameters":null,"responseElements":null"#,
        after: "",
    },
];
