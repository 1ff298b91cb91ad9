// The levels, and their meaning.
import type { Level } from '../../api/types';
import * as texts from '../../texts/level';

export const LEVELS: readonly { level: Level; label: string; meaning: string }[] = [
  { level: 'off', label: texts.off, meaning: texts.offMeaning },
  { level: 'metrics', label: texts.metrics, meaning: texts.metricsMeaning },
  { level: 'metadata', label: texts.metadata, meaning: texts.metadataMeaning },
  { level: 'full', label: texts.full, meaning: texts.fullMeaning },
];
