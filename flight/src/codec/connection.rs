//! Connections as bytes. Certificates are named by their fingerprints: their own bytes are entries of their own.

use dashcam_exchange::{Certificate, Connection, Fingerprint, Program, TlsFacts, UpstreamConnection};

use super::cursor::{Cursor, Malformed};
use super::values::{Code, read_list, write_list};

impl Code for Fingerprint {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let digest = cursor.take(32)?.try_into().map_err(|_| Malformed::Ended)?;
        Ok(Self(digest))
    }
}

impl Code for Certificate {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.sha256.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Fingerprint::read(cursor).map(Self::named)
    }
}

impl Code for TlsFacts {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { version, cipher, sni, alpn, certificates } = self;
        version.write(bytes);
        cipher.write(bytes);
        sni.write(bytes);
        alpn.write(bytes);
        write_list(certificates, bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            version: Code::read(cursor)?,
            cipher: Code::read(cursor)?,
            sni: Code::read(cursor)?,
            alpn: Code::read(cursor)?,
            certificates: read_list(cursor)?,
        })
    }
}

impl Code for Program {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { name, pid, path, command, cgroup } = self;
        name.write(bytes);
        pid.write(bytes);
        path.write(bytes);
        command.write(bytes);
        cgroup.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            name: Code::read(cursor)?,
            pid: Code::read(cursor)?,
            path: Code::read(cursor)?,
            command: Code::read(cursor)?,
            cgroup: Code::read(cursor)?,
        })
    }
}

impl Code for Connection {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { id, opened_at, closed_at, client, program, mode, listener, destination, .. } = self;
        id.write(bytes);
        opened_at.write(bytes);
        closed_at.write(bytes);
        client.write(bytes);
        program.write(bytes);
        mode.write(bytes);
        listener.write(bytes);
        destination.write(bytes);
        let Self { detected, verdict, tunnel_reason, runtime, tls, failure, bytes_in, bytes_out, .. } = self;
        detected.write(bytes);
        verdict.write(bytes);
        tunnel_reason.write(bytes);
        runtime.write(bytes);
        tls.write(bytes);
        failure.write(bytes);
        bytes_in.write(bytes);
        bytes_out.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: Code::read(cursor)?,
            opened_at: Code::read(cursor)?,
            closed_at: Code::read(cursor)?,
            client: Code::read(cursor)?,
            program: Code::read(cursor)?,
            mode: Code::read(cursor)?,
            listener: Code::read(cursor)?,
            destination: Code::read(cursor)?,
            detected: Code::read(cursor)?,
            verdict: Code::read(cursor)?,
            tunnel_reason: Code::read(cursor)?,
            runtime: Code::read(cursor)?,
            tls: Code::read(cursor)?,
            failure: Code::read(cursor)?,
            bytes_in: Code::read(cursor)?,
            bytes_out: Code::read(cursor)?,
        })
    }
}

impl Code for UpstreamConnection {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { id, opened_at, destination, address, local_address, dns_us, connect_us, .. } = self;
        id.write(bytes);
        opened_at.write(bytes);
        destination.write(bytes);
        address.write(bytes);
        local_address.write(bytes);
        dns_us.write(bytes);
        connect_us.write(bytes);
        let Self { tls_us, tls, client_certificate, parent, tried, .. } = self;
        tls_us.write(bytes);
        tls.write(bytes);
        client_certificate.write(bytes);
        parent.write(bytes);
        tried.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: Code::read(cursor)?,
            opened_at: Code::read(cursor)?,
            destination: Code::read(cursor)?,
            address: Code::read(cursor)?,
            local_address: Code::read(cursor)?,
            dns_us: Code::read(cursor)?,
            connect_us: Code::read(cursor)?,
            tls_us: Code::read(cursor)?,
            tls: Code::read(cursor)?,
            client_certificate: Code::read(cursor)?,
            parent: Code::read(cursor)?,
            tried: Code::read(cursor)?,
        })
    }
}
