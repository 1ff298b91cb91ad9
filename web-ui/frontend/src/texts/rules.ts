// Recording rules: the list, the form of a rule, and the question which rule decides.

// How many exchanges met a rule since dashcam started, and what became of them.
export const kept = 'kept';
export const sampledOut = 'sampled out';
export const notKept = 'not kept';
export const sinceStart = 'Since dashcam started';
export const metIt = 'met it';

// The last rule: what becomes of exchanges that no other one matches.
export const defaultRule = 'default';
export const bodyLimitMeaning = 'So much of each body is stored at most';
export const bodiesAtMost = (size: string) => `bodies ≤ ${size}`;
export const everythingElse = 'everything else';
export const changeLevel = 'Change the level…';

// A rule as a form: a new one, or one that there is.
export const newRule = 'A new rule';
export const ruleNamed = (name: string) => `Rule ${name}`;
export const save = 'Save';

// The fields of a rule.
export const levels: Readonly<Record<string, string>> = { off: 'drop them', metrics: 'only count them' };
export const sample = 'Sample';
export const allOfThem = 'all of them';
export const bodyLimit = 'Of each body at most';
export const asByDefault = 'as by default';
export const guarantee = 'Guarantee';
export const keepFor = 'Keep for';
export const asBoundsSay = 'as the bounds say';
export const follow = 'Follow';
export const nothing = 'nothing';
export const redactedBySet = 'Redacted by the set';
export const asForAll = 'as for all';
export const asByDefaultSize = (size: string) => `as by default: ${size}`;
export const exampleName = 'such as errors';
export const exchangesThatMatch = 'Exchanges that match';
export const emptyIsEverything = 'empty: everything';
export const exampleMatch = 'status:5xx | dur:>1s | is:error';
export const why = 'Why';
export const forHistory = 'for the history';

// Above the rules: what they are, and what can be done with all of them.
export const notUndone = 'Not undone';
export const firstDecides =
  'The first rule that matches an exchange decides about it, as soon as that is certain: by its destination, its request, its response, or its end.';
export const testMore = 'Test…';
export const addRule = 'Add a rule…';

// One rule: what it is about, what it does, and how many met it.
export const decidedExchanges = 'The recorded exchanges that this rule decided about';
export const editNamed = (name: string) => `Edit ${name}`;
export const deleteNamed = (name: string) => `Delete ${name}`;
export const everything = 'everything';

// The rules, in their order: the first that matches an exchange decides about it.
export const movedBefore = (rule: string, other: string) => `moved ${rule} before ${other}`;
export const movedBehind = (rule: string, other: string) => `moved ${rule} behind ${other}`;
export const notMoved = 'Not moved';
export const deletedRule = (name: string) => `deleted ${name}`;
export const notDeleted = (name: string) => `The rule ${name} was not deleted`;
export const noRules = 'There are no rules: the level in the top bar is for everything.';
export const rulesInOrder = 'Rules, in their order';
export const askToDelete = (name: string) => `Delete the rule ${name}?`;
export const whatDeletingMeans = 'Exchanges that it matches meet the next rule then. What it has recorded stays.';

// Which rule an exchange meets, and why.
export const whichRule = 'Which rule?';
export const byRulesNow = (exchange: number) => `#${exchange}, by the rules as they are now`;
export const noRuleYet =
  'There is no rule yet: the level in the top bar is for everything. A rule records more or less of some exchanges.';
export const showRules = 'Show the rules';

// Asks about a recorded exchange, or about one that is described: what is left empty is not known yet.
export const recordedExchange = 'A recorded exchange';
export const itsNumber = 'its number';
export const orMethod = 'or one with the method';
export const url = 'URL';
export const andMore = 'and more';
export const test = 'Test';

// What each rule says about an exchange, up to the one that decides.
export const decides = (when: string) => `decides, ${when}:`;
export const tooLittleKnown = 'Too little is known to say which rule decides.';
export const certain = (moment: string) => `certain ${moment}`;

// A rule's answers about an exchange, in words.
export const matches = 'matches';
export const doesNotMatch = 'does not match';
export const mayMatch = 'may match';
export const moments = {
  connection: 'by its connection and destination',
  request: 'by the request’s head',
  response: 'by the response’s head',
  end: 'at its end',
};

// What is wrong with a question.
export const exchangeHasNumber = 'An exchange has a number.';
export const urlBegins = 'A URL begins with http:// or https://.';
export const statusHasDigits = 'A status has three digits.';
export const durationSuchAs = 'A duration is such as 250ms or 1.5s.';

// What is wrong with a rule's form, and what the history says of a change.
export const nameOf = 'At most 64 of a–z, 0–9, “.”, “_” and “-”.';
export const nameOfLast = 'The last rule has this name, whatever else there is.';
export const nameIsTaken = 'Another rule has this name.';
export const sampleSuchAs = 'Such as 1%, 10% by client, 5% by header x-user, 10/s or 1MB/s.';
export const bodyLimitSuchAs = 'Such as 64KiB or 1MB; 0 for none.';
export const guaranteeSuchAs = 'best_effort, bounded 5ms or lossless.';
export const keepForSuchAs = 'Such as 1h, 7d or 4w.';
export const setName = 'The name of a set of [redaction.sets], or default.';
export const cannotTurnOff = 'A rule can’t turn redaction off.';
export const followSuchAs = 'Such as client 30s or trace 1m.';
export const addedRule = (name: string) => `added ${name}`;
export const changedRule = (name: string) => `changed ${name}`;

// The traits of a rule beyond its filter and its level, in words.
export const sampleMeaning = 'The part of them that is kept; the rest counts as sampled out';
export const losslessMeaning = 'Traffic waits for the disk, and is refused with 503 while the disk is gone';
export const boundedMeaning = 'Traffic waits so long at most for room; then it counts as dropped';
export const keptFor = (time: string) => `kept ${time}`;
export const keptForMeaning = 'Deleted after that time';
export const followed = (scope: string) => `and the ${scope}`;
export const followMeaning = 'Once one was kept, so is all else of its client or trace, for that time';
export const redactedBy = (set: string) => `redacted by ${set}`;
export const redactedByMeaning = 'The set that takes secrets out of their records';
