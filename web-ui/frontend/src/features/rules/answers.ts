// A rule's answers about an exchange, in words.
import type { RuleStep } from '../../api/types';

export const ANSWERS: Record<RuleStep['answer'], { sign: string; words: string }> = {
  true: { sign: '✓', words: 'matches' },
  false: { sign: '✕', words: 'does not match' },
  unknown: { sign: '?', words: 'may match' },
};

const MOMENTS: Record<NonNullable<RuleStep['moment']>, string> = {
  connection: 'by its connection and destination',
  request: 'by the request’s head',
  response: 'by the response’s head',
  end: 'at its end',
};

/** "by the request's head". */
export const momentText = (moment: NonNullable<RuleStep['moment']>) => MOMENTS[moment];
