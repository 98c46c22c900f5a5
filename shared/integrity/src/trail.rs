//! Which digests are a trail's.

use crate::digest_key::{Chain, DigestKey};

/// What a trail is, as far as its digests say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// The region it is of.
    pub home_region: String,
    /// The account it is of: of an organisation, its management account.
    pub account: String,
    /// The organisation whose member accounts it logs.
    pub organization: Option<String>,
    /// The bucket it delivers to.
    pub bucket: String,
    /// The prefix in the bucket, without the slash; empty if there is none.
    pub prefix: String,
}

impl Trail {
    /// Name, region and account of a trail's ARN; `None` if it is no ARN of a trail.
    ///
    /// ```
    /// use trailmeter_integrity::Trail;
    /// let (name, region, account) = Trail::of_arn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/ours").unwrap();
    /// assert_eq!((name, region, account), ("ours", "eu-west-1", "111122223333"));
    /// ```
    pub fn of_arn(arn: &str) -> Option<(&str, &str, &str)> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "cloudtrail", region, account, resource] = parts[..] else { return None };
        let name = resource.strip_prefix("trail/").filter(|name| !name.is_empty())?;
        trailmeter_logs::is_account(account).then_some((name, region, account))
    }

    /// The chain of digests of one account and region.
    pub fn chain(&self, account: &str, region: &str) -> Chain {
        Chain {
            prefix: self.prefix.clone(),
            organization: self.organization.clone(),
            account: account.to_owned(),
            region: region.to_owned(),
            trail: self.name.clone(),
            home_region: self.home_region.clone(),
            is_backfill: false,
        }
    }

    /// Whether a digest of this key is the trail's: those of any region, and of an organisation those of any member.
    pub fn has(&self, bucket: &str, key: &DigestKey) -> bool {
        let Chain { prefix, organization, account, trail, home_region, .. } = &key.chain;
        let is_member = match &self.organization {
            Some(_) => *organization == self.organization,
            None => organization.is_none() && *account == self.account,
        };
        is_member
            && (bucket, &prefix[..]) == (&self.bucket, &self.prefix)
            && (trail, home_region) == (&self.name, &self.home_region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_trails_are_read_from_arns() {
        for (arn, expected) in [
            (
                "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/a_b",
                Some(("a_b", "us-gov-west-1", "111122223333")),
            ),
            ("arn:aws:cloudtrail:eu-west-1:111122223333:trail/", None),
            ("arn:aws:cloudtrail:eu-west-1:11112222333:trail/ours", None),
            ("arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/ours", None),
            ("arn:aws:s3:::bucket", None),
            ("ours", None),
        ] {
            assert_eq!(Trail::of_arn(arn), expected, "{arn}");
        }
    }

    #[test]
    fn digests_of_members_are_the_organisations() {
        let trail = Trail {
            name: "ours".to_owned(),
            home_region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            organization: None,
            bucket: "logs".to_owned(),
            prefix: "audit".to_owned(),
        };
        let organization = Trail { organization: Some("o-a1b2c3d4e5".to_owned()), ..trail.clone() };
        let chain = trail.chain("111122223333", "eu-west-1");
        let member = organization.chain("444455556666", "eu-west-1");
        for (trail, bucket, chain, expected) in [
            (&trail, "logs", chain.clone(), true),
            (&trail, "logs", Chain { is_backfill: true, ..chain.clone() }, true),
            (&trail, "other", chain.clone(), false),
            (&trail, "logs", Chain { account: "444455556666".to_owned(), ..chain.clone() }, false),
            (&trail, "logs", Chain { trail: "theirs".to_owned(), ..chain.clone() }, false),
            (&trail, "logs", Chain { home_region: "eu-west-1".to_owned(), ..chain.clone() }, false),
            (&trail, "logs", Chain { prefix: String::new(), ..chain.clone() }, false),
            (&trail, "logs", member.clone(), false),
            (&organization, "logs", member.clone(), true),
            (&organization, "logs", Chain { organization: Some("o-zzzzzzzzzz".to_owned()), ..member }, false),
            (&organization, "logs", chain.clone(), false),
        ] {
            assert_eq!(trail.has(bucket, &chain.key(jiff::Timestamp::UNIX_EPOCH)), expected, "{chain:?}");
        }
    }
}
