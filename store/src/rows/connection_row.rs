//! A row of `connections`.

use std::net::SocketAddr;
use std::sync::LazyLock;

use dashcam_exchange::{
    Connection, ConnectionId, Detected, Program, Runtime, Timestamp, TunnelReason, Verdict,
};

use crate::StoreError;
use crate::rows::columns::Columns;
use crate::rows::recorded::{names, recorded};
use crate::rows::table::Table;
use crate::rows::values::Values;

recorded! {
    /// The columns of `connections`.
    CONNECTION;
    bind(connection: Connection, values);
    read(columns) -> Connection {
        Connection {
            id,
            opened_at,
            closed_at,
            client,
            program,
            mode,
            listener,
            destination,
            detected,
            verdict,
            tunnel_reason,
            runtime,
            tls,
            failure,
            bytes_in,
            bytes_out,
        }
    }

    since 1 { id "INTEGER, key" "ascending in the order in which connections were accepted"; }
    bind values.push(connection.id.0);
    read id = ConnectionId(columns.take()?);

    since 1 {
        opened_at "INTEGER" "times; `closed_at` is NULL while it is open, and if dashcam ended before it did";
        closed_at "INTEGER";
    }
    bind {
        values.push(connection.opened_at.0);
        values.push(connection.closed_at.map(|at| at.0));
    };
    read (opened_at, closed_at) = (Timestamp(columns.take()?), columns.take::<Option<i64>>()?.map(Timestamp));

    since 1 { client "TEXT" "the client's `ADDRESS:PORT`"; }
    bind values.push(connection.client.as_str());
    read client = columns.take()?;

    since 9 {
        program "TEXT" "the name of the program on this machine that opened it; NULL if none was found";
        program_pid "INTEGER" "the number of its process";
        program_path "TEXT" "where its executable is";
        program_command "TEXT" "its command line, without the values of its arguments unless `program_arguments` is \
            set";
        program_cgroup "TEXT" "its control group, which names its container or service";
    }
    bind bind_program(connection.program.as_ref(), values);
    read program = read_program(columns)?;

    since 1 { mode "TEXT" "the mode of the listener that took it, as given on the command line"; }
    bind values.push(connection.mode.as_str());
    read mode = columns.take()?;

    since 12 { listener "TEXT" "the name of that listener; NULL if it has none"; }
    bind values.push(connection.listener.as_deref());
    read listener = columns.take()?;

    since 1 {
        destination "TEXT" "`HOST:PORT` that a CONNECT or the reverse mode names; NULL for absolute-form requests";
    }
    bind values.push(connection.destination.as_deref());
    read destination = columns.take()?;

    since 1 {
        detected "TEXT" "the protocol that the first bytes showed: `tls`, `http1`, `http2`, `other`, `silent`";
    }
    bind values.push(connection.detected.map(Detected::as_str));
    read detected = columns.optional_name(Detected::parse)?;

    since 1 { verdict "TEXT" "the decision: `decrypt`, `plain`, `tunnel`, `refuse`"; }
    bind values.push(connection.verdict.map(Verdict::as_str));
    read verdict = columns.optional_name(Verdict::parse)?;

    since 11 {
        tunnel_reason "TEXT" "the reason for a `tunnel`: `off`, `rule` (`--ignore-hosts`, `--allow-hosts`), \
            `constrained` (the root may issue no certificate for the host), `not_http`, `foreign_tls`, `silent`, \
            `client_rejected`, `upstream_rejected` (`--tunnel-rejected`)";
    }
    bind values.push(connection.tunnel_reason.map(TunnelReason::as_str));
    read tunnel_reason = columns.optional_name(TunnelReason::parse)?;

    since 11 {
        runtime "TEXT" "the client's software, as far as its TLS and its User-Agent tell: `python`, `node`, `java`, \
            `go`, `chromium` and others; NULL if they don't";
    }
    bind values.push(connection.runtime.map(Runtime::as_str));
    read runtime = columns.optional_name(Runtime::parse)?;

    since 1 {
        tls_version "TEXT" "TLS with the client";
        tls_cipher "TEXT";
        tls_sni "TEXT";
        tls_alpn "TEXT";
    }
    bind values.push_tls(connection.tls.as_ref());
    read mut tls = columns.tls()?;

    since 2 {
        certificates "TEXT" "the certificates that the client showed (mutual TLS), its own first: a JSON array of \
            `certificates.sha256`; NULL if none";
    }
    bind values.push_certificates(connection.tls.as_ref());
    read () = columns.certificates(tls.as_mut())?;

    since 1 {
        failure_side "TEXT" "its failure, as in `exchanges`";
        failure_stage "TEXT";
        failure_message "TEXT";
    }
    bind values.push_failure(connection.failure.as_ref());
    read failure = columns.failure()?;

    since 1 {
        bytes_in "INTEGER" "bytes from and to the client, counted for tunnels";
        bytes_out "INTEGER";
    }
    bind values.push_each_size([connection.bytes_in, connection.bytes_out]);
    read [bytes_in, bytes_out] = columns.numbers()?;
}

/// Binds the columns of a program.
fn bind_program<'r>(program: Option<&'r Program>, values: &mut Values<'_, '_, 'r>) {
    values.push(program.map(|program| program.name.as_str()));
    values.push(program.map(|program| program.pid));
    values.push(program.and_then(|program| program.path.as_deref()));
    values.push(program.and_then(|program| program.command.as_deref()));
    values.push(program.and_then(|program| program.cgroup.as_deref()));
}

fn read_program(columns: &mut Columns<'_>) -> Result<Option<Program>, StoreError> {
    let name: Option<String> = columns.take()?;
    let pid: Option<u32> = columns.take()?;
    let [path, command, cgroup] = [columns.take()?, columns.take()?, columns.take()?];
    Ok(name.map(|name| Program { name, pid: pid.unwrap_or_default(), path, command, cgroup }))
}

/// Adds the program to a row that is there.
pub(crate) const FOUND: &str = "UPDATE connections SET program = ?2, program_pid = ?3, program_path = ?4, \
    program_command = ?5, program_cgroup = ?6 WHERE id = ?1";

/// The name of the program that sent the exchange of a row.
pub(crate) const PROGRAM: &str = "(SELECT program FROM connections WHERE connections.id = connection)";

/// The `ADDRESS:PORT` of the client that sent the exchange of a row.
pub(crate) const CLIENT: &str = "(SELECT client FROM connections WHERE connections.id = connection)";

/// The address of a client's `ADDRESS:PORT`; the text itself if it is none.
pub(crate) fn without_port(client: &str) -> String {
    client.parse::<SocketAddr>().map_or_else(|_| client.to_owned(), |client| client.ip().to_string())
}

/// The table. A later record of a connection replaces the earlier one.
pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "connections", &names(CONNECTION)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_port() {
        for (client, expect) in
            [("10.0.0.7:5000", "10.0.0.7"), ("[2001:db8::1]:5000", "2001:db8::1"), ("replay", "replay")]
        {
            assert_eq!(without_port(client), expect);
        }
    }
}
