// The dialogs about redaction: the sets and the rules, and a value that is redacted later.
import * as counts from './counts';

// Adds a rule of redaction while dashcam runs.
export const redactTitle = 'Redact';
export const nameOrPath = 'Name or path';
export const inTitle = 'In';
export const everything = 'everything';
export const requests = 'requests';
export const responses = 'responses';
export const messages = 'messages';
export const exampleHost = 'all, or *.pay.example';
export const how = 'How';
export const asUsual = 'as usual';
export const remove = 'remove';
export const mask = 'mask';
export const pseudonym = 'pseudonym';
export const seal = 'seal';

// Redacts a value that is recorded: in this exchange or in all, and from now on.
export const redacted = (values: number, exchanges: number) =>
  `Redacted ${counts.values(values)} in ${counts.exchanges(exchanges)}.`;
export const ruleHolds = 'The rule holds from now on.';
export const unusedParts =
  'Unused parts of the database’s files may have old values until dashcam redact has cleaned them.';
export const dialogTitle = 'Redact a value';
export const value = 'Value';
export const readingBody = 'Reading the body…';
export const chooseOne = 'Choose one';
export const noValue = 'There is no value that could be redacted.';
export const inWhatIsStored = 'In what is stored';
export const inThisOnly = 'In this exchange only';
export const wherever = 'Wherever an exchange has the same value';
export const inWhatComes = 'In what comes';
export const fromNowOn = 'From now on, whatever value stands at this place';
export const onlyFor = 'Only for';
export const asUsualForKind = 'as usual for its kind';
export const removeMeaning = 'remove: nothing stands in its place';
export const maskMeaning = 'mask: its kind and about its length';
export const pseudonymMeaning = 'pseudonym: equal values stay equal';
export const sealMeaning = 'seal: it can be put back for a while';
export const ruleIsAdded = 'This rule is added:';
export const willBeReplaced = (values: number, exchanges: number) =>
  `${counts.values(values)} in ${counts.exchanges(exchanges)} will be replaced, and erased from the disk. This can’t be undone.`;
export const leftOut = (number: number) => `${counts.exchanges(number)} under way or too large will be left out.`;
export const countingSoFar = (values: number, exchanges: number) =>
  `Counting: ${counts.values(values)} in ${counts.exchanges(exchanges)} so far…`;
export const redacting = 'Redacting…';
export const redact = 'Redact';

// Redaction: the set that is on, all sets with their rules, and rules that are added while dashcam runs.
export const setsTitle = 'Redaction';
export const removedRule = (place: string) => `removed redaction of ${place}`;
export const whereTurnedOff = 'Redaction is off. It is turned on where it was turned off:';
export const redactionOption = '--redaction';
export const or = 'or';
export const redactionTable = '[redaction]';
export const inConfig = 'in config.toml.';
export const replacedBySet = 'Secrets are replaced before anything is stored or shown, by the set';
export const whereNoOther = 'where a recording rule names no other.';
export const faults = (times: number) =>
  `Redaction itself failed ${times} times, which is a fault of dashcam. Nothing of those records is stored but where they went. Please report it.`;
export const addedRules = 'Added rules';
export const addedRulesMeaning = 'before those of every set, from now on and after a restart';
export const noneAdded = 'There are none.';
export const removeRule = (place: string) => `Remove ${place}`;
export const stillThere = (problem: string) => `It is still there: ${problem}`;
export const sets = 'Sets';
export const setsMeaning = 'of [redaction.sets] in config.toml';

// A rule of redaction in a line: where the values stand, and what becomes of them.
export const leftAsItIs = 'Left as it is:';

// A set of redaction: what it adds to, its rules, and its exceptions.
export const on = 'on';
export const addsTo = (set: string) => `adds to ${set}`;
export const builtIn =
  'Built in: credentials, cookies, API keys, passwords, tokens and client secrets, by their names in headers, URLs, forms and JSON; and card numbers, signatures of JWTs, keys with known prefixes, credentials in URLs and private keys, wherever they stand.';

// The kinds of places where a value can stand.
export const header = 'Header';
export const formField = 'Form field';
export const jsonValue = 'JSON value';

// The form that redacts a value later: where it stands, and how far the redaction goes.
export const redactFromNowOn = (place: string) => `redact ${place} from now on`;

// The form of a rule of redaction that is added while dashcam runs.
export const textThatMatches = 'Text that matches';
export const pathBegins = 'A path begins with $: $.user.pin, or $..pin.';
export const nameAlone = 'The name alone, without a colon.';
export const hostName = 'The host’s name, with * for any characters: *.pay.example.';
export const addedRule = (place: string) => `added redaction of ${place}`;
