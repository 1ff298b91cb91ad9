// Short names for the shapes of the API. All come from the generated schema; nothing is declared by hand.
import type { components, operations, paths } from './schema';

type Schemas = components['schemas'];

export type Summary = Schemas['Summary'];
export type Summaries = Schemas['Summaries'];
export type GraphqlCall = Schemas['GraphqlCall'];
export type PathTree = Schemas['PathTree'];
export type PathNode = Schemas['PathNode'];
export type Ends = Schemas['Ends'];
export type SortProgress = Schemas['SortProgress'];
export type SearchProgress = Schemas['SearchProgress'];
export type Exchange = Schemas['Exchange'];
export type Body = Schemas['Body'];
export type Timings = Schemas['Timings'];
export type Failure = Schemas['Failure'];
export type Connection = Schemas['Connection'];
export type RejectedPair = Schemas['RejectedPair'];
export type Certificate = Schemas['Certificate'];
export type Message = Schemas['Message'];
export type BodyMessage = Schemas['BodyMessage'];
export type DescriptorSet = Schemas['DescriptorSet'];
export type FilterFault = Schemas['FilterFault'];
export type FilterExplanation = Schemas['FilterExplanation'];
export type FilterTerm = Schemas['FilterTerm'];
export type Completion = Schemas['Completion'];
export type Offer = Schemas['Offer'];
export type By = Schemas['By'];
export type Covered = Schemas['Covered'];
export type Facet = Schemas['Facet'];
export type Facets = Schemas['Facets'];
export type Histogram = Schemas['Histogram'];
export type Stats = Schemas['Stats'];
export type StatsGroup = Schemas['Group'];
export type Preset = Schemas['Preset'];
export type NoteChange = Schemas['NoteChange'];
export type Left = Schemas['Left'];
export type LiveMessage = Schemas['LiveMessage'];
export type Missed = Schemas['Missed'];
export type Skipped = Schemas['Skipped'];
export type Heavy = Schemas['Heavy'];
export type Gap = Schemas['Gap'];
export type LostHour = Schemas['LostHour'];
export type Dropped = Schemas['Dropped'];
export type Settings = Schemas['Settings'];
export type Rule = Schemas['Rule'];
export type RuleCounts = Schemas['RuleCounts'];
export type NewRules = Schemas['RulesReplacement'];
export type RuleTested = Schemas['RuleTested'];
export type RuleTest = Schemas['RuleTest'];
export type RuleStep = Schemas['RuleStep'];
export type Lease = Schemas['Lease'];
export type NewLease = Schemas['LeaseRequest'];
export type LeaseMore = Schemas['LeaseExtension'];
export type Snapshot = Schemas['Snapshot'];
export type SnapshotRequest = Schemas['SnapshotRequest'];
export type Flight = Schemas['Flight'];
export type RecordedRange = Schemas['RecordedRange'];
export type StepInForce = Schemas['StepInForce'];
export type Cost = Schemas['Cost'];
export type CallerRole = Schemas['CallerRole'];
export type Role = Schemas['Role'];
export type AuditEntry = Schemas['AuditEntry'];
export type SettingsChange = Schemas['SettingsChange'];
export type Status = Schemas['Status'];
export type Retention = Schemas['Retention'];
export type Traffic = Schemas['Traffic'];
export type Outcomes = Schemas['Outcomes'];
export type Ledger = Schemas['Ledger'];
export type Text = Schemas['Text'];
export type Viewed = Schemas['Viewed'];
export type ViewName = Schemas['ViewName'];
export type Shown = Schemas['Shown'];
export type ViewNode = Schemas['Node'];
export type Conversation = Schemas['Conversation'];
export type Turn = Schemas['Turn'];
export type StoredAs = Schemas['StoredAs'];
export type RedactionStatus = Schemas['RedactionStatus'];
export type RedactionInForce = Schemas['RedactionInForce'];
export type RedactionSet = Schemas['RedactionSet'];
export type RedactionRule = Schemas['RedactionRule'];
export type RedactionKeep = Schemas['RedactionKeep'];
export type ValueRedaction = Schemas['ValueRedaction'];
export type RedactionPart = Schemas['RedactionPart'];
export type Replay = Schemas['ReplayEdits'];
export type NewRequest = Schemas['NewRequest'];

/** A format in which a request can be copied. */
export type SnippetFormat = NonNullable<
  NonNullable<paths['/api/v1/exchanges/{id}/snippet']['get']['parameters']['query']>['format']
>;

/** An order of the list other than the newest first. */
export interface Order {
  by: SortBy;
  order: 'asc' | 'desc';
}

/** A value to sort by. */
export type SortBy = NonNullable<NonNullable<operations['exchanges']['parameters']['query']>['sort']>;

export type Level = Settings['level'];
export type State = Summary['state'];

/** Which way bytes go: `request` is from the client, `response` to it. */
export type Direction = 'request' | 'response';

/** A message that stands in a body, by its place there. */
export type PieceName = `${Direction}@${number}`;

/** Headers in wire order, each a name and a value. */
export type Headers = readonly (readonly string[])[];
