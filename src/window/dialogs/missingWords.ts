/** What agents of a kind still need before they can start, in words. */
import * as vscode from 'vscode';
import type { MissingProgram } from '../../contract/results/agentKinds';

/** What is missing, in one sentence, and for each program that can be installed another one; none if nothing is. */
export function missingWords(kind: string, programs: readonly MissingProgram[]): string[] {
  const [first, ...others] = programs;
  if (first === undefined) return [];
  const isMissing =
    others.length === 0
      ? vscode.l10n.t('{kind} is not installed: {program} was not found on PATH.', { kind, program: first.program })
      : vscode.l10n.t('{kind} is not installed: {programs} were not found on PATH.', {
          kind,
          programs: programs.map(({ program }) => program).join(', '),
        });
  return [[isMissing, ...installWords(programs)].join(' ')];
}

/** The same for a kind that was added, whose package is there. */
export function stillMissingWords(programs: readonly MissingProgram[]): string[] {
  return [
    ...programs.map(({ program }) => vscode.l10n.t('It needs {program}, which was not found on PATH.', { program })),
    ...installWords(programs),
  ];
}

function installWords(programs: readonly MissingProgram[]): string[] {
  return programs.flatMap(({ program, install }) =>
    install === null ? [] : [vscode.l10n.t('To install {program}, run: {install}', { program, install })],
  );
}
