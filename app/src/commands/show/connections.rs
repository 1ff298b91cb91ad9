//! Both connections of an exchange, a line or two each.

use dashcam_exchange::Exchange;
use dashcam_views::dto::{Certificate, Connection, Program, Tls, UpstreamConnection};

use crate::row::duration;
use crate::terminal::escaped;

/// A name and what is said of it.
type Row = (&'static str, String);

/// The client's end.
pub(super) fn client(exchange: &Exchange, connection: Option<&Connection>) -> Vec<Row> {
    let Some(id) = exchange.connection else { return Vec::new() };
    let Some(connection) = connection else { return vec![("connection", id.to_string())] };
    let tls = connection.tls.as_ref();
    let listener = connection.listener.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
    let from = format!("{id} from {}{listener} ({})", connection.client, spoken(tls));
    let mut rows = vec![("connection", from)];
    rows.extend(connection.program.as_ref().map(|sender| ("program", program(sender))));
    rows.extend(leaf(tls).map(|leaf| ("its cert.", certificate(leaf))));
    safe(rows)
}

/// A program's name and process, its service, and its command line or at least where its executable is.
fn program(program: &Program) -> String {
    let service = program.service.as_ref().map(|service| format!(" in {service}")).unwrap_or_default();
    let command = program.command.as_ref().or(program.path.as_ref());
    let command = command.map(|command| format!(": {command}")).unwrap_or_default();
    format!("{} ({}){service}{command}", program.name, program.pid)
}

/// The upstream's end.
pub(super) fn upstream(exchange: &Exchange, connection: Option<&UpstreamConnection>) -> Vec<Row> {
    let Some(upstream) = &exchange.upstream else { return Vec::new() };
    let reused = if upstream.reused { "reused" } else { "new" };
    let Some(connection) = connection else {
        let tls = upstream.tls_version.as_deref().unwrap_or("no TLS");
        return safe(vec![("upstream", format!("{} ({reused}, {tls})", upstream.address))]);
    };
    let tls = connection.tls.as_ref();
    let mut rows = vec![("upstream", format!("{} ({reused}, {})", upstream.address, spoken(tls)))];
    rows.extend(connection.parent.as_ref().map(|parent| ("through", format!("parent proxy {parent}"))));
    rows.extend(connection.tried.clone().map(|tried| ("tried before", tried)));
    let steps = [("DNS", connection.dns_us), ("TCP", connection.connect_us), ("TLS", connection.tls_us)];
    let steps: Vec<_> =
        steps.iter().filter_map(|(name, us)| us.map(|us| format!("{name} {}", duration(us)))).collect();
    rows.push(("opened in", steps.join(", ")));
    rows.extend(leaf(tls).map(|leaf| ("its cert.", certificate(leaf))));
    rows.extend(connection.client_certificate.as_ref().map(|ours| ("our cert.", certificate(ours))));
    safe(rows)
}

/// The rows without anything that a terminal obeys: the database may be a stranger's.
fn safe(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().map(|(name, text)| (name, escaped(&text))).collect()
}

fn spoken(tls: Option<&Tls>) -> String {
    let Some(tls) = tls else { return "no TLS".to_owned() };
    let mut words = vec![tls.version.clone(), tls.cipher.clone()];
    words.extend(tls.sni.as_ref().map(|name| format!("SNI {}", escaped(name))));
    words.extend(tls.alpn.as_ref().map(|protocol| format!("ALPN {}", escaped(protocol))));
    words.join(", ")
}

fn leaf(tls: Option<&Tls>) -> Option<&Certificate> {
    tls.and_then(|tls| tls.certificates.first())
}

fn certificate(certificate: &Certificate) -> String {
    let (Some(subject), Some(issuer), Some(until)) =
        (&certificate.subject, &certificate.issuer, certificate.not_after)
    else {
        return format!("sha256 {}", certificate.sha256);
    };
    let until = until.0.strftime("%Y-%m-%d");
    let issuer = if issuer == subject { "itself".to_owned() } else { escaped(issuer) };
    format!("{} by {issuer}, until {until}, sha256 {}", escaped(subject), certificate.sha256)
}
