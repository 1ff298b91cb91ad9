//! Rows of `upstream_connections` and `certificates`.

use std::sync::LazyLock;

use dashcam_exchange::{Certificate, Fingerprint, Timestamp, UpstreamConnection, UpstreamConnectionId};

use crate::rows::recorded::{names, recorded};
use crate::rows::table::Table;
use crate::rows::values::Values;

recorded! {
    /// The columns of `upstream_connections`.
    UPSTREAM_CONNECTION;
    bind(connection: UpstreamConnection, values);
    read(columns) -> UpstreamConnection {
        UpstreamConnection {
            id,
            opened_at,
            destination,
            address,
            local_address,
            dns_us,
            connect_us,
            tls_us,
            tls,
            client_certificate,
            parent,
            tried,
        }
    }

    since 2 { id "INTEGER, key" "ascending; never used twice"; }
    bind values.push(connection.id.0);
    read id = UpstreamConnectionId(columns.take()?);

    since 2 {
        opened_at "INTEGER" "time at which opening it began: it may be before the `started_at` of the first exchange \
            that it served";
    }
    bind values.push(connection.opened_at.0);
    read opened_at = Timestamp(columns.take()?);

    since 2 { destination "TEXT" "`HOST:PORT` that was asked for"; }
    bind values.push(connection.destination.as_str());
    read destination = columns.take()?;

    since 2 {
        address "TEXT" "`ADDRESS:PORT` that answered, and dashcam's own";
        local_address "TEXT";
    }
    bind {
        values.push(connection.address.as_str());
        values.push(connection.local_address.as_deref());
    };
    read (address, local_address) = (columns.take()?, columns.take()?);

    since 2 { dns_us "INTEGER" "how long resolving the name took; NULL if the destination is an address"; }
    bind values.push(connection.dns_us);
    read dns_us = columns.take()?;

    since 2 { connect_us "INTEGER" "how long the TCP connection took after that"; }
    bind values.push(connection.connect_us);
    read connect_us = columns.take()?;

    since 2 { tls_us "INTEGER" "how long the TLS handshake took after that; NULL without TLS"; }
    bind values.push(connection.tls_us);
    read tls_us = columns.take()?;

    since 2 {
        tls_version "TEXT" "TLS with the upstream: `tls_sni` is the name that was asked for; all NULL without TLS";
        tls_cipher "TEXT";
        tls_sni "TEXT";
        tls_alpn "TEXT";
    }
    bind values.push_tls(connection.tls.as_ref());
    read mut tls = columns.tls()?;

    since 2 {
        certificates "TEXT" "the certificates that the upstream showed, its own first: a JSON array of \
            `certificates.sha256`; NULL if none";
    }
    bind values.push_certificates(connection.tls.as_ref());
    read () = columns.certificates(tls.as_mut())?;

    since 2 { client_certificate "TEXT" "the certificate that dashcam showed (`certificates.sha256`); NULL if none"; }
    bind values.push(connection.client_certificate.as_ref().map(|certificate| certificate.sha256.to_string()));
    read client_certificate = columns.optional_name(Fingerprint::parse)?.map(Certificate::named);

    since 10 {
        parent "TEXT" "the parent proxy that it goes through, as a URL without user and password; then `address` is the \
            parent's; NULL if none";
    }
    bind values.push(connection.parent.as_deref());
    read parent = columns.take()?;

    since 10 {
        tried "TEXT" "the outcome of attempts at other addresses before this one answered, in words; NULL if there \
            were none";
    }
    bind values.push(connection.tried.as_deref());
    read tried = columns.take()?;
}

pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "upstream_connections", &names(UPSTREAM_CONNECTION)));

/// Many connections show the same certificate.
pub(crate) static CERTIFICATES: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR IGNORE", "certificates", "sha256, der, first_seen"));

pub(crate) fn bind_certificate<'r>(
    (certificate, at): &'r (Certificate, Timestamp),
    values: &mut Values<'_, '_, 'r>,
) {
    values.push(certificate.sha256.to_string());
    values.push(&*certificate.der);
    values.push(at.0);
}
