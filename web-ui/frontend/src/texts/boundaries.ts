// The boundaries of the recording: its ranges, its timeline and its history.
import * as counts from './counts';

// What the recording covers, and who changed that.
export const ranges = 'Ranges';
export const changes = 'Changes';

// The timeline: what was recorded when, and what came between.
export const oneHour = '1 h';
export const sixHours = '6 h';
export const oneDay = '1 d';
export const sevenDays = '7 d';
export const all = 'All';
export const timeline = 'Timeline';
export const timeShown = 'Time that is shown';
export const timelineLabel = 'What was recorded when; the tables below say it in words';

// The history: each change, by whom, from where, and why.
export const session = (id: string) => `session ${id}`;
export const changesLatestFirst = 'Changes, the latest first';
export const when = 'When';
export const what = 'What';
export const who = 'Who';
export const change = 'Change';
export const why = 'Why';
export const noChange = 'Nothing was changed yet.';

// The time ranges of the recording: which are complete, and at which level.
export const rangesLatestFirst = 'Time ranges, the latest first';
export const earlierRanges = 'Earlier ones:';
export const earlierRangesCommand = 'dashcam boundaries';

// A change of what is recorded, in words.
export const level = (name: string) => `level ${name}`;
export const bodiesAtMost = (size: string) => `bodies ≤ ${size}`;
export const bodiesChanged = (from: string, to: string) => `bodies ≤ ${from} → ${to}`;
export const levelChanged = (from: string, to: string) => `level ${from} → ${to}`;
export const ruleAdded = (rule: string) => `rule ${rule} added`;
export const ruleDeleted = (rule: string) => `rule ${rule} deleted`;
export const ruleChanged = (from: string, to: string) => `rule ${from} → ${to}`;
export const rulesReordered = (names: string) => `order of rules: ${names}`;
export const redactionAdded = (place: string) => `redaction of ${place} added`;
export const redactionRemoved = (place: string) => `redaction of ${place} removed`;
export const keptFor = (time: string) => `kept ${time}`;
export const followed = (scope: string) => `and the ${scope}`;
export const redactedBy = (set: string) => `redacted by ${set}`;
export const everything = 'everything';

// The history's words about a change beyond the settings: a step of the budget, a lease, a snapshot.
export const budget = (step: string) => `budget: ${step}`;
export const budgetBecause = (step: string, because: string) => `budget: ${step}, ${because}`;
export const leaseOf = (level: string, match: string) => `${level} of ${match}`;
export const until = (time: string) => `until ${time}`;
export const atMost = (size: string) => `at most ${size}`;
export const atMostExchanges = (number: number) => `at most ${counts.exchanges(number)}`;
export const leaseUsed = (exchanges: string, size: string) => `${exchanges} exchanges and ${size} used`;
export const leaseEvent = (lease: string, event: string) => `lease ${lease} ${event}`;

// The lanes of the timeline: time ranges, what is missing, steps of the budget, leases and snapshots, each in its lane.
export const laneRecorded = 'Recorded';
export const laneMissing = 'Missing';
export const laneBudget = 'Budget';
export const laneLeases = 'Leases';
export const laneSnapshots = 'Snapshots';
export const heldBack = (step: string, because: string) => `held back to ${step}: ${because}`;
export const now = 'now';
export const missing = (number: number) => `${counts.exchanges(number)} missing`;
export const leaseBy = (level: string, match: string, who: string) => `${level} of ${match}, by ${who}`;

// Time ranges of the recording, in words.
export const states = {
  recorded: 'recorded',
  not_recorded: 'nothing was to be recorded',
  deleted: 'deleted by the bounds of the recording',
  down: 'dashcam did not run',
  unknown: 'not known: dashcam was killed, or an older one recorded',
};
export const complete = 'complete';
export const notComplete = 'not complete';
export const dropped = (number: number, why: string) => `${counts.exchanges(number)} dropped: ${why}`;
export const byBounds = 'by the bounds';
export const byRules = 'when the time of their rules was over';
export const byUser = 'by a user';
export const rules = (names: string) => `rules ${names}`;
export const leases = (names: string) => `leases ${names}`;
export const heldBackByBudget = (step: string) => `held back to ${step} by the budget`;
export const deleted = (number: number, by: string) => `${counts.count(number)} deleted ${by}`;
