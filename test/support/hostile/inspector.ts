/** The inspector of the protocol's own project, fetched when a test first asks for it. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { runNpm } from '../agents/install';
import { projectRoot } from '../agents/project';
import { IC_SCRIPT } from '../ic/ic';

const PACKAGE = '@modelcontextprotocol/inspector';
const VERSION = '2.12.0';

/** The absolute path of its program. Throws where no registry is in reach. */
export async function installInspector(root: string = projectRoot()): Promise<string> {
  const cache = path.join(root, '.cache', 'inspector');
  const folder = path.join(cache, VERSION);
  const program = path.join(folder, 'node_modules', '.bin', 'mcp-inspector');
  if (await isThere(program)) return program;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(path.join(cache, 'installing-'));
  try {
    await writeFile(path.join(staging, 'package.json'), '{ "private": true }\n');
    const npm = await runNpm(staging, `${PACKAGE}@${VERSION}`);
    if (npm.exitCode !== 0) throw new Error(`${PACKAGE}@${VERSION} cannot be installed: ${npm.output.trim()}`);
    await rename(staging, folder).catch(async (error: unknown) => {
      if (!(await isThere(program))) throw error;
    });
    return program;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** What it makes of one request to the real `ic mcp`, as JSON. Rejects where it finds anything wrong. */
export async function inspect(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...request: string[]
) {
  const args = [program, '--cli', process.execPath, IC_SCRIPT, 'mcp', ...request];
  const options = {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', PWD: cwd, HOME: cwd, ...env },
    maxBuffer: 16 * 2 ** 20,
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout) as unknown;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
