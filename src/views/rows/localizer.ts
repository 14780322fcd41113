/** The translator of the editor, as far as texts made without the editor need it: `vscode.l10n` is one. */

export interface Localizer {
  /** Translates a literal message; `{0}`, `{1}` … are filled with the arguments. */
  t(message: string, ...args: (string | number | boolean)[]): string;
  /** The translations of the editor's language, by their English text; undefined in English. */
  readonly bundle?: Readonly<Record<string, string>> | undefined;
}
