/** What agents of a kind still need before they can start, in words. */
import * as vscode from 'vscode';
import type { MissingProgram } from '../../contract/results/agentKinds';

/** A sentence for each program. */
export function missingWords(kind: string, programs: readonly MissingProgram[]): string[] {
  return programs.map(({ program, install }) =>
    install === null
      ? vscode.l10n.t('{kind} is not installed: {program} was not found on PATH.', { kind, program })
      : vscode.l10n.t('{kind} is not installed: {program} was not found on PATH. To install it, run: {install}', {
          kind,
          program,
          install,
        }),
  );
}

/** The same for a kind that was added, whose package is there. */
export function stillMissingWords(programs: readonly MissingProgram[]): string[] {
  return programs.map(({ program, install }) =>
    install === null
      ? vscode.l10n.t('It needs {program}, which was not found on PATH.', { program })
      : vscode.l10n.t('It needs {program}, which was not found on PATH. To install it, run: {install}', {
          program,
          install,
        }),
  );
}
