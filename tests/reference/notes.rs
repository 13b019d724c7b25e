//! What `docs/reasons.md` says of the checks that refuse nothing. The list is complete:
//! the test finds every check in the source.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use exchequer::reason;

use super::{compare_sets, sources};

/// A check that an audit line can name, though the request was not refused for it.
struct Note {
    /// The code, without the name of the parameter.
    code: &'static str,
    /// Whether the code is written behind the name of the parameter that carried the token.
    of_token: bool,
    meaning: &'static str,
}

const fn of_token(code: &'static str, meaning: &'static str) -> Note {
    Note { code, of_token: true, meaning }
}

const fn of_request(code: &'static str, meaning: &'static str) -> Note {
    Note { code, of_token: false, meaning }
}

/// Look for these: a setting that weakens a check was used, or something was left out.
#[rustfmt::skip]
const TO_LOOK_FOR: &[Note] = &[
    of_token("binding.ignored",
        "The token is bound to a key or a certificate (`cnf`), and was accepted without a proof, because `boundTokens` of its issuer is `ignore`. A stolen token would have been accepted, too."),
    of_token("claim.aud.token_endpoint",
        "The `aud` of a client assertion is the token endpoint and not the issuer of this server. It was accepted because the application has `allowTokenEndpointAudience`. When this note is no longer written for a client, remove that setting."),
    of_request("delegation.actors.dropped",
        "The subject token names actors in `act` that the issuer of the token does not vouch for, because they come from other issuers. They are not in the `act` of the issued token. The detail says how many."),
    of_request("account.link.created",
        "The subject of the token was linked to a local user, found by a verified attribute. The detail names the user."),
];

/// What a request that is granted passes.
#[rustfmt::skip]
const HELD: &[Note] = &[
    of_request("client.authentication",
        "The client authenticated. The detail names the method and the application."),
    of_request("grant_type.allowed",
        "The application may use the grant type."),
    of_request("dpop.proof",
        "The DPoP proof is valid. The issued token is bound to its key."),
    of_token("shape",
        "The token is a JWT. The detail is its length."),
    of_token("header",
        "The header of the token is acceptable. The detail shows `alg` and `kid`."),
    of_token("claims",
        "The claims have the right types, and are those of a token of this type."),
    of_token("issuer",
        "The issuer is a trusted token issuer, and the application may use its tokens. The detail is its name."),
    of_token("algorithm",
        "The issuer may sign with this algorithm."),
    of_token("signature",
        "A key of the issuer verifies the signature."),
    of_token("claim.exp",
        "The token has not expired and is not too old. The detail says how many seconds are left."),
    of_token("claim.aud",
        "The token is meant for this server. The detail shows `aud`."),
    of_token("condition",
        "A condition of the issuer or of the application holds. There is one note for each condition."),
    of_token("replay",
        "The token may be used once, and this was the first time."),
    of_token("own",
        "The token was issued by this server and is still valid. The detail names the client that it was issued to."),
    of_token("grant",
        "The refresh token is valid, and so is everything that its grant depends on."),
    of_request("account.link",
        "The subject is linked to the local user that the detail names."),
    of_request("account.lookup",
        "A local user was looked up by an attribute. The detail says which attribute, and whether a user was found. An administrator who is found is not linked."),
    of_request("account.status",
        "The local user is neither locked nor disabled."),
    of_request("account.subject",
        "No local user is linked, and the application needs none. The issued token is about the federated subject."),
    of_request("target.audience",
        "The audience of the issued token."),
    of_request("target.scope",
        "The scope of the issued token."),
    of_request("target.lifetime",
        "The lifetime of the issued token in seconds."),
];

/// The section of the page.
pub(super) fn write(page: &mut String) {
    page.push_str(
        "
## Notes in the audit log that refuse nothing

An audit line lists each check with its `outcome`. [The audit log](audit-log.md) describes
the line. A check that refused the request has `fail`, or `unavailable` when something
outside did not answer; its code is one of the reasons above. Every other check refused
nothing. `…` stands for the parameter that carried the token.

### To look for

These notes tell that a setting that weakens a check was used, or that something was left
out or changed. Search the audit log for them:

| code | outcome | what it means |
|---|---|---|
",
    );
    rows(page, TO_LOOK_FOR);
    for reason in [&reason::CONDITION, &reason::CONDITION_MISSING, &reason::CONDITION_TYPE] {
        let code = reason.code;
        let meaning = "The condition has `\"mode\": \"audit\"`. It does not hold, and would refuse the request with this reason if its mode were `enforce`. The detail shows the value and the condition.";
        writeln!(page, "| `….{code}` | `audit` | {meaning} |").unwrap();
    }
    page.push_str(
        "
### Checks that held

| code | outcome | what it means |
|---|---|---|
",
    );
    rows(page, HELD);
}

fn rows(page: &mut String, notes: &[Note]) {
    for Note { code, of_token, meaning } in notes {
        let role = if *of_token { "…." } else { "" };
        writeln!(page, "| `{role}{code}` | `pass` | {meaning} |").unwrap();
    }
}

/// Every check that the engine notes as passed: `pass(role, "check", …)`.
fn passed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for call in file.split(".pass(").skip(1) {
            let mut arguments = call.split(',').map(str::trim);
            let (role, check) = (arguments.next().unwrap(), arguments.next().unwrap());
            match (literal(role), literal(check)) {
                (Some(role), Some(check)) => drop(found.insert(format!("{role}.{check}"))),
                (None, Some(check)) => drop(found.insert(check.into())),
                // It passes on what its caller says.
                (_, None) => {
                    assert_eq!((role, check), ("role", "check"), "a code that is no literal")
                }
            }
        }
    }
    found
}

fn literal(argument: &str) -> Option<&str> {
    argument.strip_prefix('"')?.strip_suffix('"')
}

#[test]
fn no_check_of_the_source_is_missing_from_the_notes() {
    let all = TO_LOOK_FOR.iter().chain(HELD);
    let written: BTreeSet<String> = all.map(|note| note.code.into()).collect();
    compare_sets(&written, &passed(), "checks that refuse nothing");
}
