// Made-up gaps for the stand-in.

const HOUR = 3_600_000;

/** Gaps of an hour, so many hours ago. */
function lostHour(ago, dropped) {
  const hour = Math.floor(Date.now() / HOUR - ago) * HOUR;
  const at = (ms) => new Date(hour + ms).toISOString();
  return {
    hour: at(0),
    from: at(64_123),
    until: at(2_000_456),
    dropped: { queue_full: 0, disk_full: 0, disk_error: 0, recorder_fault: 0, ...dropped },
  };
}

/** Hours in which something was lost. */
export const lostHours = () => [
  lostHour(1, { queue_full: 12 }),
  lostHour(26, { disk_full: 18_234, queue_full: 411 }),
  lostHour(27, { disk_full: 977 }),
  lostHour(400, { disk_error: 1, recorder_fault: 2, queue_full: 3, disk_full: 4 }),
  lostHour(1000, {}),
];
