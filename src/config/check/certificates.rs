//! Client certificates: which one is a client's, and how they reach this server.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::document;
use super::super::model::{
    Application, CertificateIdentity, ClientAuthentication, ClientCertificates,
};
use super::super::problem::{At, Report, shown};
use crate::crypto::Dn;
use crate::crypto::certificate::Certificate;
use crate::http::AddressRange;
use crate::url::Web;

/// Longest name, in bytes.
const MAX_NAME: usize = 2048;

/// Which client certificate authenticates a client, if one does; the inner `None`
/// when something about it is wrong.
pub(super) fn identity(
    mtls: &mut document::Mtls,
    at: &At,
    report: &mut Report,
) -> Option<Option<CertificateIdentity>> {
    let mut found = Vec::new();
    if let Some(text) = mtls.subject_dn.take() {
        let dn = Dn::parse(&text).map_err(|why| {
            let remedy = "write the subject by RFC 4514, such as `CN=deployer,O=Acme`";
            report.problem(&at.field("subjectDn"), why, remedy);
        });
        found.push(dn.ok().map(CertificateIdentity::Subject));
    }
    let mut name = |value: &mut Option<String>, field, of: fn(String) -> CertificateIdentity| {
        let Some(value) = value.take() else { return };
        let is_good = !value.is_empty() && value.len() <= MAX_NAME && value.trim() == value;
        if !is_good {
            report.problem(
                &at.field(field),
                format!(
                    "is empty, longer than {MAX_NAME} bytes, or has a space at its beginning or end"
                ),
                "give exactly the name in the client's certificate",
            );
        }
        found.push(is_good.then(|| of(value)));
    };
    name(&mut mtls.san_dns, "sanDns", CertificateIdentity::Dns);
    name(&mut mtls.san_uri, "sanUri", CertificateIdentity::Uri);
    name(&mut mtls.san_email, "sanEmail", CertificateIdentity::Email);
    if let Some(text) = mtls.san_ip.take() {
        let address = text.parse().map_err(|_| {
            let remedy = "give an IP address, such as `10.0.0.7`";
            report.problem(&at.field("sanIp"), "is no IP address", remedy);
        });
        found.push(address.ok().map(CertificateIdentity::Ip));
    }
    if let Some(texts) = mtls.certificates.take() {
        found.push(registered(&texts, &at.field("certificates"), report));
    }
    // "A client using the tls_client_auth authentication method MUST use exactly one
    // of the below metadata parameters" (RFC 8705 section 2.1.2).
    if found.len() > 1 {
        report.problem(
            at,
            "says in more than one way which certificate is the client's",
            "keep exactly one of `subjectDn`, `sanDns`, `sanUri`, `sanIp`, `sanEmail` and `certificates`",
        );
        return Some(None);
    }
    found.pop()
}

fn registered(texts: &[String], at: &At, report: &mut Report) -> Option<CertificateIdentity> {
    let mut thumbprints: Vec<Arc<str>> = Vec::new();
    let mut good = true;
    let remedy = "give the client's certificate as PEM text (`-----BEGIN CERTIFICATE-----…`) or base64 of DER";
    for (index, text) in texts.iter().enumerate() {
        match Certificate::parse_all(text) {
            Err(problem) => {
                report.problem(&at.item(index), problem, remedy);
                good = false;
            }
            Ok(all) => {
                for one in &all {
                    if let Some(thumbprint) = one.thumbprints.sha256() {
                        thumbprints.push(thumbprint.into());
                    } else {
                        report.problem(
                            &at.item(index),
                            "is a public key, not a certificate",
                            remedy,
                        );
                        good = false;
                    }
                }
            }
        }
    }
    if good && thumbprints.is_empty() {
        report.problem(at, "is empty, so no certificate would be the client's", remedy);
        return None;
    }
    good.then_some(CertificateIdentity::Registered(thumbprints))
}

/// How client certificates reach this server.
pub(super) fn policy(
    document: Option<document::ClientCertificates>,
    report: &mut Report,
) -> Option<ClientCertificates> {
    let document::ClientCertificates { header, from, verifies_chains, origin } = document?;
    let at = At::top("clientCertificate");
    match (header, from.is_empty()) {
        (Some(header), true) => report.problem(
            &at.field("from"),
            format!("is missing, so that anybody could send `{}`", header.name()),
            "list the IP addresses of the proxies that set it, such as `127.0.0.1`",
        ),
        (None, false) => report.problem(
            &at.field("from"),
            "names proxies, and no `header` says where they hand in the certificate",
            "add `\"header\": \"client-cert\"` or `\"header\": \"x-forwarded-client-cert\"`",
        ),
        _ => {}
    }
    let mut addresses = Vec::new();
    for (index, text) in from.iter().enumerate() {
        match AddressRange::parse(text) {
            Some(range) => addresses.push(range),
            None => report.problem(
                &at.field("from").item(index),
                format!("{} is neither an IP address nor a range of them", shown(text)),
                "give the address from which the proxy connects, such as `127.0.0.1` or `10.0.0.0/8`",
            ),
        }
    }
    if let Some(origin) = &origin {
        let is_origin = Web::parse(origin).is_ok_and(|url| {
            !url.has_query() && !url.has_fragment() && (url.is_secure() || url.is_loopback())
        });
        if !is_origin {
            report.problem(
                &at.field("origin"),
                "is no https URL of a server",
                "give scheme and authority, such as `https://mtls.sts.example.com`",
            );
        }
    }
    let origin = origin.map(|origin| origin.trim_end_matches('/').into());
    Some(ClientCertificates { header, from: addresses, verifies_chains, origin })
}

/// Says where names in a certificate never authenticate a client.
pub(super) fn note(
    policy: Option<&ClientCertificates>,
    applications: &[Application],
    report: &mut Report,
) {
    let Some(ClientCertificates { header: Some(_), verifies_chains: false, .. }) = policy else {
        return;
    };
    for (index, application) in applications.iter().enumerate() {
        let named = match &application.authentication {
            ClientAuthentication::Certificate(CertificateIdentity::Registered(_)) => false,
            ClientAuthentication::Certificate(_) => true,
            _ => false,
        };
        if named {
            report.note(
                &At::top("applications").item(index).field("mtls"),
                "names in a certificate that comes through the proxy do not authenticate the client, because nobody says that the proxy verifies chains",
                "set `clientCertificate.verifiesChains` if the proxy lets no other certificate pass",
            );
        }
    }
}
