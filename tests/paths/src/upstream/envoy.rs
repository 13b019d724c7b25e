//! Envoy behind the gateway, which normalises paths before it routes them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::process::{Folder, Process, free_ports};
use super::{NODE, Upstream, at, crate_folder};
use crate::rules::RuleSet;

/// Starts Envoy with its own routes, and before Node.
pub(super) fn start(
    folder: &Folder,
    sets: &[RuleSet],
    node: u16,
) -> Result<(Vec<Upstream>, Process)> {
    let [raw, normalised, nocase, proxy] = free_ports::<4>()?;
    let node_cluster = json!({
        "name": "node", "type": "STATIC", "connect_timeout": "1s",
        "load_assignment": { "cluster_name": "node", "endpoints": [{ "lb_endpoints": [
            { "endpoint": { "address": address(node) } },
        ] }] },
    });
    let direct = |find: fn(&str) -> Value| {
        hosts(sets, move |set| set.prefixes().map(|prefix| answer(prefix, find(prefix))).collect())
    };
    let forward = json!({ "match": { "prefix": "/" }, "route": { "cluster": "node" } });
    let bootstrap = json!({ "static_resources": {
        "clusters": [node_cluster],
        "listeners": [
            listener(raw, direct(separated), false),
            listener(normalised, direct(separated), true),
            listener(nocase, direct(pattern), true),
            listener(proxy, hosts(sets, |_| vec![forward.clone()]), true),
        ],
    } });
    let file = folder.write("envoy.json", &bootstrap.to_string())?;
    let mut command = Command::new(binary()?);
    command.arg("--config-path").arg(file).stderr(Stdio::null());
    command.args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]);
    let process = Process::on_port(&mut command, proxy)?;
    let upstreams = vec![
        at("envoy, paths kept", raw, &["envoy"]),
        at("envoy", normalised, &["envoy"]),
        at("envoy, any letter case", nocase, &["envoy"]),
        at("envoy before node", proxy, &NODE),
    ];
    Ok((upstreams, process))
}

/// The Envoy of the filter's tests, or the one that `ENVOY` names.
fn binary() -> Result<PathBuf> {
    let installed = crate_folder().join("../.venv/bin/envoy");
    let binary = std::env::var_os("ENVOY").map_or(installed, PathBuf::from);
    if !binary.exists() {
        bail!("there is no Envoy at {}; `cargo xtask test` installs it", binary.display());
    }
    Ok(binary)
}

fn address(port: u16) -> Value {
    json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } })
}

fn hosts(sets: &[RuleSet], routes: impl Fn(&RuleSet) -> Vec<Value>) -> Vec<Value> {
    let host =
        |set: &RuleSet| json!({ "name": set.name, "domains": [set.name], "routes": routes(set) });
    sets.iter().map(host).collect()
}

fn answer(prefix: &str, found: Value) -> Value {
    let body = json!({ "inline_string": format!("envoy {prefix}\n") });
    json!({ "match": found, "direct_response": { "status": 200, "body": body } })
}

fn separated(prefix: &str) -> Value {
    match prefix {
        "/" => json!({ "prefix": "/" }),
        _ => json!({ "path_separated_prefix": prefix }),
    }
}

fn pattern(prefix: &str) -> Value {
    let path = prefix.trim_end_matches('/').replace('.', "\\.");
    json!({ "safe_regex": { "regex": format!("(?i){path}(/.*)?") } })
}

fn listener(port: u16, hosts: Vec<Value>, normalises: bool) -> Value {
    let escaped = if normalises { "UNESCAPE_AND_FORWARD" } else { "KEEP_UNCHANGED" };
    let filters = "type.googleapis.com/envoy.extensions.filters";
    json!({
        "name": format!("paths-{port}"),
        "address": address(port),
        "filter_chains": [{ "filters": [{ "name": "http", "typed_config": {
            "@type": format!("{filters}.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "paths",
            "normalize_path": normalises,
            "merge_slashes": normalises,
            "path_with_escaped_slashes_action": escaped,
            "route_config": { "virtual_hosts": hosts },
            "http_filters": [{ "name": "router", "typed_config": {
                "@type": format!("{filters}.http.router.v3.Router"),
            } }],
        } }] }],
    })
}
