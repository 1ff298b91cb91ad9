//! Requests over HTTP/1.1 to a destination that was offered HTTP/2.

use std::sync::Arc;

use crate::h2::extended_connect;
use crate::upstream::call::Call;
use crate::upstream::key::Protocol;
use crate::upstream::upstreams::Upstreams;

/// The call over HTTP/1.1, which the destination chose; the next one goes there at once.
pub(super) fn chose_h1<'a>(upstreams: &Upstreams, call: Call<'a>) -> Call<'a> {
    let asked = Arc::clone(&call.place);
    let call = over_h1(upstreams, call);
    asked.set_over_h1(&call.place);
    call
}

/// The call over HTTP/1.1, if that is what the destination chose: later connections do not offer HTTP/2 either, so that
/// none of them can turn out to speak it. An extended CONNECT becomes an upgrade.
pub(in crate::upstream) fn over_h1<'a>(upstreams: &Upstreams, call: Call<'a>) -> Call<'a> {
    let Call { place, head, body, interim, open, records, account, room } = call;
    let place =
        if place.key.protocol == Protocol::Http1 { place } else { upstreams.pool.place(place.key.over_h1()) };
    if extended_connect::protocol(head).is_some() {
        *head = extended_connect::over_h1(head);
    }
    Call { place, head, body, interim, open, records, account, room }
}
