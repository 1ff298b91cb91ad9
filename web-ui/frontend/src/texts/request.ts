// A request as it is typed.

// Where a redacted value stands.
export const inUrl = 'URL';
export const inHeader = (name: string) => `header ${name}`;
export const inBody = 'body';

// What is wrong with the form.
export const lineProblem = (line: number, problem: string) => `Line ${line}: ${problem}`;
export const noColon = 'there is no colon; write it as Name: value.';
export const noName = 'there is no name before the colon.';
export const noHeaderName = (name: string) => `“${name}” is no header name.`;
export const badValue = (name: string) => `the value of ${name} has a character that can’t stand in a header.`;
export const methodSuchAs = 'Give a method such as GET.';
export const wholeUrl = 'Give a whole URL that begins with http:// or https://.';
