// The filter language in ten lines.
import * as texts from '../../texts/filter_language';

export interface HelpLine {
  /** Filters that can be tried. */
  examples: readonly string[];
  meaning: string;
}

export const HELP: readonly HelpLine[] = [
  { examples: ['orders 404'], meaning: texts.words },
  { examples: ['host:api.*', 'path:/v1/*'], meaning: texts.fieldValue },
  { examples: ['status:5xx', 'status:400..499', 'method:POST,PUT'], meaning: texts.lists },
  { examples: ['dur:>500ms', 'size:>1MB'], meaning: texts.comparisons },
  { examples: ['-path:/health', 'not is:asset'], meaning: texts.allButThese },
  { examples: ['status:5xx | is:error'], meaning: texts.orAndAnd },
  { examples: ['header.x-request-id:*', 'cookie.sid:*'], meaning: texts.hasHeader },
  { examples: ['body:"out of stock"', 'json.user.id:42'], meaning: texts.inBodies },
  { examples: ['since:10m', 'at:10:00..11:00'], meaning: texts.whenItBegan },
  { examples: ['path:/orders\\/\\d+/', '~m POST & ~c 200'], meaning: texts.expressions },
];
