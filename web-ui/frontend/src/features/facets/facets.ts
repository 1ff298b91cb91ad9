// The facets that the panel shows, and the condition that each of their values makes.
import type { By } from '../../api/types';
import { exactTerm, foldedPathTerm, statusTerm, typeTerm } from '../filter';

export interface FacetKind {
  by: By;
  title: string;
  /** The condition for a value. */
  term: (value: string) => string;
  /** The condition for any value. */
  any: string;
}

export const FACETS: readonly FacetKind[] = [
  { by: 'host', title: 'Host', term: (value) => exactTerm('host', value), any: 'host:*' },
  { by: 'status', title: 'Status', term: (value) => statusTerm(Number(value)), any: 'status:*' },
  { by: 'method', title: 'Method', term: (value) => exactTerm('method', value), any: 'method:*' },
  { by: 'path', title: 'Path', term: foldedPathTerm, any: 'path:*' },
  { by: 'type', title: 'Type', term: typeTerm, any: 'type:*' },
  { by: 'failure', title: 'Failure', term: (value) => `fail:${value}`, any: 'fail:*' },
  { by: 'client', title: 'Client', term: (value) => `client:${value}`, any: 'client:*' },
  { by: 'program', title: 'Program', term: (value) => exactTerm('program', value), any: 'program:*' },
  { by: 'rule', title: 'Rule', term: (value) => exactTerm('rule', value), any: 'rule:*' },
];
