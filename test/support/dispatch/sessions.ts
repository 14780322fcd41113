/** Sessions as their hosts leave them: sealed states in the files of a dispatch, and the commands that were given. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  sessionCommand,
  type OpenRequest,
  type SessionCommand,
  type SessionState,
} from '../../../src/contract/sessions';
import { makeDispatchFiles, type DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { ifThere } from '../../../src/host/files/fileErrors';
import { replaceSmallFile } from '../../../src/host/files/smallFile';
import { unsealed } from '../../../src/host/launcher/seal';
import { DecisionFile } from '../../../src/host/session/files/decisionFile';
import { COMMAND, seal, STATE } from '../../../src/host/session/files/sessionSeal';
import type { NewDecision } from '../../../src/kernel/dispatch/newDecision';
import { until } from '../until';

type Permission = Extract<OpenRequest, { readonly kind: 'permission' }>;

/** By default to run a command; another tool has none. */
export function permission(changes: Partial<Permission> = {}): Permission {
  return {
    kind: 'permission',
    number: 1,
    askedAtMs: 1_700_000_000_000,
    title: 'Run the tests',
    tool: 'execute',
    ...(changes.tool === undefined ? { command: 'npm test' } : {}),
    paths: [],
    diffs: [],
    mayAllow: true,
    mayDeny: true,
    ...changes,
  };
}

export const QUESTION: OpenRequest = {
  kind: 'question',
  number: 2,
  askedAtMs: 1_700_000_001_000,
  title: 'Which parser?',
  fields: [
    { name: 'parser', title: 'Parser', kind: 'choice', choices: [{ value: 'new', title: 'New' }], isRequired: true },
    { name: 'retries', title: 'Number of retries', kind: 'integer', isRequired: false },
  ],
};

/** A session in its first turn. */
export function sessionWith(changes: Partial<SessionState> = {}): SessionState {
  return {
    sessionId: 'session-1',
    agentName: 'Scripted Agent',
    phase: 'running',
    wantsPause: false,
    turns: 1,
    policy: 'freeInside',
    asks: true,
    canSteer: false,
    canResume: true,
    requests: [],
    waiting: [],
    activity: 'Reading src/a.ts',
    plan: null,
    waitedMs: 0,
    updatedAtMs: 1_700_000_000_000,
    ...changes,
  };
}

export class SessionFixture {
  private constructor(readonly files: DispatchFiles) {}

  static async make(storage: string, dispatchId: string): Promise<SessionFixture> {
    return new SessionFixture(await makeDispatchFiles(storage, dispatchId));
  }

  async write(changes: Partial<SessionState> = {}): Promise<void> {
    await replaceSmallFile(this.files.session, seal(this.files.secret, STATE, sessionWith(changes)));
  }

  /** Leaves a decision as its host does. */
  decide(decision: NewDecision): void {
    new DecisionFile(this.files.decisions, this.files.secret).add(decision);
  }

  /** In the order of the names of their files. */
  async commands(): Promise<SessionCommand[]> {
    const { commands, secret } = this.files;
    const all = (await ifThere(readdir(commands))) ?? [];
    // Others are drafts, which are there for a moment only.
    const names = all.filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(names.sort().map((name) => readFile(path.join(commands, name), 'utf8')));
    return texts.map((text) => sessionCommand.parse(JSON.parse(unsealed(secret, COMMAND, text) ?? 'null')));
  }

  /** Resolves with a command that suits, once it is there. */
  async given(suits: (command: SessionCommand) => boolean): Promise<SessionCommand> {
    const commands = await until(
      () => this.commands(),
      (all) => all.some(suits),
    );
    return commands.find(suits) ?? assert.fail();
  }

  answerTo(number: number): Promise<SessionCommand> {
    return this.given((command) => command.kind === 'answer' && command.number === number);
  }
}
