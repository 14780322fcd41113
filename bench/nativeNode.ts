/** Runs the native half in a Node that has `node:sqlite`, which ours need not have. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { nativeResult, type NativeResult, type NativeTask } from './workload';

const NATIVE = path.join(__dirname, 'native.js');
/** The test harness keeps a newer Node here. */
const HARNESS = path.join(__dirname, '..', '..', '.cache', 'vscode-server');

/** A Node with `node:sqlite`: of the environment variable `INTERCORE_NODE24`, of this process or of the test harness. */
export async function findNativeNode(): Promise<string | undefined> {
  const given = process.env['INTERCORE_NODE24'];
  const candidates = [...(given === undefined ? [] : [given]), process.execPath, ...harnessNodes()];
  for (const candidate of candidates) if (await hasSqlite(candidate)) return candidate;
  return undefined;
}

export async function runNative(node: string, task: NativeTask): Promise<NativeResult> {
  const { stdout } = await promisify(execFile)(node, [NATIVE, JSON.stringify(task)], { maxBuffer: 1e8 });
  return nativeResult.parse(JSON.parse(stdout));
}

function harnessNodes(): string[] {
  try {
    return readdirSync(HARNESS, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(^|[\\/])node(\.exe)?$/.test(name))
      .map((name) => path.join(HARNESS, name));
  } catch {
    // No harness is installed, so it has no Node either.
    return [];
  }
}

async function hasSqlite(node: string): Promise<boolean> {
  try {
    await promisify(execFile)(node, ['-e', "require('node:sqlite')"]);
    return true;
  } catch {
    // Not a Node, or one without SQLite: not a candidate.
    return false;
  }
}
