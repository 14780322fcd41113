/** What follows *Add Agent Kind…*: what the kind still needs, a sign-in, and making it the default. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { AgentAddition } from '../../contract/results/agentKinds';
import { shellLine } from '../../services/agents/acp/installation/adapters';
import { stillMissingWords } from '../../window/dialogs/missingWords';
import { literally } from '../../window/dialogs/present';
import { typeInTerminal } from '../../window/editor/typedLine';
import { writeDefaultKind } from '../../window/settingWrites';
import type { CommandDeps } from '../shared/deps';

/** A sign-in and the default may be chosen one after the other. What is missing comes before a sign-in, which needs it. */
export async function offerNext(deps: CommandDeps, added: AgentAddition): Promise<void> {
  const { kind, title, signIn, missing } = added;
  const installs = missing.flatMap(({ program, install }) => (install === null ? [] : [{ program, install }]));
  const [first] = installs;
  const actions = {
    install: vscode.l10n.t('Install {program}', { program: first?.program ?? '' }),
    signIn: vscode.l10n.t('Sign In'),
    makeDefault: vscode.l10n.t('Make Default'),
  };
  for (let offersSignIn = signIn !== null && missing.length === 0; ;) {
    const other = await otherDefault(deps, kind);
    const offered = [
      ...(first === undefined ? [] : [actions.install]),
      ...(offersSignIn ? [actions.signIn] : []),
      ...(other === undefined ? [] : [actions.makeDefault]),
    ];
    const chosen = await vscode.window.showInformationMessage(
      literally([messageOf(added, other), ...stillMissingWords(missing)].join(' ')),
      ...offered,
    );
    if (chosen === actions.makeDefault && other !== undefined) {
      await writeDefaultKind(kind, other.folder);
    } else if (chosen === actions.install && first !== undefined) {
      typeInTerminal(title, first.install);
      return;
    } else if (chosen === actions.signIn && signIn !== null) {
      typeInTerminal(title, shellLine(signIn));
      if (other === undefined) return;
      offersSignIn = false;
    } else {
      return;
    }
  }
}

interface OtherDefault {
  /** Undefined where no folder is open. */
  readonly folder: string | undefined;
  readonly kind: string;
}

/** Of the first open folder whose default is another kind. */
async function otherDefault({ host, services }: CommandDeps, kind: string): Promise<OtherDefault | undefined> {
  const open = host.kernels.all().map(({ folder }) => folder);
  for (const folder of open.length === 0 ? [undefined] : open) {
    const choice = await services.defaults.decide(folder);
    if (choice.kind !== kind) return { folder, kind: choice.kind };
  }
  return undefined;
}

function messageOf({ kind, title, version }: AgentAddition, other: OtherDefault | undefined): string {
  const { l10n } = vscode;
  const facts = { kind, title, version };
  if (other === undefined) {
    return l10n.t('{title} {version} was added as the agent kind {kind}, which is now the default.', facts);
  }
  const { folder, kind: usual } = other;
  return folder === undefined
    ? l10n.t('{title} {version} was added as the agent kind {kind}. The default is {usual}.', { ...facts, usual })
    : l10n.t('{title} {version} was added as the agent kind {kind}. The default in {folder} is {usual}.', {
        ...facts,
        usual,
        folder: path.basename(folder),
      });
}
