// The levels, and their meaning.
import type { Level } from '../../api/types';

export const LEVELS: readonly { level: Level; label: string; meaning: string }[] = [
  { level: 'off', label: 'Off', meaning: 'Record nothing: new HTTPS connections are relayed unread' },
  { level: 'metrics', label: 'Metrics', meaning: 'Record nothing, but count requests and measure how long they take' },
  { level: 'metadata', label: 'Metadata', meaning: 'Record heads, sizes, timings and outcomes, but no bodies' },
  { level: 'full', label: 'Full', meaning: 'Record heads and bodies' },
];
