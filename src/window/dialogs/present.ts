/** Failures in words for a person: what failed, what to do, and a button that does it. */
import { shownFacts } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import path from 'node:path';
import * as vscode from 'vscode';
import { problemOf, isKernelError, KernelError, sentenceOf, type ErrorCode } from '../../kernel/errors/errors';
import { PORTFOLIO_NAME } from '../../kernel/portfolio/home';
import type { CommandId } from '../../contract/surfaces/commands';

export interface Remedy {
  readonly title: string;
  readonly command: CommandId | 'workbench.trust.manage';
}

export interface Presentation {
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

/** A failure we know is a sentence and a hint; anything else is our own mistake, and the log has it. */
export function present(error: unknown): Presentation {
  if (isKernelError(error)) {
    const { text, hint, values } = sentenceOf(error.code, error.facts);
    const facts = shownFacts(vscode.l10n, values);
    return {
      message: literally(`${inWords(vscode.l10n, text, facts)} ${inWords(vscode.l10n, hint, facts)}`),
      remedies: (REMEDIES[error.code] ?? []).map((remedy) => remedy(error)),
    };
  }
  return {
    message: literally(
      vscode.l10n.t('Intercore encountered an internal error: {problem}', { problem: problemOf(error) }),
    ),
    remedies: [showLog()],
  };
}

/** What failed, without a hint. */
export function failureText({ code, facts }: KernelError): string {
  const { text, values } = sentenceOf(code, facts);
  return inWords(vscode.l10n, text, shownFacts(vscode.l10n, values));
}

/** A message in which nothing is read as a link: stored text may hold anything. */
export function literally(message: string): string {
  return message.replaceAll('](', '] (');
}

/** Codes that the log or another command helps with. The sentence and its hint are enough for the others. */
const REMEDIES: Readonly<Partial<Record<ErrorCode, readonly ((error: KernelError) => Remedy)[]>>> = {
  UNTRUSTED: [manageTrust],
  DATABASE_MISSING: [initialize],
  DATABASE_DAMAGED: [restoreBackup, showLog],
  DATABASE_IN_USE: [showLog],
  DATABASE_BUSY: [showLog],
  DATABASE_HOT_JOURNAL: [recover, showLog],
  DATABASE_LOG_LEFT: [recover, showLog],
  DATABASE_NEWER: [showLog],
  DATABASE_READ_ONLY: [showLog],
  DATABASE_PATH: [showLog],
  DATABASE_WRITE_FAILED: [showLog],
  DATABASE_CHANGING: [showLog],
  MIGRATION_FAILED: [showLog],
  SQL_FAILED: [showLog],
  ROW_INVALID: [showLog],
  FILE_UNREADABLE: [showLog],
  AGENT_KIND_UNKNOWN: [openSettings],
  AGENT_NOT_INSTALLED: [addAgentKind],
  AGENT_NOT_STARTED: [openSettings, showLog],
  GITHUB_AUTH: [signIn],
  SETTING_INVALID: [openSettings, showLog],
};

function manageTrust(): Remedy {
  return { title: vscode.l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' };
}

function addAgentKind(): Remedy {
  return { title: vscode.l10n.t('Add Agent Kind…'), command: 'intercore.agent.addKind' };
}

function initialize(): Remedy {
  return { title: vscode.l10n.t('Initialize'), command: 'intercore.database.initialize' };
}

function signIn(): Remedy {
  return { title: vscode.l10n.t('Sign In to GitHub'), command: 'intercore.github.signIn' };
}

function restoreBackup(error: KernelError): Remedy {
  const isOfPortfolios =
    KernelError.is(error, 'DATABASE_DAMAGED') && path.basename(error.facts.path) === PORTFOLIO_NAME;
  const command = isOfPortfolios ? 'intercore.portfolio.restoreBackup' : 'intercore.database.restoreBackup';
  return { title: vscode.l10n.t('Restore Backup…'), command };
}

function recover(): Remedy {
  return { title: vscode.l10n.t('Recover Database'), command: 'intercore.database.recover' };
}

function openSettings(): Remedy {
  return { title: vscode.l10n.t('Open Settings'), command: 'intercore.settings.open' };
}

function showLog(): Remedy {
  return { title: vscode.l10n.t('Show Log'), command: 'intercore.log.show' };
}
