// Names of things that are copied: "Copied the command".

export const command = 'the command';
export const path = 'the path';
export const placeholder = 'the placeholder';
export const value = 'the value';
export const headers = 'the headers';
export const body = 'the body';
