/** Checks everything that Intercore depends on and reports problems (`docs/doctor.md`). Changes nothing. */
import { arch, platform, release } from 'node:os';
import type { DoctorFinding, DoctorReport } from '../../../contract/results/doctor';
import { askProgram } from '../../../host/process/programs';
import { problemOf } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import type { Log } from '../../../host/log';
import { plainEnvironment } from '../../dispatch/context/environment';
import { agentsCheck } from './agents';
import { clonesCheck, worktreesCheck } from './clones';
import { found, sentencesOf, type Check, type Examination, type Found, type DoctorInput } from '../model';
import { diskCheck, permissionsCheck } from './storageFolders';
import { gitCheck, icCheck, identityCheck, nodeCheck } from './programs';
import { databasesCheck } from './databases';
import { redactFacts, redactionFor } from '../redaction';
import { beadsCheck, githubCheck } from './trackers';
import { Visibilities } from '../visibility';
import { settingsCheck, trustCheck } from './editor';
import { sessionsCheck } from './startedAgents';

/** In the order of the report. */
export const CHECKS: readonly Check[] = [
  trustCheck,
  settingsCheck,
  gitCheck,
  identityCheck,
  nodeCheck,
  icCheck,
  agentsCheck,
  sessionsCheck,
  beadsCheck,
  githubCheck,
  databasesCheck,
  permissionsCheck,
  diskCheck,
  clonesCheck,
  worktreesCheck,
];

/** A busy machine starts programs slowly, so few start at once. */
const AT_ONCE = 4;
const CHECK_LIMIT_MS = 30_000;
const QUESTION_LIMIT_MS = 10_000;

export interface DoctorOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether agents that run in sessions are started. */
  readonly startsAgents?: boolean | undefined;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Called after each check with the number of checks. */
  readonly onProgress?: (done: number, all: number) => void;
}

type Examinable = DoctorInput & Pick<Examination, 'visibility' | 'startsAgents'>;

/** Runs all checks, some concurrently, each with a time limit. Rejects only with the signal's reason. */
export async function examine(input: DoctorInput, options: DoctorOptions): Promise<DoctorReport> {
  const { signal = new AbortController().signal, startsAgents = false, onProgress } = options;
  const results: (readonly DoctorFinding[])[] = CHECKS.map(() => []);
  const visibility = new Visibilities();
  const waiting = [...CHECKS.entries()];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted();
      const [index, check] = next;
      results[index] = await findingsOf(check, { ...input, visibility, startsAgents }, signal, options.log);
      done += 1;
      onProgress?.(done, CHECKS.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  signal.throwIfAborted();
  return {
    at: Math.floor(options.nowMs / 1000),
    program: input.program,
    platform: `${platform()} ${release()} ${arch()}`,
    findings: results.flat(),
  };
}

async function findingsOf(
  check: Check,
  input: Examinable,
  signal: AbortSignal,
  log: Log,
): Promise<readonly DoctorFinding[]> {
  const redaction = redactionFor(input.environment);
  const outcome = await outcomeOf(check, input, signal, log);
  return outcome.map(({ code, facts, level, fix }) => {
    const shown = redactFacts(facts, redaction);
    return { check: check.id, level, code, facts: shown, ...sentencesOf(code, shown), fix };
  });
}

/** The findings of a check, or that it failed. */
async function outcomeOf(check: Check, input: Examinable, signal: AbortSignal, log: Log): Promise<readonly Found[]> {
  if (check.starts && !input.trusted) return [found('NOT_LOOKED')];
  const limitMs = check.limitMs ?? CHECK_LIMIT_MS;
  const limit = AbortSignal.timeout(limitMs);
  const ended = AbortSignal.any([signal, limit]);
  const slow = new Promise<readonly Found[]>((resolve) => {
    ended.addEventListener('abort', () => resolve([found('CHECK_SLOW', { seconds: limitMs / 1000 })]));
  });
  const looked = check.look(examinationOf(input, ended)).catch((error: unknown) => {
    log.warn('doctor check failed', { check: check.id, problem: problemOf(error) });
    return [found('CHECK_FAILED', { problem: foreignText(problemOf(error)) })];
  });
  return Promise.race([looked, slow]);
}

function examinationOf(input: Examinable, signal: AbortSignal): Examination {
  return {
    ...input,
    signal,
    ask: (program, args, env = plainEnvironment({ variables: input.environment, passEnv: [] })) =>
      askProgram({ trusted: () => input.trusted, program, args, env, timeoutMs: QUESTION_LIMIT_MS, signal }),
  };
}
