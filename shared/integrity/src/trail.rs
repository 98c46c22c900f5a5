//! Which digests are a trail's.

use crate::digest_key::Chain;

/// A trail, as its ARN names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// The region it is of.
    pub home_region: String,
    /// The account it is of: of an organisation, its management account.
    pub account: String,
}

/// An ARN that is not one of a trail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ARN of a trail: arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME")]
pub struct NotATrail(String);

impl Trail {
    /// The trail that an ARN names.
    ///
    /// ```
    /// use trailmeter_integrity::Trail;
    /// let trail = Trail::of_arn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/ours").unwrap();
    /// assert_eq!((trail.name.as_str(), trail.home_region.as_str()), ("ours", "eu-west-1"));
    /// ```
    pub fn of_arn(arn: &str) -> Result<Self, NotATrail> {
        Self::read(arn).ok_or_else(|| NotATrail(arn.to_owned()))
    }

    fn read(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "cloudtrail", region, account, resource] = parts[..] else { return None };
        let name = resource.strip_prefix("trail/").filter(|name| !name.is_empty())?;
        trailmeter_logs::is_account(account).then(|| Self {
            name: name.to_owned(),
            home_region: region.to_owned(),
            account: account.to_owned(),
        })
    }

    /// Whether a digest of this chain says that it is the trail's. Of which account it may be is another question: an
    /// organisation's trail has those of all members.
    pub fn names(&self, chain: &Chain) -> bool {
        (&chain.trail, &chain.home_region) == (&self.name, &self.home_region)
    }
}

/// The trails whose digests belong into a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trails {
    /// The trails.
    pub trails: Vec<Trail>,
    /// The organisation, if one of them is an organisation's and has digests of all its members.
    pub organization: Option<String>,
}

impl Trails {
    /// Whether the digests of a chain are one of these trails': those of any region, and of an organisation those of any
    /// member.
    pub fn have(&self, chain: &Chain) -> bool {
        // An organisation's are below its own folder. Beside it are those of a trail that is one account's, or was.
        self.trails.iter().any(|trail| {
            trail.names(chain)
                && match &chain.organization {
                    Some(_) => chain.organization == self.organization,
                    None => chain.account == trail.account,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trails_are_read_from_arns() {
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
            let trail = Trail::of_arn(arn).ok();
            let parts = trail.as_ref().map(|trail| (&*trail.name, &*trail.home_region, &*trail.account));
            assert_eq!(parts, expected, "{arn}");
        }
        let error = Trail::of_arn("ours\n").unwrap_err().to_string();
        assert_eq!(error, r#""ours\n" is no ARN of a trail: arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME"#);
    }

    #[test]
    fn digests_of_members_are_the_organisations() {
        let trail = Trail::of_arn("arn:aws:cloudtrail:us-east-1:111122223333:trail/ours").unwrap();
        let one = Trails { trails: vec![trail], organization: None };
        let all = Trails { organization: Some("o-a1b2c3d4e5".to_owned()), ..one.clone() };
        let chain = Chain {
            prefix: "audit".to_owned(),
            organization: None,
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            trail: "ours".to_owned(),
            home_region: "us-east-1".to_owned(),
            is_backfill: false,
        };
        let of = |account: &str, chain: &Chain| Chain { account: account.to_owned(), ..chain.clone() };
        let own = Chain { organization: all.organization.clone(), ..chain.clone() };
        let another = Chain { organization: Some("o-zzzzzzzzzz".to_owned()), ..chain.clone() };
        for (trails, chain, expected) in [
            (&one, chain.clone(), true),
            (&one, Chain { is_backfill: true, ..chain.clone() }, true),
            (&one, of("444455556666", &chain), false),
            (&one, Chain { trail: "theirs".to_owned(), ..chain.clone() }, false),
            (&one, Chain { home_region: "eu-west-1".to_owned(), ..chain.clone() }, false),
            (&one, own.clone(), false),
            (&all, own.clone(), true),
            (&all, of("444455556666", &own), true),
            (&all, Chain { trail: "theirs".to_owned(), ..own }, false),
            (&all, another, false),
            (&all, of("444455556666", &chain), false),
            // From before the trail was made the organisation's.
            (&all, chain, true),
        ] {
            assert_eq!(trails.have(&chain), expected, "{chain:?}");
        }
    }
}
