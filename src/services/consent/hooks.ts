/**
 * Hooks of a project: programs in `.clavain/hooks` that receive phase and dispatch events
 * (`docs/design/formats.md#hooks`). They run for their effect alone: a failing hook is reported and changes nothing.
 */
import { FolderLedger } from '../../host/files/folderLedger';
import { endChildGroup } from '../../host/process/signals';
import { ledgerFolder } from '../../host/state/stateFolder';
import { encodeGoJson } from '../../kernel/text/goJson';
import { problemOf } from '../../kernel/errors/errors';
import { processStarter } from '../../host/process/startProcess';
import { plainEnvironment } from '../dispatch/context/environment';
import { hookOf, isNews } from './hookConsent';

/** Hooks are terminated after this time. */
export const HOOK_TIME_LIMIT_MS = 5000;
const ERROR_TEXT_LIMIT = 2000;

export interface HookEvent {
  readonly runId: string;
  readonly source: 'phase' | 'dispatch';
  readonly type: string;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
  /** RFC 3339 with the local zone. */
  readonly timestamp: string;
}

const FILES = { phase: 'on-phase-advance', dispatch: 'on-dispatch-change' } as const;

/**
 * Runs the hook for an event, if the project has one that this user has allowed, with the event as JSON on its standard
 * input and an environment without credentials. Resolves when the hook has ended or was terminated: undefined for
 * success or no hook, else the problem. A hook that is not allowed is reported once.
 */
export async function runHook(
  projectDir: string,
  event: HookEvent,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const name = FILES[event.source];
  const ledger = new FolderLedger(ledgerFolder(env), 'hooks');
  const hook = await hookOf(ledger, projectDir, name);
  if (hook === undefined) return undefined;
  if (hook.kind !== 'allowed') {
    if (!isNews(ledger, projectDir, hook)) return undefined;
    if (hook.kind === 'unusable') return `hook ${name} was not run: ${hook.problem}`;
    return `hook ${name} was not run: you have not allowed it in ${projectDir}. To allow it, run there: ic hooks allow`;
  }
  const outcome = await execute(
    hook.file,
    projectDir,
    hookInput(event),
    plainEnvironment({ variables: { ...env }, passEnv: [] }),
  );
  if (outcome.problem === undefined) return undefined;
  return `hook ${name} failed: ${outcome.problem} (stderr: ${outcome.stderr.trim()})`;
}

/** The event as the original writes it: no row id, no trailing newline. */
function hookInput(event: HookEvent): string {
  return encodeGoJson({
    id: 0,
    run_id: event.runId,
    source: event.source,
    type: event.type,
    from_state: event.fromState,
    to_state: event.toState,
    ...(event.reason === '' ? {} : { reason: event.reason }),
    timestamp: event.timestamp,
  });
}

interface HookOutcome {
  readonly problem: string | undefined;
  readonly stderr: string;
}

function execute(file: string, cwd: string, input: string, env: Record<string, string>): Promise<HookOutcome> {
  return new Promise((resolve) => {
    const child = processStarter(() => true, 'run hooks').spawn(file, [], {
      cwd,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      windowsHide: true,
    });
    let stderr = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void endChildGroup(child, 0);
    }, HOOK_TIME_LIMIT_MS);
    const settle = (problem: string | undefined): void => {
      clearTimeout(timer);
      child.stderr.destroy();
      resolve({ problem, stderr });
    };
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < ERROR_TEXT_LIMIT) stderr += chunk.toString('utf8');
    });
    // A hook may close the pipe without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error) => {
      settle(problemOf(error));
    });
    child.once('exit', (code, signal) => {
      if (late) settle(`no end within ${HOOK_TIME_LIMIT_MS / 1000} s`);
      else settle(code === 0 ? undefined : signal === null ? `exit status ${code ?? -1}` : `signal: ${signal}`);
    });
  });
}
