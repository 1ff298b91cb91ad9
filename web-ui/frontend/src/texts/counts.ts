// Numbers of things: "1 exchange", "12 345 exchanges".

/** `12345` as "12 345", with thin spaces. */
export const count = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, '\u2009');

/** The word for one, or for another number of them. */
export const inflected = (value: number, one: string, many = `${one}s`) => (value === 1 ? one : many);

const plural = (value: number, one: string, many?: string) => `${count(value)} ${inflected(value, one, many)}`;

export const choices = (value: number) => plural(value, 'choice');
export const commands = (value: number) => plural(value, 'command');
export const connections = (value: number) => plural(value, 'connection');
export const days = (value: number) => plural(value, 'day');
export const documents = (value: number) => plural(value, 'document');
export const entries = (value: number) => plural(value, 'entry', 'entries');
export const errors = (value: number) => plural(value, 'error');
export const exchanges = (value: number) => plural(value, 'exchange');
export const files = (value: number) => plural(value, 'file');
export const hours = (value: number) => plural(value, 'hour');
export const lines = (value: number) => plural(value, 'line');
export const messages = (value: number) => plural(value, 'message');
export const moreLines = (value: number) => plural(value, 'more line');
export const moreValues = (value: number) => plural(value, 'more value');
export const requests = (value: number) => plural(value, 'request');
export const rows = (value: number) => plural(value, 'row');
export const sealedValues = (value: number) => plural(value, 'sealed value');
export const secrets = (value: number) => plural(value, 'secret');
export const urls = (value: number) => plural(value, 'URL');
export const values = (value: number) => plural(value, 'value');
