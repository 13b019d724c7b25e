//! The platforms of the server's image, as Docker, Debian and npm call them.

use anyhow::{Result, bail};

/// Linux on a processor.
pub(super) struct Platform {
    /// `GOARCH`, as in `podman run --platform linux/amd64`.
    pub(super) oci: &'static str,
    pub(super) debian: &'static str,
    /// `process.arch`.
    pub(super) npm: &'static str,
}

const AMD64: Platform = Platform { oci: "amd64", debian: "amd64", npm: "x64" };
const ARM64: Platform = Platform { oci: "arm64", debian: "arm64", npm: "arm64" };

impl Platform {
    pub(super) fn all() -> Vec<Self> {
        vec![AMD64, ARM64]
    }

    /// That of this machine.
    pub(super) fn here() -> Result<Self> {
        match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => Ok(AMD64),
            ("linux", "aarch64") => Ok(ARM64),
            (system, processor) => bail!("there is no image for {system} on {processor}"),
        }
    }
}
