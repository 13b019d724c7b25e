//! The filter's configuration, with its secrets from the environment of the VM.

use exchequer::Filter;
use exchequer::config::{Problem, Problems, SecretSource};

/// The filter of this text.
pub(crate) fn read(text: &[u8]) -> Result<Filter, Problems> {
    let text = std::str::from_utf8(text).map_err(|_| {
        Problems(Vec::from([Problem {
            path: "document".into(),
            problem: "is not UTF-8".into(),
            remedy: "give the configuration as JSON text, in a `google.protobuf.StringValue`"
                .into(),
        }]))
    })?;
    Filter::parse(text)?.resolve(bring)
}

fn bring(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::Env(name) => std::env::var(name).map_err(|_| {
            "the VM has no such variable; name it in `vm_config.environment_variables`".into()
        }),
        SecretSource::File(_) => Err("a filter reads no files".into()),
    }
}
