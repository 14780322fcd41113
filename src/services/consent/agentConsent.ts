/**
 * Agents run without permission prompts, so each kind runs in a folder only after this user has allowed it there once.
 * What is allowed is the command line: a kind that is defined again under the same name is asked for again.
 */
import { createHash } from 'node:crypto';
import { BUILT_IN_AGENT_KINDS, type AgentKind } from '../../contract/agentKinds';
import type { FolderLedger } from '../../host/files/folderLedger';
import { KernelError } from '../../kernel/errors/errors';

export class AgentConsents {
  constructor(private readonly ledger: FolderLedger) {}

  isAllowed(folder: string, kind: AgentKind): boolean {
    return isScript(kind) || this.ledger.has(folder, entryOf(kind));
  }

  /** @throws KernelError `AGENT_NOT_ALLOWED` */
  require(folder: string, kind: AgentKind): void {
    if (!this.isAllowed(folder, kind)) throw new KernelError('AGENT_NOT_ALLOWED', { kind: kind.name, folder });
  }

  /**
   * For a person who has named the kind in a shell: a built-in name that the settings of a workspace may have given to
   * another command line has to be allowed all the same.
   * @throws KernelError `AGENT_NOT_ALLOWED`
   */
  requireRedefined(folder: string, kind: AgentKind): void {
    const builtIn = BUILT_IN_AGENT_KINDS.find(({ name }) => name === kind.name);
    if (builtIn !== undefined && entryOf(builtIn) !== entryOf(kind)) this.require(folder, kind);
  }

  allow(folder: string, kinds: readonly AgentKind[]): void {
    this.ledger.add(folder, kinds.map(entryOf));
  }

  /** Undoes what was allowed for kinds of this name. */
  revoke(folder: string, name: string): void {
    this.ledger.remove(folder, (entry) => entry.startsWith(`${name} `));
  }
}

/** The built-in `shell` has no will of its own: its prompt is the program, which the caller has written or named. */
function isScript(kind: AgentKind): boolean {
  const shell = BUILT_IN_AGENT_KINDS.find(({ name }) => name === 'shell');
  return shell !== undefined && entryOf(kind) === entryOf(shell);
}

/** Names of kinds hold no blanks. */
function entryOf(kind: AgentKind): string {
  const { name, command, args, promptBy, parser, env = {}, passEnv = [], sandbox = null } = kind;
  const line = [name, command, args, promptBy, parser, Object.entries(env).sort(), [...passEnv].sort(), sandbox];
  return `${name} ${createHash('sha256').update(JSON.stringify(line)).digest('hex')}`;
}
