//! Who did it: the twelve shapes of `userIdentity`, brought down to a name that a person can act on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{shortened, text};
use super::sums::{attributed, summed_up};

/// Who made the call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// What kind of principal it is.
    pub kind: ActorKind,
    /// What people call it: `root`, a user's name, `ROLE/SESSION`, a service, an account.
    pub name: String,
    /// Its ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The account it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its unique id, which outlives a user or role of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// What the session was made from: the role, the user, or the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The id of the access key, which is no secret and is what has to be switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The service that called on its behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoked_by: Option<String>,
    /// Whether the session began with a second factor, where the record says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<bool>,
}

/// The kinds of principal.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    RoleSession,
    /// A session of `GetFederationToken`.
    FederatedUser,
    /// Somebody who signs in with SAML.
    SamlUser,
    /// Somebody who signs in with an identity provider of the web.
    WebIdentityUser,
    /// A person of IAM Identity Center.
    IdentityCenterUser,
    /// Somebody of another account; the owner of a resource is told no more.
    AwsAccount,
    /// A service of AWS.
    AwsService,
    /// Nobody: the request bore no credentials.
    Anonymous,
    /// The record does not say, or says something new. What stands there is read as another kind tomorrow.
    #[default]
    #[serde(other)]
    Unknown,
}

impl ActorKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::User => "user",
            Self::RoleSession => "role-session",
            Self::FederatedUser => "federated-user",
            Self::SamlUser => "saml-user",
            Self::WebIdentityUser => "web-identity-user",
            Self::IdentityCenterUser => "identity-center-user",
            Self::AwsAccount => "aws-account",
            Self::AwsService => "aws-service",
            Self::Anonymous => "anonymous",
            Self::Unknown => "unknown",
        }
    }
}

/// The fields in which S3 and others say that nobody asked.
const NAMELESS: [&str; 4] = ["accountId", "principalId", "userName", "arn"];

impl Actor {
    /// Who stands in a record. Of one that sums calls up it is who most of them are put down to.
    pub(super) fn of(record: &Value) -> Self {
        let named = attributed(record, "userIdentityArn").or_else(|| summed_up(record, "userIdentity"));
        match named {
            Some(named) if record["userIdentity"].is_null() => Self::named(named),
            _ => Self::of_identity(record),
        }
    }

    /// Somebody of whom there is no more than a name, which is an ARN if it looks like one.
    fn named(named: &str) -> Self {
        let mut fields = named.splitn(6, ':');
        let is_arn = fields.next() == Some("arn") && fields.clone().count() == 5;
        let (account, path) = if is_arn { (fields.nth(3), fields.next()) } else { (None, None) };
        let kind = match path.map(|path| path.split('/').next().unwrap_or(path)) {
            Some("root") => ActorKind::Root,
            Some("user") => ActorKind::User,
            Some("assumed-role" | "role") => ActorKind::RoleSession,
            Some("federated-user") => ActorKind::FederatedUser,
            // A service calls itself by its name.
            None if named.ends_with(".amazonaws.com") => ActorKind::AwsService,
            _ => ActorKind::Unknown,
        };
        let own = path.map_or(named, |path| path.split_once('/').map_or(path, |(_, own)| own));
        Self {
            kind,
            name: shortened(own),
            account: account.filter(|account| !account.is_empty()).map(str::to_owned),
            arn: is_arn.then(|| shortened(named)),
            ..Self::default()
        }
    }

    fn of_identity(record: &Value) -> Self {
        let identity = &record["userIdentity"];
        let session = &identity["sessionContext"];
        let kind = kind(record, identity);
        let arn = text(identity, "arn");
        Self {
            kind,
            name: shortened(&name(kind, identity)),
            account: text(identity, "accountId").filter(|_| kind != ActorKind::Anonymous),
            principal_id: text(identity, "principalId"),
            issuer: issuer(kind, identity),
            access_key: text(identity, "accessKeyId"),
            invoked_by: text(identity, "invokedBy"),
            mfa: session["attributes"]["mfaAuthenticated"].as_str().map(|said| said == "true"),
            arn,
        }
    }
}

fn kind(record: &Value, identity: &Value) -> ActorKind {
    if is_nameless(identity) {
        return ActorKind::Anonymous;
    }
    match identity["type"].as_str() {
        Some("Root") => ActorKind::Root,
        Some("IAMUser") => ActorKind::User,
        Some("AssumedRole" | "Role") => ActorKind::RoleSession,
        Some("FederatedUser") => ActorKind::FederatedUser,
        Some("SAMLUser") => ActorKind::SamlUser,
        Some("WebIdentityUser") => ActorKind::WebIdentityUser,
        Some("IdentityCenterUser") => ActorKind::IdentityCenterUser,
        Some("AWSAccount") => ActorKind::AwsAccount,
        Some("AWSService") => ActorKind::AwsService,
        // Events that services write about themselves have no type, and not always a name.
        None if identity["invokedBy"].is_string() || record["eventType"] == "AwsServiceEvent" => {
            ActorKind::AwsService
        }
        _ => ActorKind::Unknown,
    }
}

/// Whether the record says that nobody asked: today `anonymous`, once `ANONYMOUS_PRINCIPAL`.
fn is_nameless(identity: &Value) -> bool {
    NAMELESS.iter().filter_map(|field| identity[field].as_str()).any(|said| {
        said.eq_ignore_ascii_case("anonymous") || said.eq_ignore_ascii_case("ANONYMOUS_PRINCIPAL")
    })
}

fn name(kind: ActorKind, identity: &Value) -> String {
    let own = |field: &str| identity[field].as_str().filter(|said| !said.is_empty());
    let last = |field: &str, by: char| own(field).and_then(|said| said.rsplit(by).next());
    let known = match kind {
        ActorKind::Root => Some("root".to_owned()),
        ActorKind::Anonymous => Some("anonymous".to_owned()),
        ActorKind::RoleSession => role_session(identity),
        ActorKind::AwsService => own("invokedBy").map(str::to_owned),
        ActorKind::AwsAccount => own("accountId").map(|account| format!("account {account}")),
        ActorKind::IdentityCenterUser => identity["onBehalfOf"]["userId"].as_str().map(str::to_owned),
        ActorKind::FederatedUser => last("arn", '/').map(str::to_owned),
        _ => None,
    };
    let known = known.or_else(|| own("userName").or_else(|| last("arn", '/')).map(str::to_owned));
    let known = known.or_else(|| own("principalId").or_else(|| own("accountId")).map(str::to_owned));
    known.unwrap_or_else(|| kind.word().to_owned())
}

/// `ROLE/SESSION`. The session is what the caller chose, so the role comes first: that part is true.
fn role_session(identity: &Value) -> Option<String> {
    let of_arn =
        identity["arn"].as_str().and_then(|arn| arn.split_once(":assumed-role/")).map(|(_, path)| path);
    if let Some(path) = of_arn {
        return Some(path.to_owned());
    }
    let role = identity["sessionContext"]["sessionIssuer"]["userName"].as_str()?;
    let session =
        identity["principalId"].as_str().and_then(|id| id.split_once(':')).map(|(_, session)| session);
    Some(session.map_or_else(|| role.to_owned(), |session| format!("{role}/{session}")))
}

fn issuer(kind: ActorKind, identity: &Value) -> Option<String> {
    match kind {
        ActorKind::SamlUser | ActorKind::WebIdentityUser => text(identity, "identityProvider"),
        ActorKind::IdentityCenterUser => text(&identity["onBehalfOf"], "identityStoreArn"),
        _ => text(&identity["sessionContext"]["sessionIssuer"], "arn"),
    }
}
