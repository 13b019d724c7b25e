//! Exchanges by the crate, whatever computes the signatures. `examples/native/tests`
//! compiles this file, too, so that this program does not fall behind the crate:
//! nothing else in the workspace does, for the sake of `aws-lc-rs`.

use anyhow::{Result, anyhow};
use exchequer::{
    Answer, Ask, Client, Config, Engine, Entropy, GrantRequest, HostCrypto, Step, Target,
    Timestamp, TokenExchange, TokenRequest, TokenType,
};

/// An engine, and who asks it for what.
pub(crate) struct Exchanges {
    engine: Engine,
    client: String,
    scope: String,
}

impl Exchanges {
    /// Of this client, for this scope, under this configuration.
    pub(crate) fn new(document: &str, client: &str, scope: &str, host: HostCrypto) -> Result<Self> {
        let config = Config::parse(document).map_err(|why| anyhow!("{why:?}"))?;
        let config = config.without_secrets().map_err(|why| anyhow!("{why:?}"))?;
        let engine = Engine::new(config, host);
        Ok(Self { engine, client: client.into(), scope: scope.into() })
    }

    /// Exchanges a subject token, and gives the token that was issued.
    pub(crate) fn of(
        &self,
        token: &str,
        now: u64,
        entropy: [u8; 32],
        answer: &mut impl FnMut(&Ask) -> Result<Answer>,
    ) -> Result<String> {
        let grant = GrantRequest::TokenExchange(TokenExchange {
            subject_token: token.into(),
            subject_token_type: TokenType::Jwt,
            target: Target::new(Vec::new(), Some(&self.scope)),
            ..TokenExchange::default()
        });
        let request = TokenRequest::new(Client::embedder(self.client.as_str()), grant);
        let mut step = self.engine.exchange(request, Timestamp(now), Entropy::new(entropy));
        loop {
            step = match step {
                Step::Done(decided) => {
                    let issued = decided.result.map_err(|refusal| anyhow!("{refusal:?}"))?;
                    return Ok(issued.access_token);
                }
                Step::Ask(pending) => {
                    let answer = answer(pending.ask())?;
                    pending.resume(answer).map_err(|misuse| anyhow!("{misuse:?}"))?
                }
            };
        }
    }
}
