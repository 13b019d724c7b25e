//! nginx, which decodes and normalises a path before it compares locations.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::process::{Folder, Process, free_ports};
use super::{NODE, Upstream, at};
use crate::rules::RuleSet;

/// For connections that stay open, to the client and to Node.
const PROXY: &str = "proxy_set_header Host $host; proxy_http_version 1.1; \
                     proxy_set_header Connection '';";

/// Starts nginx with its own locations, and before Node.
pub(super) fn start(
    folder: &Folder,
    sets: &[RuleSet],
    node: u16,
) -> Result<(Vec<Upstream>, Process)> {
    let [plain, unmerged, nocase, proxy] = free_ports::<4>()?;
    // With a path of its own behind the address, nginx sends on what it read.
    let to_node = format!("{PROXY} location / {{ proxy_pass http://127.0.0.1:{node}/; }}");
    let mut servers = String::new();
    for set in sets {
        let locations: String = set.prefixes().map(location).collect();
        let patterns: String = set.prefixes().map(pattern).collect();
        for (port, what) in [
            (plain, locations.clone()),
            (unmerged, format!("merge_slashes off; {locations}")),
            (nocase, patterns),
            (proxy, to_node.clone()),
        ] {
            let name = &set.name;
            writeln!(servers, "server {{ listen 127.0.0.1:{port}; server_name {name}; {what} }}")?;
        }
    }
    folder.write("nginx.conf", &configuration(&servers))?;
    let mut command = Command::new(program());
    // The log that is built in may not be there to be written.
    command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
    let process = Process::on_port(&mut command, plain)?;
    let upstreams = vec![
        at("nginx", plain, &["nginx"]),
        at("nginx, slashes kept", unmerged, &["nginx"]),
        at("nginx, any letter case", nocase, &["nginx"]),
        at("nginx before node", proxy, &NODE),
    ];
    Ok((upstreams, process))
}

/// Debian keeps it where only root looks for it.
fn program() -> &'static str {
    let debian = "/usr/sbin/nginx";
    if Path::new(debian).exists() { debian } else { "nginx" }
}

fn configuration(servers: &str) -> String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders: String = folders.iter().map(|name| format!("{name}_temp_path {name};")).collect();
    format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
         events {{ worker_connections 64; }}
         http {{
           access_log off; {folders} default_type text/plain;
           keepalive_requests 100000000; keepalive_timeout 1h;
           {servers}
         }}"
    )
}

fn answer(prefix: &str) -> String {
    format!("return 200 \"nginx {prefix}\\n\";")
}

fn location(prefix: &str) -> String {
    let answer = answer(prefix);
    match prefix {
        "/" => format!("location / {{ {answer} }}\n"),
        _ => format!("location = {prefix} {{ {answer} }} location {prefix}/ {{ {answer} }}\n"),
    }
}

/// In any letter case. The first pattern that fits counts.
fn pattern(prefix: &str) -> String {
    let path = prefix.trim_end_matches('/').replace('.', "\\.");
    format!("location ~* \"^{path}(/|$)\" {{ {} }}\n", answer(prefix))
}
