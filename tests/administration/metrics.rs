//! `GET /metrics`: what was decided, for administrators.

use exchequer::{
    Audit, Client, ExchangeParameters, GrantRequest, JwtBearer, OAuthError, Refresh, Request, Step,
    TokenExchange, TokenRequest,
};
use serde_json::json;

use crate::parties::{OPERATORS, service};
use crate::support::administered::{EXCHANGE, JWT, Service};
use crate::support::foreign::foreign;
use crate::support::world::entropy;

#[test]
fn decisions_are_counted_by_reason() {
    let mut sts = service();
    let token = foreign(&json!({}));
    sts.exchange(0, OPERATORS, &token).with_status(200);
    sts.exchange(0, OPERATORS, &token).with_status(200);
    sts.exchange(0, OPERATORS, &foreign(&json!({ "aud": "somebody-else" }))).with_status(400);
    let text = sts.plain("/metrics");
    let counter = |outcome: &str, reason: &str, count: u32| {
        format!(
            "exchequer_decisions_total{{event=\"token\",outcome=\"{outcome}\",reason=\"{reason}\"}} {count}\n"
        )
    };
    for line in [
        counter("granted", "", 2),
        counter("refused", "subject_token.claim.aud.no_alias", 1),
        "exchequer_issuer_keys{state=\"fresh\"} 1\n".into(),
    ] {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}

#[test]
fn how_far_somebody_got_is_not_for_everybody() {
    let mut sts = service();
    sts.bearer = None;
    sts.get("/metrics").with_status(401);
}

/// A token request that is malformed: typed, and as a form.
type Malformed = (TokenRequest, &'static [(&'static str, &'static str)]);

fn malformed() -> Vec<Malformed> {
    let client = || Client::embedder(OPERATORS.0);
    let exchange = |parameters| TokenRequest::token_exchange(client(), parameters);
    let complete =
        || ExchangeParameters { subject_token: "a.b.c", subject_token_type: JWT, ..<_>::default() };
    let typed = |grant| TokenRequest::new(client(), grant);
    vec![
        (
            exchange(ExchangeParameters { subject_token_type: "urn:other", ..complete() }),
            &[
                ("grant_type", EXCHANGE),
                ("subject_token", "a.b.c"),
                ("subject_token_type", "urn:other"),
            ],
        ),
        (
            exchange(ExchangeParameters { actor_token: Some("d.e.f"), ..complete() }),
            &[
                ("grant_type", EXCHANGE),
                ("subject_token", "a.b.c"),
                ("subject_token_type", JWT),
                ("actor_token", "d.e.f"),
            ],
        ),
        (exchange(ExchangeParameters::default()), &[("grant_type", EXCHANGE)]),
        (
            typed(GrantRequest::TokenExchange(TokenExchange::default())),
            &[("grant_type", EXCHANGE), ("subject_token_type", JWT)],
        ),
        // These grants are not the application's: that is refused first.
        (
            typed(GrantRequest::JwtBearer(JwtBearer::default())),
            &[("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")],
        ),
        (typed(GrantRequest::RefreshToken(Refresh::default())), &[("grant_type", "refresh_token")]),
    ]
}

/// The refusal of a typed request, which needs nothing from outside.
fn refused(sts: &Service, request: TokenRequest) -> (OAuthError, Audit) {
    match sts.engine(0).exchange(request, sts.world.now, entropy()) {
        Step::Done(decided) => (decided.result.unwrap_err().error(), decided.audit),
        Step::Ask(pending) => panic!("asks for {:?}", pending.ask()),
    }
}

#[test]
fn a_malformed_typed_request_is_refused_noted_and_counted_as_over_http() {
    for (typed, form) in malformed() {
        let (mut over_http, mut embedded) = (service(), service());
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .append_pair("client_id", OPERATORS.0)
            .finish();
        let request = Request::new("POST", "/oauth2/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .from_embedder();
        let said = over_http.send(0, request).with_status(400);
        let (error, audit) = refused(&embedded, typed);
        assert_eq!(said.body["error"], error.code(), "{form:?}");
        assert_eq!(json!(said.audit), json!(audit), "{form:?}");
        assert_eq!(audit.parties.client_id.as_deref(), Some(OPERATORS.0), "{form:?}");
        assert_eq!(decisions(&mut over_http), decisions(&mut embedded), "{form:?}");
        assert_eq!(decisions(&mut embedded).len(), 1, "{form:?}");
        let [kept, same] =
            [&mut over_http, &mut embedded].map(|sts| sts.get("/api/server/v1/refusals").body);
        assert_eq!(kept, same, "{form:?}");
    }
}

/// The counters of token requests.
fn decisions(sts: &mut Service) -> Vec<String> {
    let text = sts.plain("/metrics");
    let counters =
        text.lines().filter(|line| line.starts_with("exchequer_decisions_total{event=\"token\""));
    counters.map(String::from).collect()
}
