//! What CloudTrail records beside the operations of public models: sign-ins, what consoles do, what
//! services report of themselves, and calls that CloudTrail names otherwise than the model does.
//!
//! Sources: AWS's pages on CloudTrail for sign-in, IAM Identity Center, KMS, Secrets Manager, EC2, S3
//! and `CloudShell`, and records of these events. The list need not be whole: what is missing here is
//! merely not known, and only the sources in `WHOLE` are taken at their word.

/// Sources that no model has.
pub(super) const SOURCES: [&str; 23] = [
    "aws-portal",
    "billingconsole",
    "cloudshell",
    "codestar",
    "codewhisperer",
    "console",
    "ec2messages",
    "elastictranscoder",
    "evidently",
    "iotanalytics",
    "iotevents",
    "macie",
    "nimble",
    "opsworks",
    "opsworks-cm",
    "q",
    "qldb",
    "robomaker",
    "sms",
    "spot",
    "ssmmessages",
    "user-subscriptions",
    "worklink",
];

/// Names of events by their source.
pub(super) const EVENTS: [(&str, &str); 16] = [
    ("bedrock", "PutFoundationModelEntitlement"),
    (
        "cloudshell",
        "CreateEnvironment CreateSession DeleteEnvironment DeleteSession GetEnvironmentStatus GetFileDownloadUrls \
         GetFileUploadUrls GetLayout PutCredentials RedeemCode StartEnvironment StopEnvironment UpdateLayout",
    ),
    ("discovery-marketplace", "GetListingView"),
    (
        "ec2",
        "BidEvictedEvent BidFulfilledEvent CancelledSpotInstanceRequest RegisterManagedInstance \
         SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated",
    ),
    (
        "ec2messages",
        "AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendHeartbeat SendReply",
    ),
    (
        "iam",
        "DeleteCloudFrontPublicKey GetAccountEmailAddress GetAccountName GetCloudFrontPublicKey \
         ListCloudFrontPublicKeys ListSTSRegionalEndpointsStatus SetSTSRegionalEndpointStatus \
         UpdateAccountEmailAddress UpdateAccountName UpdateCloudFrontPublicKey UploadCloudFrontPublicKey",
    ),
    ("kms", "DeleteExpiredKeyMaterial DeleteKey RotateKey SynchronizeMultiRegionKey"),
    (
        "organizations",
        "AccountDepartedOrganization AccountJoinedOrganization CloseAccountResult CreateAccountResult",
    ),
    ("rds", "DescribeRecommendationGroups DescribeRecommendations DownloadCompleteDBLogFile"),
    (
        "s3",
        "DeleteAccountPublicAccessBlock DeleteBucketPublicAccessBlock GetAccelerateConfiguration \
         GetAccountPublicAccessBlock GetBucketObjectLockConfiguration GetBucketPublicAccessBlock \
         GetStorageLensDashboardDataInternal PreflightRequest PutAccelerateConfiguration \
         PutAccountPublicAccessBlock PutBucketObjectLockConfiguration PutBucketPublicAccessBlock",
    ),
    (
        "secretsmanager",
        "CancelSecretVersionDelete EndSecretVersionDelete RotationAbandoned RotationFailed RotationStarted \
         RotationSucceeded StartSecretVersionDelete TestRotationFailed TestRotationStarted TestRotationSucceeded",
    ),
    (
        "signin",
        "AuthorizeOAuth2Access CheckMfa ConsoleLogin CreateOAuth2Token CredentialChallenge CredentialVerification \
         EmailUpdated ExitRole ExternalIdPDirectoryLogin GetSigninToken PasswordRecoveryCompleted \
         PasswordRecoveryRequested PasswordUpdated RenewRole SwitchRole UserAuthentication",
    ),
    (
        "ssm",
        "RegisterManagedInstance RequestManagedInstanceRoleToken UpdateInstanceAssociationStatus UpdateInstanceInformation",
    ),
    ("ssmmessages", "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel"),
    (
        "sso",
        "AssociateDirectory AssociateProfile Authenticate CreateApplicationInstance CreateProfile CreateTrust \
         DeleteApplicationInstance DeleteProfile DescribePermissionsPolicies DisassociateDirectory DisassociateProfile \
         Federate GetApplicationInstance GetSSOStatus GetSsoConfiguration GetTrust ListApplicationInstances \
         ListApplications ListDirectoryAssociations ListProfileAssociations ListProfiles ListProfilesForApplication \
         Logout StartSSO UpdateApplicationInstanceStatus UpdateDirectoryAssociation UpdateProfile \
         UpdateSsoConfiguration UpdateTrust",
    ),
    (
        "sso-directory",
        "AddMemberToGroup CompleteVirtualMfaDeviceRegistration CreateBearerToken CreateExternalIdPConfigurationForDirectory \
         CreateGroup CreateProvisioningTenant CreateUser DeleteBearerToken DeleteExternalIdPConfigurationForDirectory \
         DeleteGroup DeleteMfaDeviceForUser DeleteProvisioningTenant DeleteUser DescribeDirectory DisableExternalIdPConfigurationForDirectory \
         DisableUser EnableExternalIdPConfigurationForDirectory EnableUser ListBearerTokens ListExternalIdPConfigurationsForDirectory \
         ListMembersInGroup ListMfaDevicesForUser RemoveMemberFromGroup SearchGroups SearchUsers StartVirtualMfaDeviceRegistration \
         UpdateExternalIdPConfigurationForDirectory UpdateGroup UpdateMfaDeviceForUser UpdatePassword UpdateUser VerifyEmail",
    ),
];
