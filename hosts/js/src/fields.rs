//! The parameters of a typed call, as JavaScript writes them one behind the
//! other: the length of a string in bytes, then the string. No string needs
//! escaping, and none can be taken for two.

use exchequer::{
    AccessCredentials, AccessRequirements, Client, DpopProof, ExchangeParameters, GrantRequest,
    JwtBearer, Refresh, Target, TokenRequest, Unauthorized,
};

use crate::input::Problem;

/// The length of a parameter that is absent.
const ABSENT: u32 = u32::MAX;

/// The bytes of a length.
const LENGTH: usize = 4;

/// The credentials of a request to a protected API, if it has any that can be read.
type Brought = Result<Option<AccessCredentials>, Unauthorized>;

/// The parameters that are still to be read, in their order.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The parameters that these bytes are.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next parameter; `None` when it is absent.
    pub(crate) fn optional(&mut self) -> Result<Option<&'a str>, Problem> {
        let (length, rest) = self.0.split_first_chunk::<LENGTH>().ok_or(MISSING)?;
        self.0 = rest;
        let length = u32::from_le_bytes(*length);
        if length == ABSENT {
            return Ok(None);
        }
        let (value, rest) = rest.split_at_checked(length as usize).ok_or(TOO_LONG)?;
        self.0 = rest;
        core::str::from_utf8(value).map(Some).map_err(|_| "a parameter is not UTF-8")
    }

    /// The next parameter, which must be there.
    pub(crate) fn required(&mut self) -> Result<&'a str, Problem> {
        self.optional()?.ok_or(MISSING)
    }

    /// Every parameter that is left.
    pub(crate) fn rest(&mut self) -> Result<Vec<String>, Problem> {
        let mut rest = Vec::new();
        while !self.0.is_empty() {
            rest.push(self.required()?.into());
        }
        Ok(rest)
    }

    /// A DPoP proof if there is one: the proof, and the method and the URL of the
    /// request, which are those of the token endpoint when they are absent.
    fn proof(&mut self) -> Result<Option<DpopProof>, Problem> {
        let Some(jwt) = self.optional()? else { return Ok(None) };
        let method = self.optional()?.unwrap_or("POST");
        Ok(Some(match self.optional()? {
            Some(url) => DpopProof::new(jwt, method, url),
            None => DpopProof::of_token_request(jwt),
        }))
    }

    /// What a request to a protected API brings, and what the API demands: an access
    /// token, or the `Authorization` header if there is one; the `DPoP` header, the
    /// method and the URL of the request if they are known; then as many scopes, then
    /// audiences.
    pub(crate) fn access(
        &mut self,
        is_header: bool,
        scopes: usize,
    ) -> Result<(Brought, AccessRequirements), Problem> {
        let token = self.optional()?;
        let (dpop, method, url) =
            (self.optional()?, self.optional()?.unwrap_or("GET"), self.optional()?);
        let brought = match (token, dpop, url) {
            _ if is_header => AccessCredentials::of_headers(token, dpop, method, url),
            (Some(token), Some(jwt), Some(url)) => {
                let proof = DpopProof::new(jwt, method, url);
                Ok(Some(AccessCredentials::with_dpop(token, proof)))
            }
            (token, ..) => Ok(token.map(|token| String::from(token).into())),
        };
        let mut scopes_and_audiences = self.rest()?;
        if scopes > scopes_and_audiences.len() {
            return Err("there are fewer scopes than were announced");
        }
        let audiences = scopes_and_audiences.split_off(scopes);
        let scopes = scopes_and_audiences;
        Ok((brought, AccessRequirements { scopes, audiences, origin: None }))
    }

    /// The request of a client: its id, the scope if there is one, a proof if there
    /// is one, and the grant with this number: 0 token exchange, 1 JWT bearer,
    /// 2 refresh, 3 client credentials.
    pub(crate) fn token_request(&mut self, grant: u32) -> Result<TokenRequest, Problem> {
        let client = Client::embedder(self.required()?);
        let scope = self.optional()?;
        let proof = self.proof()?;
        let request = self.grant(grant, client, scope)?;
        Ok(match proof {
            Some(proof) => request.with_dpop(proof),
            None => request,
        })
    }

    fn grant(
        &mut self,
        grant: u32,
        client: Client,
        scope: Option<&str>,
    ) -> Result<TokenRequest, Problem> {
        let grant = match grant {
            0 => {
                let mut parameters = ExchangeParameters {
                    subject_token: self.required()?,
                    subject_token_type: self.required()?,
                    actor_token: self.optional()?,
                    actor_token_type: self.optional()?,
                    requested_token_type: self.optional()?,
                    target: Target::default(),
                };
                parameters.target = Target::new(self.rest()?, scope);
                return Ok(TokenRequest::token_exchange(client, parameters));
            }
            1 => GrantRequest::JwtBearer(JwtBearer {
                assertion: self.required()?.into(),
                target: Target::new(self.rest()?, scope),
                ..JwtBearer::default()
            }),
            2 => GrantRequest::RefreshToken(Refresh {
                refresh_token: self.required()?.into(),
                target: Target::new(self.rest()?, scope),
            }),
            3 => GrantRequest::ClientCredentials(Target::new(self.rest()?, scope)),
            _ => return Err("there is no grant with this number"),
        };
        Ok(TokenRequest::new(client, grant))
    }
}

const MISSING: Problem = "a parameter is missing";
pub(crate) const TOO_LONG: Problem = "the parameters are longer than the input buffer";
