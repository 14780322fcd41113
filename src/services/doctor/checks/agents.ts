/** Agent programs: installed, able to start, and signed in, as far as that can be checked without cost. */
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import type { DoctorFix } from '../../../contract/results/doctor';
import { redact } from '../../../host/git/redaction';
import { listDrift } from '../../../host/state/schemaDrift';
import { driftFolder } from '../../../host/state/stateFolder';
import { findProgram, versionIn, type Answer } from '../../../host/process/programs';
import { kindEnvironment, handedOn, type EnvironmentSource } from '../../dispatch/context/environment';
import type { ProgramSignIn } from '../../agents/output/program';
import { AGENT_PROGRAMS } from '../../agents/programs';
import { defaultKindFinding } from '../defaultKindFinding';
import { found, type Check, type Examination, type Found } from '../model';
import { isAddable } from '../../agents/acp/installation/adapters';
import { notAdded, sessionFindings } from './sessionAgents';
import { BUILT_IN_AGENT_KINDS } from '../../agents/builtInKinds';
import { because, foreignText, type ForeignText, type Reason } from '../../../kernel/errors/reasons/problem';
import type { FindingClause } from '../findingReasons';

/** A missing variable is a warning for kinds that settings select, and a note for others. */
export function environmentFindings(kind: AgentKind, source: EnvironmentSource, isChosen: boolean): Found[] {
  const { names, missing } = handedOn(kind, source);
  const level = isChosen ? {} : ({ level: 'info' } as const);
  const given = names.length === 0 ? [] : [found('AGENT_VARIABLES', { kind: kind.name, names: names.join(', ') })];
  const isSet = (name: string): boolean => (source.variables[name] ?? kind.env?.[name] ?? '') !== '';
  const needed = AGENT_PROGRAMS[kind.parser].needs.flatMap(({ cause, anyOf }) => {
    if (!isSet(cause)) return [];
    const lacking = anyOf.filter((choice) => !choice.some(isSet));
    return lacking.map((choice) =>
      found('AGENT_VARIABLE_MISSING', { kind: kind.name, cause, names: choice.join(' / ') }, level),
    );
  });
  // Built-in kinds list variables that only some users set. A variable in a setting is intended.
  const meant = missing.filter((name) => source.passEnv.includes(name) || !isBuiltIn(kind));
  const unset = meant.length === 0 ? [] : [found('VARIABLE_NOT_SET', { kind: kind.name, names: meant.join(', ') })];
  return [...given, ...needed, ...unset];
}

function isBuiltIn({ name, passEnv }: AgentKind): boolean {
  return BUILT_IN_AGENT_KINDS.some((kind) => kind.name === name && String(kind.passEnv) === String(passEnv));
}

export const agentsCheck: Check = {
  id: 'agents',
  starts: true,
  async look(examination) {
    const { kinds, chosenKinds } = examination;
    const known = kinds.map(({ name }) => name);
    const strange = [...new Set(chosenKinds)].filter((name) => !known.includes(name));
    const setting = 'intercore.agents.default';
    const { loginShellProblem: problem } = examination;
    return [
      ...(problem === undefined ? [] : [found('LOGIN_SHELL_FAILED', { problem: foreignText(problem) })]),
      ...strange.map((kind) =>
        found('AGENT_KIND_UNKNOWN', { kind, known: known.join(', ') }, { fix: { kind: 'setting', setting } }),
      ),
      ...examination.defaultKinds.map((folderKind) => defaultKindFinding(folderKind)),
      ...(await Promise.all(kinds.map((kind) => check(examination, kind)))).flat(),
      ...(await driftFindings(examination)),
    ];
  },
};

/** Shown for each kind and version: which fields, and how often. */
async function driftFindings({ stateEnvironment }: Examination): Promise<Found[]> {
  return (await listDrift(driftFolder(stateEnvironment ?? process.env))).map(({ kind, version, counts }) => {
    const fields = Object.entries(counts).map(([name, count]) => `${name} (${count})`);
    return found('AGENT_DRIFT', { kind, version, fields: fields.join(', ') });
  });
}

async function check(examination: Examination, kind: AgentKind): Promise<Found[]> {
  const isChosen = examination.chosenKinds.includes(kind.name);
  const source = { variables: examination.environment, passEnv: examination.passEnv };
  const env = kindEnvironment(kind, source);
  const { signIn } = AGENT_PROGRAMS[kind.parser];
  const file = await findProgram(kind.command, env);
  if (file === undefined) {
    const facts = { kind: kind.name, command: kind.command };
    if (isAddable(kind)) return [notAdded(examination, kind)];
    const fix: DoctorFix =
      signIn === undefined
        ? { kind: 'setting', setting: 'intercore.agents.kinds' }
        : { kind: 'shell', line: signIn.install };
    return [found(isChosen ? 'AGENT_MISSING' : 'AGENT_ABSENT', facts, { fix })];
  }
  if (signIn === undefined) {
    const session = runsInSession(kind) ? await sessionFindings(examination, kind, env) : [];
    const state = session.length === 0 ? [found('AGENT_FOUND', { kind: kind.name, path: file })] : session;
    return [...state, ...environmentFindings(kind, source, isChosen)];
  }
  const state = await stateOf(examination, { kind, file, env, signIn });
  const refusal = refusesRoot(kind, env) ? [found('AGENT_REFUSES_ROOT', { kind: kind.name })] : [];
  return [state, ...refusal, ...environmentFindings(kind, source, isChosen)];
}

interface FoundAgent {
  readonly kind: AgentKind;
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signIn: ProgramSignIn;
}

async function stateOf({ ask, chosenKinds }: Examination, { kind, file, env, signIn }: FoundAgent): Promise<Found> {
  const answer = await ask(file, ['--version'], env);
  const version = versionIn(answer.stdout);
  const level = chosenKinds.includes(kind.name) ? {} : ({ level: 'info' } as const);
  const place = { kind: kind.name, path: file };
  if (version === undefined) {
    return found('AGENT_MUTE', { ...place, problem: noVersion(answer) }, level);
  }
  const facts = { ...place, version };
  if (signIn.keys.some((key) => env[key])) return found('AGENT_READY', facts);
  const status = await ask(file, signIn.status, env);
  switch (signIn.signedIn(status)) {
    case true:
      return found('AGENT_READY', facts);
    case false:
      return found(
        'AGENT_SIGNED_OUT',
        { ...facts, line: signIn.line },
        { ...level, fix: { kind: 'shell', line: signIn.line } },
      );
    case undefined:
      return found('AGENT_SIGN_IN_UNKNOWN', { ...facts, problem: noVersion(status) });
  }
}

function noVersion({ problem, stdout, stderr, code }: Answer): ForeignText | Reason<FindingClause<'AGENT_MUTE'>> {
  if (problem !== undefined) return foreignText(problem);
  const line = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
  if (line !== '') return foreignText(redact(line));
  return code === null ? because('it ended with no exit code') : because('it ended with {code}', { code });
}

/** Claude does not allow root to skip permission prompts outside a sandbox. */
function refusesRoot(kind: AgentKind, env: NodeJS.ProcessEnv): boolean {
  const isRoot = process.getuid?.() === 0;
  return isRoot && kind.args.includes('--dangerously-skip-permissions') && env['IS_SANDBOX'] !== '1';
}
