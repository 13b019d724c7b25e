//! What an exchange costs with many trusted token issuers and applications in
//! the document, in instructions. Run under callgrind, which counts the same in
//! every run:
//!
//! ```text
//! cargo bench --bench flat --no-run
//! valgrind --tool=callgrind target/release/deps/flat-… 10000 100
//! ```
//!
//! Arguments: how many issuers and as many applications; how many exchanges. The
//! difference between two numbers of exchanges is theirs alone. Signatures are
//! answered by this program, which computes none: what is left is the engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement may say what it means"
)]

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use exchequer::{
    Algorithm, AlgorithmSet, Answer, Ask, Config, Engine, Entropy, Failed, HostCrypto, Request,
    Step, Timestamp, Verdict,
};
use serde_json::json;

const NOW: u64 = 1_790_000_000;
/// The example of RFC 7517, appendix A.2.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;
const JWKS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;
const SECRET: &str = "a-secret-of-the-application-0123456789";

fn main() {
    // Cargo adds `--bench`.
    let numbers = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let [many, exchanges] = numbers.collect::<Vec<_>>()[..] else {
        println!("usage: flat ISSUERS EXCHANGES");
        return;
    };
    let text = document(many);
    let config = Config::parse(&text).unwrap().without_secrets().unwrap();
    let all = AlgorithmSet::of(&Algorithm::ALL);
    let engine = Engine::new(config, HostCrypto { verify: all, sign: all });
    let mut granted = 0;
    for round in 0..exchanges {
        // Always the same few, so that keys are fetched in the first rounds alone.
        let index = many / 2 + round % 4.min(many);
        granted += usize::from(exchange(&engine, index % many, round) == 200);
    }
    println!("{} bytes, {granted} of {exchanges} exchanges granted", text.len());
}

fn document(many: usize) -> String {
    let issuer = |index: usize| {
        json!({
            "name": format!("Issuer {index:06}"),
            "issuer": format!("https://issuer-{index:06}.example.com"),
            "certificate": { "jwksUri": format!("https://issuer-{index:06}.example.com/jwks") },
            "algorithms": ["ES256"],
        })
    };
    let application = |index: usize| {
        json!({
            "clientId": format!("application-{index:06}"),
            "clientSecret": SECRET,
            "type": "machine",
            "grantTypes": ["urn:ietf:params:oauth:grant-type:token-exchange"],
            "trustedTokenIssuers": [format!("Issuer {index:06}")],
            "audiences": ["https://api.example.com"],
        })
    };
    json!({
        "issuer": "https://sts.example.com",
        "keys": [serde_json::from_str::<serde_json::Value>(KEY).unwrap()],
        "trustedTokenIssuers": (0..many).map(issuer).collect::<Vec<_>>(),
        "applications": (0..many).map(application).collect::<Vec<_>>(),
    })
    .to_string()
}

fn exchange(engine: &Engine, index: usize, round: usize) -> u16 {
    let part =
        |value: serde_json::Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let token = format!(
        "{}.{}.{}",
        part(json!({ "alg": "ES256", "kid": "1", "typ": "JWT" })),
        part(json!({
            "iss": format!("https://issuer-{index:06}.example.com"),
            "sub": format!("subject-{round:06}"),
            "aud": "https://sts.example.com",
            "iat": NOW - 10,
            "exp": NOW + 600,
        })),
        Base64UrlUnpadded::encode_string(&[1; 64]),
    );
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .append_pair("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
        .append_pair("subject_token", &token)
        .finish();
    let basic = Base64::encode_string(format!("application-{index:06}:{SECRET}").as_bytes());
    let request = Request::new("POST", "/oauth2/token")
        .header("Authorization", &format!("Basic {basic}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    let mut step = engine.handle(request, Timestamp(NOW), Entropy::new([7; 32]));
    loop {
        step = match step {
            Step::Done(reply) => {
                if reply.status != 200 {
                    println!("{}", String::from_utf8_lossy(&reply.body));
                }
                return reply.status;
            }
            Step::Ask(pending) => {
                let answer = answer(pending.ask());
                pending.resume(answer).unwrap()
            }
        };
    }
}

fn answer(ask: &Ask) -> Answer {
    match ask {
        Ask::Fetch { .. } => Answer::Fetched {
            status: 200,
            cache_control: Some("max-age=3600".into()),
            location: None,
            body: JWKS.into(),
        },
        Ask::Verify { .. } => Answer::Verdict { verdict: Verdict::Accept },
        Ask::Sign { .. } => Answer::Signature { signature: vec![1; 64] },
        _ => Answer::Failed { failed: Failed::Unsupported },
    }
}
