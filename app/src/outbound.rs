//! The ways out, as the API shows them.

use dashcam_proxy::OutboundConfig;
use dashcam_web_ui::dto::{Outbound, ParentRule};

/// Without users and passwords.
pub(crate) fn shown(config: &OutboundConfig) -> Outbound {
    fn texts<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    let rule = |rule: &dashcam_proxy::ParentRule| ParentRule {
        r#match: rule.hosts.as_ref().map(ToString::to_string),
        via: rule.via.to_string(),
    };
    Outbound {
        parents: config.parents.iter().map(rule).collect(),
        no_proxy: texts(&config.no_proxy),
        resolve: texts(&config.resolve),
        send_proxy: texts(&config.send_proxy),
    }
}
