// A rule's answers about an exchange, in words.
import type { RuleStep } from '../../api/types';
import * as texts from '../../texts/rules';

export const ANSWERS: Record<RuleStep['answer'], { sign: string; words: string }> = {
  true: { sign: '✓', words: texts.matches },
  false: { sign: '✕', words: texts.doesNotMatch },
  unknown: { sign: '?', words: texts.mayMatch },
};

/** "by the request's head". */
export const momentText = (moment: NonNullable<RuleStep['moment']>) => texts.moments[moment];
