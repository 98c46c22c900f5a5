//! Tools are installed by `bench/peers/install`, a script, so that anybody can run one by hand.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Peer, Tools};

/// Scripts, queries and rules of the peers.
pub(super) fn folder_of_scripts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers")
}

impl Peer {
    /// Installs the pinned version below [`Tools::folder`]; does nothing if it is there already. What it
    /// fetches is printed; an error says what is missing and that the peer can be left out by name.
    pub(crate) fn install(&self, tools: &Tools) -> Result<()> {
        let name = self.name;
        let script = folder_of_scripts().join("install");
        let status = Command::new(&script)
            .arg(&tools.folder)
            .arg(name)
            .status()
            .with_context(|| format!("cannot start {}", script.display()))?;
        ensure!(
            status.success(),
            "{name} cannot be installed (see above); to go without: PEERS_WITHOUT={name}"
        );
        Ok(())
    }
}
