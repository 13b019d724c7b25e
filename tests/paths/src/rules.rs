//! Sets of rules: some as people write them, some random.

use fastrand::Rng;
use serde_json::{Value, json};

/// What happens to a request. Two rules with the same one are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// It passes without a token.
    Off,
    /// It gets a token for this audience.
    Audience(u8),
}

/// How many audiences the application may ask tokens for.
pub(crate) const AUDIENCES: u8 = 3;

const RANDOM_SETS: usize = 5;
const NAMES: [&str; 10] =
    ["public", "admin", "users", "api", "v1", "a", "b", "static", "k8s", "x-y.z"];

impl Treatment {
    /// As upstreams of a gateway see it.
    pub(crate) fn audience(self) -> Option<String> {
        match self {
            Self::Off => None,
            Self::Audience(number) => Some(format!("https://api-{number}.example")),
        }
    }

    fn random(rng: &mut Rng) -> Self {
        if rng.bool() { Self::Off } else { Self::Audience(rng.u8(0..AUDIENCES)) }
    }
}

impl std::fmt::Display for Treatment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Audience(number) => write!(f, "audience {number}"),
        }
    }
}

/// The rules of a gateway.
#[derive(Clone, Debug)]
pub(crate) struct RuleSet {
    /// What requests name in `Host`.
    pub(crate) name: String,
    /// The longest prefix first; the last one is `/`, written or not.
    routes: Vec<(String, Treatment)>,
}

impl RuleSet {
    /// The sets of this seed.
    pub(crate) fn all(seed: u64) -> Vec<Self> {
        let rng = &mut Rng::with_seed(seed);
        let number = Treatment::Audience;
        let mut all = vec![
            // The rules of docs/envoy.md.
            vec![("/public", Treatment::Off), ("/admin", number(1)), ("/", number(0))],
            // Everything is open, except for one part.
            vec![("/admin", number(1)), ("/", Treatment::Off)],
            // Strict below open below strict.
            vec![
                ("/api/v1/admin", number(1)),
                ("/api/v1", Treatment::Off),
                ("/api", number(2)),
                ("/", number(0)),
            ],
        ]
        .into_iter()
        .map(|routes| routes.into_iter().map(|(prefix, one)| (prefix.into(), one)).collect())
        .collect::<Vec<Vec<(String, Treatment)>>>();
        all.extend((0..RANDOM_SETS).map(|_| random(rng)));
        let named = |(index, routes)| Self { name: format!("set{index}"), routes };
        all.into_iter().enumerate().map(named).collect()
    }

    /// The prefixes, the longest first.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|(prefix, _)| prefix.as_str())
    }

    /// The treatment of a route that an upstream serves.
    pub(crate) fn treatment(&self, route: &str) -> Option<Treatment> {
        self.routes.iter().find(|(prefix, _)| prefix == route).map(|(_, treatment)| *treatment)
    }

    /// The rules with this treatment, for people.
    pub(crate) fn named(&self, treatment: Treatment) -> String {
        let same = self.prefixes().filter(|prefix| self.treatment(prefix) == Some(treatment));
        let same = same.collect::<Vec<_>>().join(" or ");
        format!("{} ({treatment})", if same.is_empty() { "no rule" } else { &same })
    }

    /// What a gateway would take that compares paths as they are sent.
    pub(crate) fn literally(&self, path: &str) -> Option<Treatment> {
        let path = path.split('?').next()?;
        let below = |prefix: &str| {
            let rest = path.strip_prefix(prefix);
            prefix == "/" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.treatment(self.prefixes().find(|prefix| below(prefix))?)
    }

    /// As the configuration of a gateway has it.
    pub(crate) fn gateway(&self) -> Value {
        let rule = |(prefix, treatment): &(String, Treatment)| match treatment.audience() {
            None => json!({ "pathPrefix": prefix, "token": "off" }),
            Some(audience) => json!({ "pathPrefix": prefix, "audience": [audience] }),
        };
        json!({
            "clientId": "edge",
            "audience": [Treatment::Audience(0).audience()],
            "rules": self.routes.iter().map(rule).collect::<Vec<_>>(),
        })
    }
}

impl std::fmt::Display for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let routes = self.routes.iter().map(|(prefix, treatment)| format!("{prefix} {treatment}"));
        f.write_str(&routes.collect::<Vec<_>>().join(", "))
    }
}

fn random(rng: &mut Rng) -> Vec<(String, Treatment)> {
    let mut routes: Vec<(String, Treatment)> = vec![("/".into(), Treatment::random(rng))];
    for _ in 0..rng.usize(1..=5) {
        // Below another one, half of the time.
        let above = rng.choice(&routes).filter(|_| rng.bool());
        let above = above.map_or("", |(prefix, _)| prefix.trim_end_matches('/')).to_string();
        let depth = rng.usize(1..=2);
        let names = (0..depth).filter_map(|_| rng.choice(NAMES)).collect::<Vec<_>>();
        let prefix = format!("{above}/{}", names.join("/"));
        if routes.iter().all(|(known, _)| *known != prefix) {
            routes.push((prefix, Treatment::random(rng)));
        }
    }
    routes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    routes
}
