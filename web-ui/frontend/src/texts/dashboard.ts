// The dashboard: figures of the exchanges that a filter matches.
import * as counts from './counts';

// A chart with its title, what its lines are, and the same as a table.
export const table = 'Table';
export const asTable = (title: string) => `${title} as a table`;
export const filterByTime = 'Filter by this time';
export const tableHasSame = (title: string) => `${title}; the table has the same`;

// The dashboard's charts and tables.
export const requestsPerSecond = 'requests/s';
export const errorsPerSecond = 'errors/s';
export const p50 = 'p50';
export const p95 = 'p95';
export const p99 = 'p99';
export const responses = 'responses';
export const requests = 'requests';
export const count = 'Count';
export const errors = 'Errors';
export const bytes = 'Bytes';
export const none = '(none)';
export const rate = 'Rate';
export const p95ByHost = 'p95 by host';
export const bytesOfBodies = 'Bytes of bodies';
export const slowestEndpoints = 'Slowest endpoints';
export const noneEnded = 'None has ended.';
export const endpointsWithErrors = 'Endpoints with the most errors';
export const noneFailed = 'None failed, or was answered with 5xx.';
export const clients = 'Clients';
export const noClient = 'No client is known.';

// Figures of the exchanges that match the filter: rates, errors and durations over time, by host, endpoint and client.
export const quarterOfHour = '15 min';
export const oneHour = '1 h';
export const oneDay = '24 h';
export const all = 'All';
export const timeRange = 'Time range';
export const fromFilter = 'From the filter';
export const lookedAt = (number: number, time: string) => `exchanges; looked at ${counts.count(number)} in ${time}:`;
export const complete = 'complete';
export const notComplete = 'not complete';
export const estimated = (number: number) => `, about ${counts.count(number)} in all`;
export const notRecorded = (number: number) => `; ${counts.count(number)} were not recorded`;
export const filterFault = 'The filter has an error.';

// Groups of exchanges with their figures; each filters the list.
export const showExchanges = 'Show these exchanges';
