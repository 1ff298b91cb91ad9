// Why exchanges are missing.

/** The reasons by their names in the API: shortly, and in sentences. */
export const reasons = {
  queue_full: {
    words: 'too much at once for the disk',
    more: 'More was under way or waiting to be stored than the recorder may hold in memory: the disk was too slow, or hung.',
  },
  disk_full: {
    words: 'the disk was full, or nearly',
    more: 'The disk was full, or had less room than is to stay free (--min-free).',
  },
  disk_error: {
    words: 'the database could not be written',
    more: 'The disk failed, another program kept the database locked, or it was damaged and has been repaired.',
  },
  client_share: {
    words: 'one client had more than its share waiting for the disk',
    more: 'One connection or address sent more than the disk took and would have left no room for others, which were recorded. The status (dashcam status) names it. If all clients come from one address, as behind a load balancer, raise address_share in [recorder] of config.toml.',
  },
  recorder_fault: {
    words: 'a fault of dashcam’s own',
    more: 'Please report it, with the log.',
  },
};
export const beyondShare = (clients: string) => `Beyond their share: ${clients}`;
export const partsOfExchanges = 'parts of exchanges';
export const nothingDropped = 'Nothing was dropped since dashcam started.';
export const notRecorded = (reasons: string) => `Not recorded since dashcam started.\n${reasons}`;
