//! How many connections there may be: what the limit on open files has room for, and what the operator says.

use dashcam_proxy::ConnectionLimits;

/// Open files that are not for traffic: the page's connections, the store, logs, answers to those who are refused.
const RESERVE: usize = 512;
/// Client connections unless the operator wants more: each takes memory too.
const CLIENTS: usize = 65_536;

/// The operator's wishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Client connections.
    pub(crate) clients: Option<usize>,
    /// Those from one source address; 0 is no limit.
    pub(crate) clients_of_address: Option<usize>,
}

/// The limits where so many files may be open, and a warning if they are not what is wanted.
pub(crate) fn limits(open_files: usize, wanted: Wanted) -> (ConnectionLimits, Option<String>) {
    let reserve = reserve(open_files);
    let sockets = open_files - reserve;
    // Each client's needs one to an upstream.
    let most = (sockets / 2).max(1);
    let clients = wanted.clients.unwrap_or(CLIENTS).clamp(1, most);
    let clients_of_address = wanted.clients_of_address.unwrap_or((clients / 4).max(1));
    // Where few clients are wanted, each may still have many requests under way over HTTP/2.
    let upstreams = (sockets - clients.min(sockets)).clamp(1, clients.max(CLIENTS));
    let upstreams_of_address =
        if clients_of_address == 0 { 0 } else { clients_of_address.max((upstreams / 4).max(1)) };
    let limits = ConnectionLimits { clients, clients_of_address, upstreams, upstreams_of_address };
    let warning = wanted.clients.filter(|wanted| *wanted > most).map(|wanted| {
        let needed = wanted.saturating_mul(2).saturating_add(RESERVE);
        format!(
            "--max-connections {wanted} is more than {open_files} open files have room for (two for a connection, and \
             {reserve} for dashcam itself): {clients} it is. For {wanted}, raise the limit on open files to \
             {needed} (ulimit -n, LimitNOFILE)"
        )
    });
    (limits, warning)
}

/// How many connections of the page's are within the reserve: half of it is for them.
pub(crate) fn of_page(open_files: usize) -> usize {
    (reserve(open_files) / 2).max(1)
}

fn reserve(open_files: usize) -> usize {
    RESERVE.min(open_files / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        open_files: usize,
        wanted: (Option<usize>, Option<usize>),
        expect: [usize; 4],
    ) -> Option<String> {
        let wanted = Wanted { clients: wanted.0, clients_of_address: wanted.1 };
        let (found, warning) = limits(open_files, wanted);
        let [clients, clients_of_address, upstreams, upstreams_of_address] = expect;
        let expect = ConnectionLimits { clients, clients_of_address, upstreams, upstreams_of_address };
        assert_eq!(found, expect, "{open_files} {wanted:?}");
        warning
    }

    #[test]
    fn they_follow_from_the_limit_on_open_files() {
        check(256, (None, None), [96, 24, 96, 24]);
        check(1024, (None, None), [384, 96, 384, 96]);
        check(20_000, (None, None), [9744, 2436, 9744, 2436]);
        check(1_048_576, (None, None), [65_536, 16_384, 65_536, 16_384]);
        check(usize::MAX, (None, None), [65_536, 16_384, 65_536, 16_384]);
        check(0, (None, None), [1, 1, 1, 1]);
    }

    #[test]
    fn the_page_has_half_of_the_reserve() {
        assert_eq!([0, 256, 1024, 20_000].map(of_page), [1, 32, 128, 256]);
    }

    #[test]
    fn the_operator_goes_before_them_as_far_as_there_is_room() {
        assert_eq!(check(20_000, (Some(100), None), [100, 25, 19_388, 4847]), None);
        assert_eq!(check(20_000, (Some(100), Some(0)), [100, 0, 19_388, 0]), None);
        assert_eq!(check(1_048_576, (Some(200_000), Some(7)), [200_000, 7, 200_000, 50_000]), None);
        let warning = check(1024, (Some(10_000), None), [384, 96, 384, 96]).unwrap();
        for expect in ["--max-connections 10000", "1024 open files", "384 it is", "to 20512"] {
            assert!(warning.contains(expect), "{expect} in {warning}");
        }
    }
}
