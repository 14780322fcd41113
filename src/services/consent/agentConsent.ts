/**
 * Agents run without permission prompts, so each kind runs in a folder only after this user has allowed it there once.
 * Consent covers the command line: a kind that is redefined under the same name needs consent again.
 */
import { createHash } from 'node:crypto';
import { runsInSession, type AgentKind } from '../../contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../agents/builtInKinds';
import type { FolderLedger } from '../../host/files/folderLedger';
import { addedAgents } from '../../host/state/addedAgents';
import { KernelError } from '../../kernel/errors/errors';

export class AgentConsents {
  /** @param environment determines where the agents are that this user added */
  constructor(
    private readonly ledger: FolderLedger,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  isAllowed(folder: string, kind: AgentKind): boolean {
    return isScript(kind) || this.ledger.has(folder, entryOf(kind));
  }

  /** @throws KernelError `AGENT_NOT_ALLOWED` */
  require(folder: string, kind: AgentKind): void {
    if (!this.isAllowed(folder, kind)) throw new KernelError('AGENT_NOT_ALLOWED', { kind: kind.name, folder });
  }

  /**
   * For a person who named the kind in a shell. A built-in name still needs consent if workspace settings may have
   * changed its command line. That of an agent that this user added is no change.
   * @throws KernelError `AGENT_NOT_ALLOWED`
   */
  requireRedefined(folder: string, kind: AgentKind): void {
    const builtIn = BUILT_IN_AGENT_KINDS.find(({ name }) => name === kind.name);
    if (builtIn === undefined) return;
    const ours = [builtIn, ...addedAgents(this.environment).map((added) => added.kind)];
    if (!ours.some((known) => entryOf(known) === entryOf(kind))) this.require(folder, kind);
  }

  allow(folder: string, kinds: readonly AgentKind[]): void {
    this.ledger.add(folder, kinds.map(entryOf));
  }

  /** Revokes consent for kinds of this name. */
  revoke(folder: string, name: string): void {
    this.ledger.remove(folder, (entry) => entry.startsWith(`${name} `));
  }
}

/** The built-in `shell` makes no decisions: its prompt is the program, which the caller wrote or named. */
function isScript(kind: AgentKind): boolean {
  const shell = BUILT_IN_AGENT_KINDS.find(({ name }) => name === 'shell');
  return shell !== undefined && entryOf(kind) === entryOf(shell);
}

/** Kind names contain no spaces. */
function entryOf(kind: AgentKind): string {
  const { name, command, args, promptBy, parser, env = {}, passEnv = [], sandbox = null, session } = kind;
  // How the agent asks for permission, and the programs behind it, are part of what is allowed. Entries of other kinds stay as they were stored.
  const programs = Object.entries(session?.programs ?? {}).sort();
  const inSession = runsInSession(kind) ? [session?.askMode ?? null, programs] : [];
  const line = [
    ...[name, command, args, promptBy, parser, Object.entries(env).sort(), [...passEnv].sort(), sandbox],
    ...inSession,
  ];
  return `${name} ${createHash('sha256').update(JSON.stringify(line)).digest('hex')}`;
}
