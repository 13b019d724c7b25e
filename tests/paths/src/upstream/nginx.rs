//! nginx, which decodes and normalises a path before it compares locations.

use std::fmt::Write;
use std::process::Command;

use anyhow::Result;

use super::process::{Folder, Process, free_ports};
use super::{NODE, Upstream, at};
use crate::rules::RuleSet;

/// Starts nginx with its own locations, and before Node.
pub(super) fn start(
    folder: &Folder,
    sets: &[RuleSet],
    node: u16,
) -> Result<(Vec<Upstream>, Process)> {
    let ports = free_ports::<4>()?;
    let [plain, unmerged, nocase, proxy] = ports;
    let mut servers = String::new();
    for set in sets {
        let name = &set.name;
        let mut server = |port: u16, more: &str, locations: String| {
            writeln!(
                servers,
                "server {{ listen 127.0.0.1:{port}; server_name {name}; {more} {locations} }}"
            )
        };
        server(plain, "", set.prefixes().map(locations).collect())?;
        server(unmerged, "merge_slashes off;", set.prefixes().map(locations).collect())?;
        server(nocase, "", set.prefixes().map(pattern).collect())?;
        // With a path of its own, nginx sends on what it read.
        let before = format!("location / {{ proxy_pass http://127.0.0.1:{node}/; }}");
        server(
            proxy,
            "proxy_set_header Host $host; proxy_http_version 1.1; proxy_set_header Connection '';",
            before,
        )?;
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String =
        temporary.iter().map(|name| format!("{name}_temp_path {name};")).collect();
    folder.write(
        "nginx.conf",
        &format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
             events {{ worker_connections 64; }}
             http {{
               access_log off; {temporary} default_type text/plain;
               keepalive_requests 100000000; keepalive_timeout 1h;
               {servers}
             }}"
        ),
    )?;
    let mut command = Command::new("nginx");
    // With the file's own log only: the one that is built in may not be written.
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

fn locations(prefix: &str) -> String {
    let answer = format!("return 200 \"nginx {prefix}\\n\";");
    match prefix {
        "/" => format!("location / {{ {answer} }}\n"),
        _ => format!("location = {prefix} {{ {answer} }} location {prefix}/ {{ {answer} }}\n"),
    }
}

/// The first pattern that fits counts.
fn pattern(prefix: &str) -> String {
    let (path, answer) =
        (prefix.trim_end_matches('/'), format!("return 200 \"nginx {prefix}\\n\";"));
    format!("location ~* \"^{path}(/|$)\" {{ {answer} }}\n")
}
