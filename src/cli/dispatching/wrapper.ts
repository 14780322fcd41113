/**
 * The wrapper script that starts agents if a project has one: `dispatch.sh` (`docs/design/agents.md#starting`).
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../contract/agentKinds';

const HUB_WRAPPER = path.join('hub', 'clavain', 'scripts', 'dispatch.sh');

export interface WrapperSearch {
  /** `--dispatch-sh` */
  readonly given: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The first that exists of: the flag's script, `CLAVAIN_DISPATCH_SH`, and the hub's script in a parent directory. */
export async function findWrapper({ given, cwd, env }: WrapperSearch): Promise<string | undefined> {
  const named = [given, env['CLAVAIN_DISPATCH_SH']].flatMap((file) =>
    file === undefined || file === '' ? [] : [path.resolve(cwd, file)],
  );
  for (const file of [...named, ...upwards(cwd)]) if (await exists(file)) return file;
  return undefined;
}

function upwards(cwd: string): string[] {
  const above = path.dirname(cwd);
  return [path.join(cwd, HUB_WRAPPER), ...(above === cwd ? [] : upwards(above))];
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

export interface WrapperCall {
  readonly agentType: string;
  readonly outputFile: string;
  readonly name: string | undefined;
  readonly model: string | undefined;
  readonly timeLimitSec: number | undefined;
  /** Names of the variables that the wrapper inherits. */
  readonly passEnv: readonly string[];
}

/** An agent kind that runs the wrapper with the arguments of the original, in their order. */
export function wrapperKind(script: string, call: WrapperCall): AgentKind {
  const { agentType, outputFile, name, model, timeLimitSec, passEnv } = call;
  return {
    name: agentType,
    command: 'bash',
    args: [
      script,
      '-C',
      '${project}',
      '-o',
      outputFile,
      '--prompt-file',
      '${promptFile}',
      ...(name === undefined ? [] : ['-n', name]),
      ...(model === undefined ? [] : ['-m', model]),
      '--sandbox',
      '${sandbox}',
      ...(timeLimitSec === undefined ? [] : ['--timeout', String(timeLimitSec)]),
    ],
    promptBy: 'file',
    parser: 'plain',
    sandbox: 'workspace-write',
    passEnv: [...passEnv],
  };
}
