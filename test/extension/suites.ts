/**
 * How VS Code is launched for the extension tests: once for each row. Test files directly in test/extension run in
 * every launch; those in test/extension/<name> run in the launch of that name only.
 */
import type { FixtureName } from '../support/vscode/fixtures';

export interface ExtensionSuite {
  readonly name: string;
  /** `hostile`: a workspace of all folders of test/security. */
  readonly opens: FixtureName | 'hostile';
  readonly isTrusted: boolean;
  /** User settings of this launch. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export const EXTENSION_SUITES: readonly ExtensionSuite[] = [
  { name: 'folder', opens: 'folder', isTrusted: true },
  { name: 'workspace', opens: 'workspace', isTrusted: true },
  { name: 'untrusted', opens: 'folder', isTrusted: false },
  { name: 'empty', opens: 'empty', isTrusted: true },
  // VS Code's own git runs what a repository configures, in every trusted window.
  { name: 'hostile', opens: 'hostile', isTrusted: true, settings: { 'git.enabled': false } },
  { name: 'hostileUntrusted', opens: 'hostile', isTrusted: false },
];
