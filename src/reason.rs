//! Reason codes: why a request was refused, in words that stay the same.
//!
//! A code is dotted: what was checked, then what was wrong with it. A reason
//! that concerns a token is written after the parameter that carried it, as in
//! `subject_token.claim.aud.mismatch` or `client_assertion.signature.rejected`;
//! every other stands alone. [`ALL`] is the catalogue that the reference of
//! reason codes is made from.

use alloc::string::String;
use core::fmt;

/// A reason for a refusal.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// The code, without the name of the parameter.
    pub code: &'static str,
    /// Whether it is written after the name of the parameter that carried the
    /// token.
    pub of_token: bool,
    /// What it means.
    pub cause: &'static str,
    /// What to do about it, and where.
    pub remedy: &'static str,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// The parameters that a reason of a token may stand behind.
pub const PARAMETERS: [&str; 6] =
    ["subject_token", "actor_token", "assertion", "client_assertion", "refresh_token", "token"];

/// A reason code as it is written in audit lines and errors. Only its schema is
/// of use: the codes themselves are text.
#[cfg(feature = "schema")]
pub(crate) struct ReasonCode;

macro_rules! catalogue {
    ($($of_token:ident $name:ident $code:literal, $cause:literal, $remedy:literal;)*) => {
        $(
            #[doc = $cause]
            pub static $name: Reason = Reason {
                code: $code,
                of_token: catalogue!(@ $of_token),
                cause: $cause,
                remedy: $remedy,
            };
        )*
        /// Every reason, in the order in which a request meets them.
        pub static ALL: &[&Reason] = &[$(&$name),*];
    };
    (@ token) => { true };
    (@ request) => { false };
}

catalogue! {
    request BODY_TOO_LARGE "request.body.too_large",
        "The request body is longer than 64 KiB.",
        "Send a smaller body; a token of that size is refused as well.";
    request CONTENT_TYPE "request.content_type.unsupported",
        "The body is not `application/x-www-form-urlencoded`.",
        "Send the parameters as a form, not as JSON or multipart (RFC 6749 section 3.2).";
    request QUERY_CREDENTIALS "request.query.credentials",
        "A token or a secret stood in the URL, where logs and proxies see it.",
        "Send every parameter in the request body (RFC 6749 section 2.3.1).";
    request REPEATED "request.parameter.repeated",
        "A parameter was sent more than once.",
        "Send each parameter once; only `audience` and `resource` may repeat.";
    request MISSING "request.parameter.missing",
        "A required parameter is missing or empty.",
        "Send the parameter that the message names.";
    request MALFORMED "request.parameter.malformed",
        "A parameter has a value that cannot be what it should be.",
        "Correct the parameter that the message names.";
    request UNSUPPORTED "request.parameter.unsupported",
        "A parameter that would change the meaning of the request is not supported.",
        "Leave out the parameter that the message names.";
    request TOO_MANY "request.parameter.too_many",
        "The request has more than 100 parameters.",
        "Send only the parameters of the grant.";
    request GRANT_UNKNOWN "grant_type.unknown",
        "The grant type is not one that this server has.",
        "Send one of the `grant_types_supported` of the metadata document.";
    request GRANT_NOT_ALLOWED "grant_type.not_allowed",
        "The application may not use this grant type.",
        "Add the grant type to the application's `grantTypes`.";
    request CLIENT_MISSING "client.authentication.missing",
        "The request does not say which application it comes from.",
        "Send client credentials in the `Authorization` header, or `client_id` in the body.";
    request CLIENT_SEVERAL "client.authentication.several_methods",
        "The client authenticated in more than one way.",
        "Use exactly one of HTTP Basic, `client_secret` in the body, or `client_assertion`.";
    request CLIENT_UNKNOWN "client.unknown",
        "There is no application with this client id.",
        "Check `client_id` against the `applications` of the configuration.";
    request CLIENT_SECRET "client.authentication.rejected",
        "The client's credentials are not the ones the application is registered with.",
        "Check the client secret; it may have been changed or encoded twice.";
    request CLIENT_METHOD "client.authentication.wrong_method",
        "The application is not registered for this way of authenticating.",
        "Authenticate in the way the application is registered for, or change its `clientSecret`, `jwks` or `jwksUri`.";

    token TYPE "type.unsupported",
        "The declared token type is not accepted here.",
        "Send one of the token types that the message names.";
    token TOO_LARGE "shape.too_large",
        "The token is longer than 16 KiB.",
        "Ask the issuer for a token with fewer claims.";
    token ENCRYPTED "shape.encrypted",
        "The token is encrypted (JWE); only signed tokens are accepted.",
        "Have the issuer send a signed JWT for this audience.";
    token NOT_COMPACT "shape.not_compact",
        "The token is not three base64url parts with dots between them.",
        "Send the JWT whole and unchanged; opaque tokens of a third party cannot be validated here.";
    token NOT_BASE64URL "shape.base64url",
        "A part of the token is not canonical unpadded base64url.",
        "Send the token as the issuer made it.";
    token NOT_JSON "shape.json",
        "The token's header or payload is not a JSON object that has one meaning: a member stands twice, or it is nested too deeply.",
        "Report it to the issuer: such a token means different things to different readers.";
    token ALG_FORBIDDEN "header.alg.forbidden",
        "The token's `alg` is missing, `none`, symmetric or unknown.",
        "Have the issuer sign with one of RS256, PS256, ES256 or EdDSA, or their longer variants.";
    token CRIT "header.crit.present",
        "The token has extensions that must be understood (`crit`), and none are understood here.",
        "Have the issuer leave out `crit`.";
    token B64 "header.b64.present",
        "The token uses the unencoded payload option (`b64`), which a JWT must not.",
        "Have the issuer leave out `b64` (RFC 7797 section 7).";
    token HEADER_MALFORMED "header.malformed",
        "A header parameter has the wrong JSON type.",
        "Report it to the issuer.";
    token TYP_MISMATCH "header.typ.mismatch",
        "The token is of another kind than was declared: an ID token is not an access token, nor the other way round.",
        "Declare the token type that the token is, or send the right token.";
    token CLAIM_MISSING "claim.missing",
        "A claim that is needed is missing.",
        "Have the issuer include `iss`, `sub`, `aud` and `exp`.";
    token CLAIM_TYPE "claim.wrong_type",
        "A claim has the wrong JSON type.",
        "Report it to the issuer; RFC 7519 section 4.1 says which types these claims have.";
    token ISSUER_UNKNOWN "issuer.unknown",
        "No trusted token issuer is registered with exactly this `iss`.",
        "Register the issuer in `trustedTokenIssuers`; the comparison is exact, a trailing slash included.";
    token ISSUER_SELF "issuer.self",
        "A token of this server was sent as an assertion.",
        "Exchange it with the token exchange grant, or send an assertion of a trusted token issuer.";
    token OWN_PUBLIC "own.public_client",
        "A public client sent a token of this server to be exchanged. It cannot prove who it is, so that whoever holds the token could get one for another audience.",
        "Exchange tokens of this server in a back end, with an application that authenticates.";
    token NOT_ITS_TOKEN "own.other_application",
        "The issued token belongs to another application: the one that presents it neither got it nor is its audience.",
        "Present a token that was issued to the application, or one whose `aud` is among the application's `resources` (default: its client id).";
    token NO_EVIDENCE "own.no_evidence",
        "An earlier version of this server issued the token and did not record what it was issued for.",
        "Get a new token with a fresh subject token.";
    token GRANT_WITHDRAWN "own.grant_withdrawn",
        "The application that the token was issued to may no longer use the grant that it was issued by.",
        "Add the grant type to the application's `grantTypes`, or get a new token by another grant.";
    token CONDITIONS_CHANGED "own.conditions_changed",
        "The conditions on the issuer's tokens are not those that held when the token was issued. They cannot be checked again on an issued token.",
        "Get a new token with a fresh subject token; give two applications that pass tokens on the same `conditions` for the issuer.";
    token ACCOUNT_MODE "own.account_mode",
        "The token would be about another subject today: an application does not use local accounts, or the subject was linked to one later.",
        "Get a new token; set `subject.useMappedLocalSubject` of an application that exchanges tokens about local accounts.";
    token ISSUER_GONE "issuer.gone",
        "The trusted token issuer that the issued token came from is not registered any more.",
        "Get a new token with a subject token of a registered issuer.";
    token ISSUER_DISABLED "issuer.disabled",
        "The trusted token issuer is switched off.",
        "Set `enabled` of the trusted token issuer.";
    token ISSUER_NOT_ALLOWED "issuer.not_allowed",
        "The application may not exchange tokens of this issuer.",
        "Add the issuer's name to the application's `trustedTokenIssuers`.";
    token ALG_NOT_ALLOWED "algorithm.not_allowed",
        "The issuer's tokens may not be signed with this algorithm.",
        "Add the algorithm to the issuer's `algorithms`, if the issuer really uses it.";
    token KEY_NOT_FOUND "key.not_found",
        "The issuer publishes no usable key for this token.",
        "Check that the issuer's key set has a signature key with the token's `kid` and an algorithm that fits.";
    token KEY_AMBIGUOUS "key.ambiguous",
        "The token names no key (`kid`), and more than one of the issuer's would fit.",
        "Have the issuer name the key in its tokens.";
    token CERTIFICATE_EXPIRED "key.certificate_expired",
        "Every certificate of the issuer that would fit has expired or is not valid yet.",
        "Register the issuer's current certificate; old and new may stand side by side.";
    token KEYS_UNAVAILABLE "key.unavailable",
        "The issuer's keys could not be reached: the server's name, the connection, its TLS certificate, the time limit or the HTTP status is at fault. The trace says which.",
        "Try again after the time in `Retry-After`. The operator: check that the URL that the trace names answers with status 200 from where this server runs; for a slow issuer raise its `readTimeoutMs`; let this machine trust the authority of the certificate (`NODE_EXTRA_CA_CERTS` in Node).";
    token KEYS_UNUSABLE "key.document_unusable",
        "The issuer's server answered, but not with a JWK set, or not with the discovery document of that issuer. The trace says with what.",
        "Correct `certificate` of the trusted token issuer: what `jwksUri` names has to be a JWK set (RFC 7517 section 5) of at most 512 KiB, without a redirect to another host; for `discovery`, register exactly the issuer that the document names, or give `jwksUri` instead.";
    token SIGNATURE "signature.rejected",
        "The signature is not the issuer's.",
        "Check that the token reached this server unchanged and that the keys registered are the issuer's.";
    token EXPIRED "claim.exp.expired",
        "The token has expired.",
        "Get a fresh token; if clocks differ, see the issuer's `clockSkewSeconds`.";
    token NOT_YET "claim.nbf.early",
        "The token is not valid yet.",
        "Wait until its `nbf`; if clocks differ, see the issuer's `clockSkewSeconds`.";
    token ISSUED_IN_FUTURE "claim.iat.future",
        "The token was issued in the future.",
        "Check the clocks; see the issuer's `clockSkewSeconds`.";
    token TOO_OLD "claim.iat.too_old",
        "The token was issued longer ago than is accepted.",
        "Get a fresh token, or raise the issuer's `maxTokenAgeSeconds`.";
    token AUD_MISMATCH "claim.aud.mismatch",
        "The token is meant for somebody else: no `aud` is this server's issuer or token endpoint, nor the issuer's `alias`.",
        "Ask the issuer for a token with this server as audience, or set `alias` to the audience its tokens carry.";
    token AUD_NO_ALIAS "claim.aud.no_alias",
        "The token is meant for somebody else: no `aud` is this server's issuer or token endpoint, and the issuer has no `alias`.",
        "Ask the issuer for a token with this server as audience, or set `alias` to the audience its tokens carry.";
    token AUD_NOT_ISSUER_ALONE "claim.aud.not_issuer_alone",
        "The client assertion is not for this server alone: its only `aud` must be the issuer of this server. Another server that also is an audience, or that told the client this server's token endpoint, could use the assertion here.",
        "Have the client send the `issuer` of this server's metadata as the only `aud`. For a client library that sends the token endpoint, set `clientAssertion.allowTokenEndpointAudience` of the application.";
    token CONDITION "condition.not_met",
        "A condition on the token's claims does not hold, or cannot be decided.",
        "See which condition the trace names, under the issuer's or the application's `conditions`.";
    token SUBJECT_LOCAL_ID "claim.sub.local_id",
        "The `sub` of the foreign token has the form of a local account's id, and the issued token would look as if it were about that account.",
        "Set `subject.identifier` of the application to `qualified`.";
    token NO_JTI "replay.no_jti",
        "Tokens here count once, and this one has no `jti` to tell it by.",
        "Have the issuer include `jti`, or turn `replayProtection` off.";
    token REPLAYED "replay.seen",
        "The token was used before.",
        "Get a fresh token for each request.";

    token GONE "unknown",
        "The token is not one of this server, has expired, or was revoked.",
        "Get a fresh token.";
    token REUSED "reused",
        "The refresh token was used before. Somebody may have stolen it, so every token of its family is revoked.",
        "Start over with a fresh subject token, and keep only the newest refresh token.";
    token RACED "raced",
        "Another request was first to use the refresh token.",
        "Use the refresh token that the other request got; refresh from one place at a time.";

    request ACTOR "actor_token.incomplete",
        "`actor_token` and `actor_token_type` come together or not at all.",
        "Send both, or neither (RFC 8693 section 2.1).";
    request ACTOR_NOT_ALLOWED "delegation.actor_not_allowed",
        "The subject token says who may act for its subject (`may_act`), and it is not this actor.",
        "Send the token of the actor that `may_act` names, its issuer included.";
    request ACTOR_DELEGATED "delegation.actor_delegated",
        "The actor token is itself about somebody for whom another acts (`act`).",
        "Send a token that the actor got for itself.";
    request ACT_DEPTH "delegation.too_deep",
        "The chain of actors is longer than 8.",
        "Exchange a token nearer to the beginning of the chain.";
    request LINK_REQUIRED "account.link_required",
        "The application requires a local account, and none is linked to the subject.",
        "Link the account, switch on the issuer's `implicitAssociation`, or unset the application's `mappedLocalSubjectMandatory`.";
    request LINK_UNVERIFIED "account.unverified",
        "The application requires a local account, and the issuer does not say that it verified the address by which one would be found.",
        "Have the issuer send `email_verified` or `phone_number_verified` as `true`; if it verifies every address without saying so, set its `implicitAssociation.trustUnverified`; or link the account explicitly.";
    request LINK_ADMINISTRATOR "account.administrator",
        "The application requires a local account, and the one that matches administers this server. Such accounts are not linked implicitly.",
        "Link the account explicitly, by the administration API or the console.";
    request LINK_AMBIGUOUS "account.ambiguous",
        "Several local accounts match the subject, in whichever user store.",
        "Give each account a unique value of the lookup attribute, or link the right one explicitly.";
    request LINK_RACED "account.link_raced",
        "Another request changed the link of the same subject at the same moment.",
        "Send the request again.";
    request ACCOUNT_LOCKED "account.locked",
        "The local account is locked.",
        "Unlock the account.";
    request ACCOUNT_DISABLED "account.disabled",
        "The local account is disabled.",
        "Enable the account.";
    request ACCOUNT_GONE "account.gone",
        "The local account that the token is about does not exist any more.",
        "Start over with a fresh subject token.";
    request UNLINKED "account.unlinked",
        "The link by which the token's subject was a local account was removed since.",
        "Start over with a fresh subject token; whom it is about then is decided anew.";
    request MAY_ACT "delegation.actor_required",
        "The subject token names who may act for its subject (`may_act`), and no actor was given.",
        "Set `delegation.allowWithoutActor` of the application to accept such tokens without an actor.";
    request REQUESTED_TYPE "requested_token_type.unsupported",
        "The requested token type is not issued here.",
        "Ask for an access token, a JWT, or, with the scope `openid`, an ID token.";
    request TARGET "target.not_allowed",
        "The application may not have tokens for this audience or resource.",
        "Add it to the application's `audiences`.";
    request SCOPE "scope.not_allowed",
        "None of the requested scopes may be had.",
        "Add the scope to the application's `scopes`.";
    request SCOPE_NOT_GRANTED "scope.not_granted",
        "A refresh asks for a scope that was not granted with the refresh token.",
        "Ask for scopes of the original grant, or for none to get all of them; for more, start over with a fresh subject token (RFC 6749 section 6).";
    request ID_TOKEN_SCOPE "scope.openid_required",
        "An ID token is issued only with the scope `openid`.",
        "Ask for the scope `openid` too, and add it to the application's `scopes`.";
    request PATH_AMBIGUOUS "gateway.path.ambiguous",
        "Servers read the request's path in different ways, and the gateway's rules differ there.",
        "Send the path without empty segments, dot segments, `\\`, and an encoded `?`, `#`, `%` or control character; Envoy's `normalize_path` resolves dot segments before the filter. Where the cause is `%2f`, `;`, letter case or an encoded letter, give the same settings to the rules that the path could fall under.";
    request BEARER_MISSING "gateway.token.missing",
        "The request has no bearer token, and its path requires one.",
        "Send `Authorization: Bearer` with a token, or set `token` of the path's rule.";
    request BEARER_SEVERAL "gateway.token.several",
        "The request has more than one `Authorization`.",
        "Send one.";
    request REMOTE_REFUSED "gateway.remote.refused",
        "The remote token endpoint did not exchange the token.",
        "See the log of the remote service.";
    request REMOTE_UNAVAILABLE "gateway.remote.unavailable",
        "The remote token endpoint did not answer, answered with something else than a bearer token, or did not accept the proxy's credentials.",
        "Check the cluster, the path and the credentials under `remote`.";
    request STORE "store.unavailable",
        "The store cannot be reached or failed.",
        "Try again after the time in `Retry-After`; see the health of the store at /healthz.";
    request SIGNING "signing.unavailable",
        "There is no key to sign with, or signing failed.",
        "Configure `keys`, or a store that keeps the key made at first start.";
}

/// What is wrong with a token, before it is said whose token it was.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) reason: &'static Reason,
    /// One sentence for the client: what was wrong, what was expected.
    pub(crate) message: String,
    /// What was compared, for the trace only.
    pub(crate) detail: Option<String>,
    /// The claim at fault, if it is one.
    pub(crate) claim: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(reason: &'static Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), detail: None, claim: None }
    }

    pub(crate) fn of_claim(mut self, claim: &'static str) -> Self {
        self.claim = Some(claim);
        self
    }

    pub(crate) fn comparing(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once() {
        for (index, reason) in ALL.iter().enumerate() {
            assert!(
                ALL[..index].iter().all(|other| other.code != reason.code),
                "{} stands twice",
                reason.code
            );
        }
    }
}
