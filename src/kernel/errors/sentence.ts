/** What a person reads of a failure. */

/** A template with `{name}` placeholders, so that an editor can translate it before it fills in the facts. */
export interface Sentence {
  readonly text: string;
  /** What the user can do now. */
  readonly hint: string;
}
