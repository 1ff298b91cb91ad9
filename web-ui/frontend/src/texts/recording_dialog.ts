// The dialog that controls the recording.

export const title = 'Recording';

// What recording costs just now, and the bounds of the budget.
export const itsCost = 'Its cost:';

// The control of the recording: what is on, since when and by whom, and leases of more.
export const levelOfAllElse = 'of everything that no rule and no lease is about';
export const countsAtNextStart = (path: string, names: string) =>
  `${path} now says something else than at the start for ${names}: that counts once dashcam is started again.`;
export const whyLevelChanges = 'Why the level changes';
export const whyForHistory = 'Why, for the history';
export const leasesInForce = 'Leases in force';
export const recordForWhile = 'Record for a while';
export const leaseMeaning = 'a lease: it comes before all rules, and ends by itself';

// The cost of recording: each figure, and its meaning.
export const costs = {
  cpu: { label: 'CPU', meaning: 'CPU time of recording, of the CPUs that dashcam may use' },
  memory: { label: 'memory', meaning: 'Bytes that the recorder holds' },
  disk: { label: 'disk', meaning: 'Bytes of the database' },
  p99: { label: 'wait', meaning: 'The longest wait of traffic’s threads, but for one in a hundred' },
  container: { label: 'container', meaning: 'Bytes of memory that the container uses' },
  queue: { label: 'queue', meaning: 'The fuller of the recorder’s queues' },
  dropped: { label: 'dropped', meaning: 'Exchanges that found no room lately' },
};
export const cost = (label: string, value: string) => `${label} ${value}`;
export const costOf = (label: string, value: string, bound: string) => `${label} ${value} of ${bound}`;
