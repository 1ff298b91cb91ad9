//! The decision about a client's connection: asked of the policy here alone, and carried with the connection.

use dashcam_control::{ConnectionDecision, ConnectionFacts, Control};

/// The decision in force: `made`, unless there is none yet or the settings have changed since. Then the policy is
/// asked.
pub(super) fn in_force<'a>(
    made: Option<ConnectionDecision>,
    control: &Control,
    facts: impl FnOnce() -> ConnectionFacts<'a>,
) -> ConnectionDecision {
    match made {
        Some(made) if control.is_in_force(made.epoch) => made,
        _ => control.policy().for_connection(&facts()),
    }
}

#[cfg(test)]
mod tests {
    use dashcam_control::{Patch, Settings};
    use dashcam_exchange::Level;

    use super::*;

    #[test]
    fn a_decision_is_carried_until_the_settings_change() {
        let control = Control::new(Settings::default());
        let facts = ConnectionFacts::default;
        let made = in_force(None, &control, facts);
        let carried = in_force(Some(made), &control, || panic!("it was decided"));
        assert_eq!((carried, carried.decrypt), (made, true));
        control.change(&Patch { level: Some(Level::Off), ..Patch::default() }).unwrap();
        let renewed = in_force(Some(carried), &control, facts);
        assert!(!renewed.decrypt && renewed.epoch != made.epoch);
    }
}
