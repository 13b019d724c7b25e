//! The servers: how each is started, and who reads paths there.

mod envoy;
mod hyper;
mod nginx;
mod process;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::process::{Folder, Process};
use crate::rules::RuleSet;

/// The kinds of servers that [`crate::search`] knows.
pub const KINDS: [&str; 5] = ["node", "python", "hyper", "nginx", "envoy"];

/// A server that is asked for routes. It answers with a line for each of its
/// readers that makes sense of the path: the name of the reader and the route.
pub(crate) struct Upstream {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) readers: &'static [&'static str],
}

/// Servers that run until this is dropped.
pub(crate) struct Running {
    pub(crate) upstreams: Vec<Upstream>,
    _processes: Vec<Process>,
    _folder: Folder,
}

const NODE: [&str; 7] =
    ["whatwg", "whatwg-joined", "whatwg-decoded", "url.parse", "truncating", "files", "twice"];
const PYTHON: [&str; 6] = ["files", "unquoted", "normalised", "urlparse", "urlsplit", "nocase"];

/// Starts the servers of a kind.
pub(crate) fn start(kind: &str, sets: &[RuleSet]) -> Result<Running> {
    let folder = Folder::new()?;
    let routes = folder.write("routes.json", &routes(sets))?;
    let (upstreams, processes) = match kind {
        "node" => {
            let (node, ports) = node(&routes)?;
            let named =
                [("node", &NODE[..]), ("express", &["express"]), ("find-my-way", &["find-my-way"])];
            let upstreams = named.into_iter().zip(ports);
            (upstreams.map(|((name, readers), port)| at(name, port, readers)).collect(), vec![node])
        }
        "python" => python(&routes)?,
        "hyper" => (vec![at("hyper", hyper::start(sets)?, &hyper::READERS)], Vec::new()),
        "nginx" => {
            let (node, ports) = node(&routes)?;
            let (upstreams, nginx) = nginx::start(&folder, sets, first(&ports)?)?;
            (upstreams, vec![nginx, node])
        }
        "envoy" => {
            let (node, ports) = node(&routes)?;
            let (upstreams, envoy) = envoy::start(&folder, sets, first(&ports)?)?;
            (upstreams, vec![envoy, node])
        }
        other => {
            bail!("there are no servers of the kind `{other}`; known are {}", KINDS.join(", "))
        }
    };
    Ok(Running { upstreams, _processes: processes, _folder: folder })
}

fn at(name: &'static str, port: u16, readers: &'static [&'static str]) -> Upstream {
    Upstream { name, address: SocketAddr::from(([127, 0, 0, 1], port)), readers }
}

fn first(ports: &[u16]) -> Result<u16> {
    ports.first().copied().context("the server has no port")
}

/// The prefixes of each set, the longest first.
fn routes(sets: &[RuleSet]) -> String {
    let prefixes =
        |set: &RuleSet| set.prefixes().map(Into::into).collect::<Vec<serde_json::Value>>();
    let all = sets.iter().map(|set| (set.name.clone(), prefixes(set).into()));
    serde_json::Value::Object(all.collect()).to_string()
}

fn node(routes: &Path) -> Result<(Process, Vec<u16>)> {
    Process::listening("node", &[&servers().join("node.mjs"), routes])
}

fn python(routes: &Path) -> Result<(Vec<Upstream>, Vec<Process>)> {
    let python = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = crate_folder().join("../.venv").join(python);
    if !python.exists() {
        bail!("the Python servers are not installed; `cargo xtask test` installs them");
    }
    let named = [
        ("http.server", "files.py", &PYTHON[..]),
        ("waitress", "wsgi.py", &["path-info", "werkzeug"]),
        ("uvicorn", "asgi.py", &["starlette"]),
    ];
    let (mut upstreams, mut processes) = (Vec::new(), Vec::new());
    for (name, script, readers) in named {
        let (process, ports) = Process::listening(&python, &[&servers().join(script), routes])?;
        upstreams.push(at(name, first(&ports)?, readers));
        processes.push(process);
    }
    Ok((upstreams, processes))
}

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn servers() -> PathBuf {
    crate_folder().join("servers")
}
