//! A configuration document: taken, or refused with problems that each name a remedy.
//! The engine of one that is taken answers.

use exchequer::{Answer, Config, Engine, Entropy, Failed, HostCrypto, Request, Step, Timestamp};

use crate::service::NOW;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let config = match Config::parse(text).and_then(|document| document.without_secrets()) {
        Ok(config) => config,
        Err(problems) => {
            assert!(!problems.0.is_empty());
            for problem in problems.0 {
                assert!(!problem.problem.is_empty() && !problem.remedy.is_empty());
            }
            return;
        }
    };
    let _ = config.warnings(Timestamp(NOW));
    let engine = Engine::new(config, HostCrypto::default());
    for path in ["/.well-known/oauth-authorization-server", "/oauth2/jwks", "/healthz"] {
        let mut step =
            engine.handle(Request::new("GET", path), Timestamp(NOW), Entropy::new([7; 32]));
        let status = loop {
            step = match step {
                Step::Done(reply) => break reply.status,
                Step::Ask(pending) => {
                    pending.resume(Answer::Failed { failed: Failed::Unsupported }).unwrap()
                }
            };
        };
        assert!([200, 404, 503].contains(&status), "{path}: {status}");
    }
}
