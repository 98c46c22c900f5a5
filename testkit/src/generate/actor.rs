//! Who does what a record tells: the shapes of `userIdentity` and the source address with it.

/// Who does what a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor {
    /// A role's session; most of all calls.
    Role,
    /// An IAM user with a key.
    User,
    /// An IAM user at a sign-in, where no key is.
    UserAtSignIn,
    /// A sign-in with a name that is no user's, which CloudTrail hides.
    HiddenUser,
    /// An IAM user who is called anonymous; a user like any other.
    UserCalledAnonymous,
    /// A service that acts for a user.
    UserThroughService(&'static str),
    /// The root user at a console.
    Root,
    /// A service that acts for the root user; no use of the root user by CIS's rule.
    RootThroughService(&'static str),
    /// A person of the IAM Identity Center.
    IdentityCenter,
    /// A token of a web identity, before the role is assumed.
    WebIdentity,
    /// A service.
    Service(&'static str),
    /// `{accountId, invokedBy}` without a type, as service events have it.
    Untyped(&'static str),
    /// A caller of another account, as the owner of the resource sees it.
    OtherAccount,
    /// Nobody, as S3 writes it today.
    Anonymous,
    /// Nobody, as S3 wrote it until 2022.
    AnonymousBefore2022,
    /// Nobody, as services write it that know the owner's account.
    AnonymousUnknown,
    /// A `userIdentity` that is null.
    Null,
}

impl Actor {
    /// The JSON text of `userIdentity`.
    pub(super) fn identity(self) -> String {
        match self {
            Self::Role => r#"{"type":"AssumedRole","principalId":"AROA«role-id»:«session»","arn":"arn:aws:sts::«account»:assumed-role/«role»/«session»","accountId":"«account»","accessKeyId":"ASIA«access-key»","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA«role-id»","arn":"arn:aws:iam::«account»:role/«role»","accountId":"«account»","userName":"«role»"},"webIdFederationData":{},"attributes":{"creationDate":"«created»","mfaAuthenticated":"false"}}}"#.to_owned(),
            Self::User => r#"{"type":"IAMUser","principalId":"AIDA«user-id»","arn":"arn:aws:iam::«account»:user/«user»","accountId":"«account»","accessKeyId":"AKIA«access-key»","userName":"«user»"}"#.to_owned(),
            Self::UserAtSignIn => r#"{"type":"IAMUser","principalId":"AIDA«user-id»","arn":"arn:aws:iam::«account»:user/«user»","accountId":"«account»","userName":"«user»"}"#.to_owned(),
            Self::HiddenUser => r#"{"type":"IAMUser","accountId":"«account»","accessKeyId":"","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#.to_owned(),
            Self::UserCalledAnonymous => r#"{"type":"IAMUser","principalId":"AIDA«user-id»","arn":"arn:aws:iam::«account»:user/anonymous","accountId":"«account»","accessKeyId":"AKIA«access-key»","userName":"anonymous"}"#.to_owned(),
            Self::UserThroughService(by) => format!(r#"{{"type":"IAMUser","principalId":"AIDA«user-id»","arn":"arn:aws:iam::«account»:user/«user»","accountId":"«account»","accessKeyId":"ASIA«access-key»","userName":"«user»","sessionContext":{{"sessionIssuer":{{}},"webIdFederationData":{{}},"attributes":{{"creationDate":"«created»","mfaAuthenticated":"true"}}}},"invokedBy":"{by}"}}"#),
            Self::Root => r#"{"type":"Root","principalId":"«account»","arn":"arn:aws:iam::«account»:root","accountId":"«account»","accessKeyId":"ASIA«access-key»","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":"«created»","mfaAuthenticated":"true"}}}"#.to_owned(),
            Self::RootThroughService(by) => format!(r#"{{"type":"Root","principalId":"«account»","arn":"arn:aws:iam::«account»:root","accountId":"«account»","accessKeyId":"ASIA«access-key»","invokedBy":"{by}"}}"#),
            Self::IdentityCenter => r#"{"type":"IdentityCenterUser","accountId":"«account»","onBehalfOf":{"userId":"«uuid»","identityStoreArn":"arn:aws:identitystore::«account»:identitystore/d-«hex:10»"},"credentialId":"«base64:86»"}"#.to_owned(),
            Self::WebIdentity => r#"{"type":"WebIdentityUser","principalId":"arn:aws:iam::«account»:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:example/«word»:ref:refs/heads/main","userName":"repo:example/«word»:ref:refs/heads/main","identityProvider":"arn:aws:iam::«account»:oidc-provider/token.actions.githubusercontent.com"}"#.to_owned(),
            Self::Service(by) => format!(r#"{{"type":"AWSService","invokedBy":"{by}"}}"#),
            Self::Untyped(by) => format!(r#"{{"accountId":"«account»","invokedBy":"{by}"}}"#),
            Self::OtherAccount => r#"{"type":"AWSAccount","principalId":"AROA«role-id»:«session»","accountId":"«digits:12»"}"#.to_owned(),
            Self::Anonymous => r#"{"type":"AWSAccount","principalId":"","accountId":"anonymous"}"#.to_owned(),
            Self::AnonymousBefore2022 => r#"{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}"#.to_owned(),
            Self::AnonymousUnknown => r#"{"type":"Unknown","principalId":"anonymous","arn":"anonymous","accountId":"«account»","userName":"anonymous"}"#.to_owned(),
            Self::Null => "null".to_owned(),
        }
    }

    /// The text of `sourceIPAddress` and of `userAgent`: services give their name for both.
    pub(super) fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::UserThroughService(by)
            | Self::RootThroughService(by)
            | Self::Service(by)
            | Self::Untyped(by) => (by, by),
            Self::HiddenUser | Self::UserAtSignIn | Self::Root => ("«ip»", "«browser»"),
            _ => ("«ip»", "«agent»"),
        }
    }

    /// Whether a TLS connection from outside was there to be described.
    pub(super) fn has_connection(self) -> bool {
        self.source().0 == "«ip»"
    }
}
