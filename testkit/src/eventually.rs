//! Waiting on state: look, and look again, until it is there or a bound is reached.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// Looks before it is given up: two minutes and the time that the looks take.
const LOOKS: u32 = 600;

/// Waits until a probe finds what it looks for.
///
/// A probe's error is no end: services in the middle of starting answer with errors. The last one
/// is told if what was awaited never came. `what` completes the sentence "waited in vain for".
pub async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    eventually_within(LOOKS, what, probe).await
}

/// [`eventually`] with another bound.
pub async fn eventually_within<T>(
    looks: u32,
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let mut last = None;
    for look in 0..looks {
        if look > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        match probe().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => last = None,
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow!("{looks} looks found nothing")))
        .with_context(|| format!("waited in vain for {what}"))
}

#[cfg(test)]
mod tests {
    use super::eventually_within;
    use anyhow::{Result, bail};

    #[tokio::test]
    async fn it_comes_late_or_never() -> Result<()> {
        let mut looks = 0;
        let found = eventually_within(5, "the third look", async || {
            looks += 1;
            if looks == 1 {
                bail!("not yet");
            }
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(found.await?, 3);
        let never: Result<()> = eventually_within(2, "nothing", async || bail!("the reason")).await;
        let error = never.err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert_eq!(error, "waited in vain for nothing: the reason");
        Ok(())
    }
}
