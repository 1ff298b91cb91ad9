// The steps by which a budget holds recording back, in words.

export const STEPS = {
  full: 'All is recorded as the rules say',
  heads: 'Bodies are not recorded',
  sample: 'Of ten exchanges one is recorded, without bodies',
  metrics: 'Exchanges are counted, and not recorded',
} as const;
