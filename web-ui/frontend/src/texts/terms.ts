// Names of what is recorded, as headings, columns and fields have them.

export const body = 'Body';
export const client = 'Client';
export const comment = 'Comment';
export const connection = 'Connection';
export const cookie = 'Cookie';
export const duration = 'Duration';
export const exchange = 'Exchange';
export const exchangeNumber = (number: number | null) => `Exchange ${number ?? ''}`;
export const exchanges = 'Exchanges';
export const failure = 'Failure';
export const headers = 'Headers';
export const host = 'Host';
export const level = 'Level';
export const messages = 'Messages';
export const method = 'Method';
export const name = 'Name';
export const path = 'Path';
export const program = 'Program';
export const queryParameter = 'Query parameter';
export const request = 'Request';
export const response = 'Response';
export const rule = 'Rule';
export const size = 'Size';
export const status = 'Status';
export const tags = 'Tags';
export const time = 'Time';
export const type = 'Type';
