//! To be built.

use alloc::string::String;

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {}

impl Config {
    /// Parses.
    ///
    /// # Errors
    /// never
    pub fn parse(_text: &str) -> Result<Document, String> {
        Ok(Document {})
    }
}

/// A configuration whose secrets are still references.
pub struct Document {}

impl Document {
    /// None.
    ///
    /// # Errors
    /// never
    pub fn without_secrets(self) -> Result<Config, String> {
        Ok(Config {})
    }
}
