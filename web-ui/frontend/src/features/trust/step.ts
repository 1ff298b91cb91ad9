// A step that a person takes.

/** A text and, where there is one, a line to type. */
export interface Step {
  text: string;
  command?: string;
}
