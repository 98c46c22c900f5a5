//! A deployment, by the name of its stack.

use trailmeter_aws::Clients;
use trailmeter_aws::operator::{AskProblem, StackFacts};

/// A stack by its name, or why it cannot be used.
pub(crate) async fn named(clients: &Clients, name: &str) -> anyhow::Result<StackFacts> {
    clients.stack(name).await.map_err(|error| match error.problem {
        AskProblem::Missing => anyhow::anyhow!("there is no stack {name} in this account and region"),
        AskProblem::Denied | AskProblem::Other => {
            anyhow::anyhow!("the stack {name} cannot be asked: {error}")
        }
    })
}
