//! The catalogue of reasons: code, cause and remedy of each, in the order in which
//! a request meets them. Documents, types and the console are made from it.
//!
//! A remedy that depends on what was seen is another reason.

use super::Reason;

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
    request CLIENT_PUBLIC "client.public",
        "A public client asked for a token about itself. It proves nothing, so that anybody could get that token.",
        "Give the application the type `web` or `machine` and a way to authenticate, or use another grant (RFC 6749 section 4.4).";
    request CLIENT_LOCAL_ID "client.local_id",
        "The application's client id has the form of a local account's id, and a token about the application would look as if it were about that account.",
        "Give the application another `clientId`.";
    request CLIENT_MISSING "client.authentication.missing",
        "The request does not say which application it comes from.",
        "Send client credentials in the `Authorization` header, or `client_id` in the body.";
    request CLIENT_SEVERAL "client.authentication.several_methods",
        "The client authenticated in more than one way.",
        "Use exactly one of HTTP Basic, `client_secret` in the body, or `client_assertion`.";
    token CLIENT_METADATA "metadata.unusable",
        "The client is not registered, and the metadata document at its client id cannot be used.",
        "Have the client publish the document there, without a redirect: `client_id` is that URL, `token_endpoint_auth_method` is `private_key_jwt`, and `jwks` or `jwks_uri` has its public keys. The trace says what is wrong.";
    request CLIENT_UNKNOWN "client.unknown",
        "There is no application with this client id.",
        "Check `client_id` against the `applications` of the configuration.";
    request CLIENT_SECRET "client.authentication.rejected",
        "The client's credentials are not the ones the application is registered with.",
        "Check the client secret; it may have been changed or encoded twice.";
    request CLIENT_METHOD "client.authentication.wrong_method",
        "The application is not registered for this way of authenticating.",
        "Authenticate in the way the application is registered for, or change its `clientSecret`, `jwks`, `jwksUri`, `clientAssertion` or `mtls`.";
    request CERTIFICATE_OF_CLIENT_MISSING "client.certificate.missing",
        "The request has no client certificate, and the application authenticates with one or has its tokens bound to one.",
        "Send the request over a TLS connection with the client certificate, to `mtls_endpoint_aliases` of the metadata if there are any. A certificate that a proxy hands in counts only if `clientCertificate` of the configuration names the header field and the address of the proxy.";
    request CERTIFICATE_OF_ANOTHER "client.certificate.other",
        "The client certificate is not the one that the application is registered with.",
        "Compare the names in the certificate, or its SHA-256 thumbprint, with `mtls` of the application.";
    request CERTIFICATE_OF_CLIENT_UNVERIFIED "client.certificate.unverified",
        "Nobody verified the chain of the client certificate, so its names prove nothing.",
        "Have the proxy, or the TLS server, verify client certificates with your authority, and say so by `clientCertificate.verifiesChains`; or register the certificate itself in `mtls.certificates`.";
    request CERTIFICATE_OF_CLIENT_EXPIRED "client.certificate.expired",
        "The client certificate has expired or is not valid yet.",
        "Renew the certificate; compare the clocks.";
    request CERTIFICATE_HEADER "client.certificate.unreadable",
        "The client certificate that the proxy or the host hands in cannot be read.",
        "Check that the proxy writes the header field that `clientCertificate.header` names, once, and removes it from what clients send.";
    request CERTIFICATE_DIFFERS "client.certificate.several",
        "The TLS connection and a header field have different client certificates.",
        "Connect the proxy without a client certificate of its own, or remove `clientCertificate.header`.";

    request LIMIT_FAILURES "limit.failures",
        "The authentication of this client failed too often from this address within a minute.",
        "Wait as long as `Retry-After` says, and correct the client's credentials. `limits.failuresPerMinute` of the configuration has the rate. If all requests come through a proxy, name it in `limits.clientAddress`.";
    request LIMIT_FAILURES_OF_ADDRESS "limit.failures_of_address",
        "Authentication failed too often from this address within a minute, for whichever clients.",
        "Find out who tries many clients from there. An address may fail ten times as often as `limits.failuresPerMinute` says. If all requests come through a proxy, name it in `limits.clientAddress`.";
    request LIMIT_REQUESTS "limit.requests",
        "The client sent more requests in a second than `limits.requestsPerSecond` allows.",
        "Wait as long as `Retry-After` says, and use an access token until it ends; or raise the rate.";

    request ID_JAG_NOT_ALLOWED "id_jag.not_allowed",
        "The application asked for an identity assertion grant, and may have none.",
        "Add `idJag` to the application, with the authorization server that the grant is for.";
    request ID_JAG_SUBJECT "id_jag.subject_token_type",
        "An identity assertion grant was asked for with a token that is no identity assertion.",
        "Send the user's ID token as `subject_token` with the type `urn:ietf:params:oauth:token-type:id_token`, or a refresh token of this server.";
    request ID_JAG_ACTOR "id_jag.actor_token",
        "An identity assertion grant was asked for together with an actor token.",
        "Leave out `actor_token`: the grant is about the user who signed in, and names the client.";
    request ID_JAG_PUBLIC "id_jag.public_client",
        "A public client brought an identity assertion grant. It proves nothing, so that anybody who has the grant could use it.",
        "Give the application the type `web` or `machine` and a way to authenticate.";

    request PROOF_MISSING "dpop.missing",
        "The application's tokens have to be bound to a key, and the request has no DPoP proof.",
        "Send a DPoP proof in the header field `DPoP` (RFC 9449), or unset `dpop.required` of the application.";
    token PROOF_SEVERAL "several",
        "The request has more than one DPoP proof.",
        "Send one header field `DPoP`, with one JWT.";
    token PROOF_KEY "jwk.unusable",
        "The header of the DPoP proof has no public key that can be used: `jwk` is missing, broken, too weak, private, or does not fit `alg`.",
        "Put the public half of the key that signs the proof into `jwk` (RFC 9449 section 4.2).";
    token PROOF_METHOD "claim.htm.mismatch",
        "The DPoP proof was made for another HTTP method.",
        "Set `htm` to the method of the request, in capitals; a token request is a `POST`.";
    token PROOF_URL "claim.htu.mismatch",
        "The DPoP proof was made for another URL.",
        "Set `htu` to the URL of the request without its query. The server knows its own URL from `issuer`: check that clients reach it there.";
    token PROOF_ATH "claim.ath.mismatch",
        "The DPoP proof was not made for the access token that it came with.",
        "Set `ath` to the base64url SHA-256 hash of the access token (RFC 9449 section 4.2).";
    token PROOF_NONCE "nonce.required",
        "The application's DPoP proofs need a nonce of this server, and the proof has none that counts.",
        "Repeat the request with a proof whose `nonce` is the value of the `DPoP-Nonce` header of the reply; client libraries do so by themselves (RFC 9449 section 8).";
    token BOUND "binding.no_proof",
        "The token is bound to a key (`cnf`), and the request does not prove that its sender has that key.",
        "Send a DPoP proof by the key of the token; at an API, with the scheme `DPoP` instead of `Bearer` (RFC 9449 section 7.1).";
    token BOUND_TO_ANOTHER "binding.other_key",
        "The token is bound to another key than the one of the DPoP proof.",
        "Sign the proof with the key that the token was issued for. An application that exchanges tokens of others with a key of its own needs `dpop.rebind`.";
    token BOUND_UNKNOWN "binding.unknown",
        "The token is bound in a way that cannot be checked here: its `cnf` has something else than `jkt` and `x5t#S256`.",
        "Have the issuer bind the token by DPoP (`cnf.jkt`) or to a client certificate (`cnf.x5t#S256`), or issue it without `cnf`.";
    token BOUND_REFUSED "binding.refused",
        "The token is bound to a key or a certificate (`cnf`), and its issuer is configured to have no such tokens here.",
        "Send a token without `cnf`, or set the issuer's `boundTokens` to `require`.";
    request BOUND_TO_NOTHING "client.binding.missing",
        "The application keeps FAPI 2.0, which binds every token, and the request has neither a DPoP proof nor a client certificate.",
        "Send a DPoP proof (RFC 9449), or the request over a TLS connection with a client certificate (RFC 8705).";
    token BOUND_TO_CERTIFICATE "binding.no_certificate",
        "The token is bound to a client certificate (`cnf`), and the request came without one.",
        "Send the request over a TLS connection with the certificate that the token was issued for (RFC 8705 section 3).";
    token BOUND_TO_ANOTHER_CERTIFICATE "binding.other_certificate",
        "The token is bound to another client certificate than the one of the request.",
        "Use the certificate that the token was issued for, or get a new token.";
    token NOT_BOUND "binding.missing",
        "The token is not bound to a key or certificate, and it has to be: its application demands that now, or it was presented with the scheme `DPoP`.",
        "Get a new token with a DPoP proof, or over a connection with the client certificate; send an unbound token with the scheme `Bearer`.";
    token TYPE "type.unsupported",
        "The declared token type is not accepted here.",
        "Send one of the token types that the message names.";
    token TYPE_SHORT "type.short_name",
        "The declared token type is the last word of an identifier, such as `jwt`.",
        "Send the whole identifier, which the message names, such as `urn:ietf:params:oauth:token-type:jwt` (RFC 8693 section 3).";
    token TOO_LARGE "shape.too_large",
        "The token is longer than 16 KiB.",
        "Ask the issuer for a token with fewer claims.";
    token ENCRYPTED "shape.encrypted",
        "The token is encrypted (JWE); only signed tokens are accepted.",
        "Have the issuer send a signed JWT for this audience.";
    token NOT_COMPACT "shape.not_compact",
        "The token is not three base64url parts with dots between them.",
        "Send the JWT whole and unchanged; opaque tokens of a third party cannot be validated here.";
    token BEARER_PREFIX "shape.bearer",
        "The token has `Bearer` in front of it, as in an `Authorization` header.",
        "Send the token alone, without the word `Bearer` and the space behind it.";
    token QUOTED "shape.quotes",
        "The token has quotation marks around it.",
        "Remove the quotation marks. `jq` prints a text without them with `-r`.";
    token WHITE_SPACE "shape.white_space",
        "The token has a space or a line break before it, behind it or in it.",
        "Send the token alone. A file often ends with a line break, which `curl --data-urlencode name@file` sends too: write the file with `printf %s`, or send `name=$(cat file)`. A space inside a token may have been a `+` that was not percent-encoded.";
    token JSON_DOCUMENT "shape.json_document",
        "A JSON document was sent in the place of the token.",
        "Send the value of one member of the document, such as `access_token` or `id_token`; `jq -r .access_token` prints it.";
    token BYTE_ORDER_MARK "shape.byte_order_mark",
        "The token begins with a byte order mark: it was read from a file that an editor saved as Unicode text.",
        "Save the file as UTF-8 without a byte order mark, or as ASCII.";
    token UTF_16 "shape.utf16",
        "The token was sent as UTF-16: every second byte is zero. `>` in Windows PowerShell writes such files.",
        "Write the file as ASCII or UTF-8; in PowerShell `Out-File -Encoding ascii -NoNewline`.";
    token PERCENT_ENCODED "shape.percent_encoded",
        "The token has percent signs in it: it was percent-encoded twice.",
        "Encode the form once: a library that builds forms encodes the token itself.";
    token PADDED "shape.padding",
        "A part of the token is padded with `=`. JWS has base64url without padding (RFC 7515 section 2).",
        "Have the issuer, or the program that put the token together, leave out the `=`.";
    token STANDARD_ALPHABET "shape.standard_base64",
        "The token has `+` or `/` in it: it is in standard base64, and JWS has base64url (RFC 7515 section 2).",
        "Have the issuer, or the program that put the token together, write `-` for `+` and `_` for `/`.";
    token PLACEHOLDER "shape.placeholder",
        "A placeholder was sent in the place of the token or of a part of it: the name of a variable or of a file, `undefined`, or `…`.",
        "Send the token itself. A shell fills in `$NAME` between double quotes, and not between single ones; `curl` reads a file with `--data-urlencode name@file`. A log or a screen may show a token shortened.";
    token ENCODED_AGAIN "shape.encoded_again",
        "The token was encoded in base64 a second time, as Kubernetes does in the `data` of a Secret.",
        "Decode it once before you send it, for example with `base64 --decode`.";
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
    token CLIENT_ID_MISMATCH "claim.client_id.mismatch",
        "The identity assertion grant was issued to another client than the one that presents it.",
        "Have the issuer of the grant write the application's client id at this server into `client_id`: its table of audiences names the client there.";
    token JTI_TOO_LONG "claim.jti.too_long",
        "The `jti` of the grant is longer than 256 bytes, and has to be remembered until the grant has expired.",
        "Have the issuer write shorter ones.";
    token TENANT_OPEN "claim.tenant.not_pinned",
        "The grant is of one tenant of an issuer that has several. Subjects of two tenants may have the same `sub`.",
        "Add the condition `{\"claim\": \"tenant\", \"equals\": \"…\"}` to the issuer, with the tenant whose users are meant.";
    token RESOURCE_NOT_ALLOWED "claim.resource.not_allowed",
        "The identity assertion grant is for a resource that the application may not ask for here.",
        "Add the resource to the application's `audiences`, or ask the issuer for a grant for another one.";
    token ID_JAG_DETAILS "claim.authorization_details.unsupported",
        "The identity assertion grant says in `authorization_details` what it allows. This server does not read them, and without them the grant could allow more.",
        "Ask the issuer for a grant that says it in `resource` and `scope`.";
    token ISSUER_UNKNOWN "issuer.unknown",
        "No trusted token issuer is registered with exactly this `iss`.",
        "Register the issuer in `trustedTokenIssuers`; the comparison is exact, a trailing slash included.";
    token ISSUER_SELF "issuer.self",
        "A token of this server was sent as an assertion.",
        "Exchange it with the token exchange grant, or send an assertion of a trusted token issuer.";
    token OWN_PUBLIC "own.public_client",
        "A public client sent a token of this server to be exchanged. It cannot prove who it is, so that whoever holds the token could get one for another audience.",
        "Exchange tokens of this server in a back end, with an application that authenticates.";
    token OWN_CLIENT "own.client",
        "The token is about the application that got it with the grant `client_credentials`. It can be used at an API and as actor token, but not as subject token: there is no subject that somebody acts for.",
        "Get a token for the other API with `client_credentials`; or send a user's token as subject token, and this one as actor token.";
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
    token CLIENT_ISSUER "issuer.not_of_client",
        "Tokens of this issuer do not authenticate this client.",
        "Send a token of the issuer that the application names in `clientAssertion.issuer`.";
    token CLIENT_SUBJECT "claim.sub.not_of_client",
        "The client assertion is about somebody else than this client.",
        "Compare the assertion's `sub` with `clientAssertion.subject` of the application, letter by letter; an assertion that the client signs itself has the client id in `iss` and `sub`.";
    token ALG_NOT_ALLOWED "algorithm.not_allowed",
        "The issuer's tokens may not be signed with this algorithm.",
        "Add the algorithm to the issuer's `algorithms`, if the issuer really uses it.";
    token KEY_SKIPPED "key.skipped",
        "The issuer's key set has the key that the token names, and that key is not used. The trace says why.",
        "Have the issuer publish a key for signatures under the token's `kid`, or sign with another of its keys.";
    token KEY_BEYOND_LIMIT "key.beyond_limit",
        "The issuer's key set has more than 500 keys, and no key for this token is among the first 500. The others are not read.",
        "Have the issuer remove keys that it does not use any more, or register the keys it uses in the issuer's `certificate.jwks`.";
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
        "The issuer's server could not be connected to, or the connection broke off.",
        "Try again after the time in `Retry-After`. The operator: check that the server of the URL that the trace names runs, and that this machine may connect to it.";
    token KEYS_NAME "key.unavailable.name",
        "The name of the issuer's server could not be resolved.",
        "Try again after the time in `Retry-After`. The operator: check the spelling of the host in the URL that the trace names, and that this machine can resolve it (DNS).";
    token KEYS_UNTRUSTED "key.unavailable.certificate",
        "The TLS certificate of the issuer's server is not trusted here: its authority is not known, it has expired, or it is for another name.",
        "The operator: let this server trust the authority of the certificate. For Node, set `NODE_EXTRA_CA_CERTS` to a PEM file with the authority's certificate and start again. A certificate that has expired or is for another name has to be replaced by the issuer.";
    token KEYS_TIMED_OUT "key.unavailable.timeout",
        "The issuer's server did not answer in time.",
        "Try again after the time in `Retry-After`. The operator: raise `readTimeoutMs` of the trusted token issuer, at most to 30000; its default is 1000 milliseconds.";
    token KEYS_PROXY "key.unavailable.proxy",
        "The proxy through which the issuer's server is reached did not answer, or refused to connect to it.",
        "The operator: check the URL in `HTTPS_PROXY` or `HTTP_PROXY` of this server's environment, and that the proxy lets this server connect to the host. For a host that needs no proxy, add it to `NO_PROXY`.";
    token KEYS_STATUS "key.unavailable.status",
        "The issuer's server answered with an error instead of the document. The trace says with which HTTP status.",
        "The operator: check that the URL that the trace names is the right one, and that its server answers it with status 200 without credentials.";
    token KEYS_NO_HOST "key.unavailable.host",
        "The program in which this server runs does not fetch this URL.",
        "The operator: name a cluster for the URL in `clusters` of the Envoy filter's configuration; elsewhere let the program that embeds the engine fetch it, or give `certificate.jwks`.";
    token KEYS_UNUSABLE "key.document_unusable",
        "The issuer's server answered, but not with a JWK set or a discovery document. The trace says with what.",
        "Correct what the trace names. `certificate.jwksUri` of the trusted token issuer has to be the URL of a JWK set (RFC 7517 section 5); with `certificate.discovery`, the issuer's discovery document has to name that URL as `jwks_uri`.";
    token KEYS_TOO_LONG "key.document_too_long",
        "The issuer's document is longer than 512 KiB.",
        "Have the issuer remove keys that it does not use any more, or register the keys it uses in `certificate.jwks` of the trusted token issuer.";
    token KEYS_ELSEWHERE "key.document_elsewhere",
        "The issuer's server redirects to another host, or in a circle. Only three redirects to the same host are followed.",
        "Give the URL that the redirects lead to as `certificate.jwksUri` of the trusted token issuer, if it is the issuer's.";
    token KEYS_OTHER_ISSUER "key.document_of_another_issuer",
        "The discovery document is of another issuer than the one that is registered. The trace shows both.",
        "Register exactly the issuer that the document names, if it is the `iss` of the tokens; otherwise give `certificate.jwksUri` instead of `discovery`.";
    token SIGNATURE "signature.rejected",
        "The signature is not the issuer's.",
        "Compare the registered keys with the issuer's current ones. If they are the same, something changed the token after it was signed, or somebody else signed it.";
    token SIGNATURE_NONCE "signature.nonce_in_header",
        "The token's header has a `nonce`. Microsoft Entra ID puts it into access tokens for Microsoft Graph, and only Microsoft Graph can verify their signature.",
        "Ask for an access token with a scope of your own application, such as `api://…/.default`, and not with one of Microsoft Graph.";
    token SIGNATURE_DER "signature.der",
        "The signature is an ECDSA signature in DER form. A JWS has the two numbers `r` and `s`, each of fixed length, one after the other (RFC 7518 section 3.4).",
        "Have the issuer write the signature in that form: in Node `dsaEncoding: 'ieee-p1363'`, in Java `SHA256withECDSAinP1363Format`.";
    token SIGNATURE_OTHER_AUDIENCE "signature.other_audience",
        "The signature is not the issuer's, and the token is not meant for this server: its `aud` is somebody else's.",
        "Look whether this is the token that you meant to send. Ask the issuer for a token with this server as audience.";

    token VERIFYING "signature.unavailable",
        "The program in which this server runs could not verify the signature.",
        "Try again after the time in `Retry-After`. The operator: see the log of that program.";
    token EXPIRED "claim.exp.expired",
        "The token has expired.",
        "Get a fresh token; if clocks differ, see the issuer's `clockSkewSeconds`.";
    token NOT_YET "claim.nbf.early",
        "The token is not valid yet.",
        "Wait until its `nbf`; if clocks differ, see the issuer's `clockSkewSeconds`.";
    token ISSUED_IN_FUTURE "claim.iat.future",
        "The token was issued in the future.",
        "Check the clocks; see the issuer's `clockSkewSeconds`.";
    token TOO_LONG "claim.exp.too_far",
        "The client assertion is valid for longer than is accepted.",
        "Make assertions that live an hour at most. For the tokens of a platform, shorten their lifetime there (`expirationSeconds` of a projected service account token), or raise the issuer's `maxTokenAgeSeconds`.";
    token TOO_OLD "claim.iat.too_old",
        "The token was issued longer ago than is accepted.",
        "Get a fresh token, or raise the issuer's `maxTokenAgeSeconds`.";
    token AUD_MISMATCH "claim.aud.mismatch",
        "The token is meant for somebody else: no `aud` is this server's issuer or token endpoint, nor the issuer's `alias`.",
        "Ask the issuer for a token with this server as audience, or set `alias` to the audience its tokens carry.";
    token AUD_OTHER_CLIENT "claim.aud.other_client",
        "The ID token was issued to another client than the application that presents it, or nothing says what the application is called at the issuer.",
        "Send an ID token that the issuer gave to this application, and write its client id there as `clientId` in the application's `trustedTokenIssuers`.";
    token AUD_NOT_SOLE "claim.aud.not_sole",
        "The `aud` of the identity assertion grant is something else than the issuer of this server alone.",
        "Have its issuer set `aud` to the `issuer` of this server's metadata, as a text or as the only member of a list; the token endpoint does not count.";
    token AUD_NO_ALIAS "claim.aud.no_alias",
        "The token is meant for somebody else: no `aud` is this server's issuer or token endpoint, and the issuer has no `alias`.",
        "Ask the issuer for a token with this server as audience, or set `alias` to the audience its tokens carry.";
    token AUD_NOT_ISSUER_ALONE "claim.aud.not_issuer_alone",
        "The client assertion is not for this server alone: its only `aud` must be the issuer of this server. Another server that also is an audience, or that told the client this server's token endpoint, could use the assertion here.",
        "Have the client send the `issuer` of this server's metadata as the only `aud`. For a client library that sends the token endpoint, set `clientAssertion.allowTokenEndpointAudience` of the application.";
    token CONDITION "condition.not_met",
        "A condition on the token's claims does not hold. The trace shows the claim's value and the condition.",
        "If such a token is meant to pass, change the condition that the trace names, under the issuer's or the application's `conditions`.";
    token CONDITION_MISSING "condition.claim_missing",
        "A condition is on a claim that the token does not have.",
        "Have the issuer include the claim that the trace names, or change the condition under the issuer's or the application's `conditions`; `check` the spelling of `claim`.";
    token CONDITION_TYPE "condition.wrong_type",
        "A condition compares a claim with a value of another JSON type. It can never hold for such a token.",
        "Write the value of the condition in the type that the claim has: many issuers write numbers and booleans as strings. For one word of a string with spaces, such as `scope`, use `word`; for a member of a list, `contains`.";
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
        "The application requires a local account, none is linked to the subject, and none is looked for.",
        "Link the account, switch on the issuer's `implicitAssociation`, or unset the application's `mappedLocalSubjectMandatory`.";
    request LINK_NO_ATTRIBUTE "account.no_attribute",
        "The application requires a local account, and the token has none of the claims by which one would be found.",
        "Have the issuer include a claim that the trace names, map another claim to that name in the issuer's `claims`, or change its `implicitAssociation.lookupAttribute`.";
    request LINK_NO_MATCH "account.no_match",
        "The application requires a local account, and no account has the value of the token's claim.",
        "Create the account, or give it the value that the trace names; or link the right account to the subject.";
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
    request SCOPE_MALFORMED "scope.malformed",
        "A requested scope has a character that no scope has.",
        "Send printable ASCII without quotation marks and backslashes, and spaces between scopes only (RFC 6749 section 3.3).";
    request SCOPE "scope.not_allowed",
        "None of the requested scopes is allowed for this application.",
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
