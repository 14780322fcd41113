/** Agents that the doctor starts on request. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { agentKind, type AgentKind } from '../../../../src/contract/agentKinds';
import type { DoctorFinding } from '../../../../src/contract/results/doctor';
import { Machine } from '../../../support/ic/environment';
import { Projects } from '../../../support/projects';
import { ASKING, SCRIPTED_AGENT } from '../../../support/sessions/hostedSession';
import type { AgentScript } from '../../../support/sessions/scriptedAgent';
import { until } from '../../../support/until';

describe('the doctor that starts agents', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();
  let machine: Machine;
  let journal: string;
  beforeEach(async () => {
    machine = await Machine.in(await projects.folder());
    journal = path.join(machine.root, 'journal');
    await mkdir(machine.root, { recursive: true });
    await writeFile(journal, '');
  });

  async function kindOf(script: Partial<AgentScript>, askMode: string | null = 'ask'): Promise<AgentKind> {
    const file = path.join(machine.root, 'script.json');
    await writeFile(file, JSON.stringify({ turns: [], ...ASKING, ...script }));
    const session = askMode === null ? {} : { session: { askMode } };
    const args = [SCRIPTED_AGENT, file, journal];
    return agentKind.parse({ name: 'scripted', command: process.execPath, args, protocol: 'acp', ...session });
  }

  async function check(kind: AgentKind, more: Parameters<Machine['examine']>[0] = {}): Promise<DoctorFinding[]> {
    const input = { kinds: [kind], chosenKinds: [kind.name], ...more };
    const report = await machine.examine(input, { startsAgents: true });
    return report.findings.filter((finding) => finding.check === 'sessions');
  }

  const sent = async (): Promise<string[]> =>
    (await readFile(journal, 'utf8'))
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { method?: string }).method ?? '']));

  it('sees that an agent opens a session and asks, and gives it no prompt', async () => {
    const [finding, ...more] = await check(await kindOf({}));
    assert.deepEqual(more, []);
    assert.equal(finding?.code, 'AGENT_OPENED', JSON.stringify(finding));
    assert.equal(
      finding.saw,
      'scripted: Scripted Agent 1.2.3 started, opened a session, and asks for permission in the mode ask.',
    );
    assert.deepEqual(await sent(), ['initialize', 'session/new', 'session/set_config_option']);
  });

  it('starts none unless that is asked for', async () => {
    const kind = await kindOf({});
    const { findings } = await machine.examine({ kinds: [kind], chosenKinds: [kind.name] });
    assert.deepEqual(
      findings.filter(({ check: id }) => id === 'sessions'),
      [],
    );
    assert.deepEqual(await sent(), []);
  });

  it('starts none that is not allowed in the folder', async () => {
    const agentStarts = { ...machine.doctorInput().agentStarts, isAllowed: () => false };
    const [finding] = await check(await kindOf({}), { agentStarts });
    assert.deepEqual([finding?.code, finding?.level], ['AGENT_UNCHECKED', 'info']);
    assert.deepEqual(await sent(), []);
  });

  it('starts none in an untrusted window', async () => {
    const findings = await check(await kindOf({}), { trusted: false });
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['NOT_LOOKED'],
    );
    assert.deepEqual(await sent(), []);
  });

  const REFUSALS: readonly { readonly title: string; readonly script: Partial<AgentScript>; readonly code: string }[] =
    [
      { title: 'needs a sign-in', script: { authRequired: true }, code: 'AGENT_NEEDS_SIGN_IN' },
      { title: 'does not accept its ask mode', script: { ignoresModes: true }, code: 'AGENT_MODE_REFUSED' },
      {
        title: 'speaks another version of the protocol',
        script: { initialize: { protocolVersion: 2 } },
        code: 'AGENT_NOT_OPENED',
      },
    ];
  for (const { title, script, code } of REFUSALS) {
    it(`finds an agent that ${title}`, async () => {
      const [finding] = await check(await kindOf(script));
      assert.deepEqual([finding?.code, finding?.level], [code, 'problem'], JSON.stringify(finding));
      const [note] = await check(await kindOf(script), { chosenKinds: [] });
      assert.equal(note?.level, 'info');
    });
  }

  it('finds a program that ends at once, with what it printed', async () => {
    const command = await machine.install('broken', 'echo "no such model" >&2; exit 3');
    const [finding] = await check(agentKind.parse({ name: 'broken', command, protocol: 'acp' }));
    assert.equal(finding?.code, 'AGENT_NOT_OPENED');
    assert.match(finding.saw, /no such model/);
  });

  it('starts none whose CLI is missing, which the check of the programs reports with its remedy', async () => {
    const kind = await kindOf({});
    const needing = { ...kind, session: { ...kind.session, programs: { CLAUDE_CODE_EXECUTABLE: 'claude' } } };
    assert.deepEqual(await check(needing), []);
    assert.deepEqual(await sent(), []);
  });

  it('reports an agent without a mode that asks', async () => {
    const [finding] = await check(await kindOf({}, null));
    assert.deepEqual([finding?.code, finding?.level], ['AGENT_OPENED_UNASKED', 'info']);
  });

  it('ends an agent once it is stopped', async () => {
    const stop = new AbortController();
    const command = await machine.install(
      'silent',
      `echo $$ > ${machine.root}/pid; stop() { :; }; trap stop TERM; while :; do sleep 1; done`,
    );
    const kind = agentKind.parse({ name: 'silent', command, protocol: 'acp' });
    const pidFile = path.join(machine.root, 'pid');
    const examined = machine.examine({ kinds: [kind] }, { startsAgents: true, signal: stop.signal });
    examined.catch(() => undefined);
    await until(
      () => Promise.resolve(existsSync(pidFile)),
      (isThere) => isThere,
    );
    const pid = Number(await readFile(pidFile, 'utf8'));
    stop.abort(new Error('stopped by a person'));
    await assert.rejects(examined, /stopped by a person/);
    await until(
      () => Promise.resolve(isAlive(pid)),
      (lives) => !lives,
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
