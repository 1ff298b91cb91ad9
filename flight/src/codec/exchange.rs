//! Exchanges as bytes.

use dashcam_exchange::{BodyRecord, Destination, Exchange, Failure, Redaction, Timings, Upstream};

use super::cursor::{Cursor, Malformed};
use super::values::{Code, read_list, write_list};

impl Code for Exchange {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { id, connection, replay_of, started_at, level, state, destination, request, .. } = self;
        id.write(bytes);
        connection.write(bytes);
        replay_of.write(bytes);
        started_at.write(bytes);
        level.write(bytes);
        state.write(bytes);
        destination.write(bytes);
        request.write(bytes);
        let Self { request_sent, request_body, interim, response, response_sent, response_body, .. } = self;
        request_sent.write(bytes);
        request_body.write(bytes);
        write_list(interim, bytes);
        response.write(bytes);
        response_sent.write(bytes);
        response_body.write(bytes);
        let Self { timings, upstream, failure, rule, keep_until, redaction, .. } = self;
        timings.write(bytes);
        upstream.write(bytes);
        failure.write(bytes);
        rule.write(bytes);
        keep_until.write(bytes);
        redaction.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: Code::read(cursor)?,
            connection: Code::read(cursor)?,
            replay_of: Code::read(cursor)?,
            started_at: Code::read(cursor)?,
            level: Code::read(cursor)?,
            state: Code::read(cursor)?,
            destination: Code::read(cursor)?,
            request: Code::read(cursor)?,
            request_sent: Code::read(cursor)?,
            request_body: Code::read(cursor)?,
            interim: read_list(cursor)?,
            response: Code::read(cursor)?,
            response_sent: Code::read(cursor)?,
            response_body: Code::read(cursor)?,
            timings: Code::read(cursor)?,
            upstream: Code::read(cursor)?,
            failure: Code::read(cursor)?,
            rule: Code::read(cursor)?,
            keep_until: Code::read(cursor)?,
            redaction: Code::read(cursor)?,
        })
    }
}

impl Code for BodyRecord {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { size, stored, truncated, complete, end, trailers, stored_as, parts, rest } = self;
        size.write(bytes);
        stored.write(bytes);
        truncated.write(bytes);
        complete.write(bytes);
        end.write(bytes);
        trailers.write(bytes);
        stored_as.write(bytes);
        parts.write(bytes);
        rest.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            size: Code::read(cursor)?,
            stored: Code::read(cursor)?,
            truncated: Code::read(cursor)?,
            complete: Code::read(cursor)?,
            end: Code::read(cursor)?,
            trailers: Code::read(cursor)?,
            stored_as: Code::read(cursor)?,
            parts: Code::read(cursor)?,
            rest: Code::read(cursor)?,
        })
    }
}

impl Code for Redaction {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { set, replaced } = self;
        set.write(bytes);
        replaced.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { set: Code::read(cursor)?, replaced: Code::read(cursor)? })
    }
}

impl Code for Destination {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { scheme, host, port } = self;
        scheme.write(bytes);
        host.write(bytes);
        port.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { scheme: Code::read(cursor)?, host: Code::read(cursor)?, port: Code::read(cursor)? })
    }
}

impl Code for Timings {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us } = self;
        let all = [resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us];
        all.into_iter().for_each(|moment| moment.write(bytes));
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            resolved_us: Code::read(cursor)?,
            connected_us: Code::read(cursor)?,
            tls_us: Code::read(cursor)?,
            request_end_us: Code::read(cursor)?,
            response_start_us: Code::read(cursor)?,
            end_us: Code::read(cursor)?,
        })
    }
}

impl Code for Upstream {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { address, reused, tls_version, connection } = self;
        address.write(bytes);
        reused.write(bytes);
        tls_version.write(bytes);
        connection.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            address: Code::read(cursor)?,
            reused: Code::read(cursor)?,
            tls_version: Code::read(cursor)?,
            connection: Code::read(cursor)?,
        })
    }
}

impl Code for Failure {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { side, stage, message } = self;
        side.write(bytes);
        stage.write(bytes);
        message.write(bytes);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { side: Code::read(cursor)?, stage: Code::read(cursor)?, message: Code::read(cursor)? })
    }
}
