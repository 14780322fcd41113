/** A process that runs test files one after the other, so that they share what it has loaded. */
import { setTimeout as delay } from 'node:timers/promises';
import Mocha from 'mocha';
import * as z from 'zod';
import { inProject } from '../../tools/project';
import { RESULTS_OPTION } from './vscode/results';

const request = z.object({
  files: z.array(z.string()),
  results: z.string(),
  reporter: z.string(),
  timeoutMs: z.number(),
  color: z.boolean().default(false),
  grep: z.string().optional(),
  /** The last line of what is shown starts with it, followed by the number of failures. */
  end: z.string(),
});

type Request = z.infer<typeof request>;

export interface Worker {
  /**
   * Files share nothing but the modules of the product: those of the tests are loaded again for each request, and what
   * a file leaves running fails it. Otherwise all is kept, as windows are.
   */
  readonly isFresh: boolean;
  /** Ends what is kept, once no more files come. */
  readonly end?: () => Promise<void>;
}

/** Takes requests from the channel of the process that started this one, and ends with it. */
export function serveTestFiles({ isFresh, end }: Worker): void {
  // Each file's helpers may clean up at the exit.
  process.setMaxListeners(0);
  let runs = Promise.resolve();
  process.on('message', (message) => {
    runs = runs.then(async () => {
      const wanted = request.parse(message);
      const failures = await (isFresh ? runFresh(wanted) : runFiles(wanted));
      process.stdout.write(`\n${wanted.end}${failures}\n`);
    });
  });
  process.once('disconnect', () => void (end?.() ?? Promise.resolve()).finally(() => process.exit()));
}

async function runFiles(wanted: Request): Promise<number> {
  const mocha = new Mocha({
    timeout: wanted.timeoutMs,
    reporter: wanted.reporter,
    reporterOptions: { [RESULTS_OPTION]: wanted.results },
    color: wanted.color,
    ...(wanted.grep === undefined ? { forbidOnly: true } : { grep: new RegExp(wanted.grep) }),
  });
  for (const file of wanted.files) mocha.addFile(file);
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  mocha.dispose();
  return failures;
}

async function runFresh(wanted: Request): Promise<number> {
  const before = processState();
  const failures = await runFiles(wanted);
  for (const file of Object.keys(require.cache))
    if (file.startsWith(inProject('out/test/'))) Reflect.deleteProperty(require.cache, file);
  const left = await leftBehind(before);
  if (left !== undefined) process.stdout.write(`\n  These tests left behind: ${left}\n`);
  return failures + (left === undefined ? 0 : 1);
}

interface ProcessState {
  /** Kinds of what keeps the process alive. */
  readonly resources: readonly string[];
  readonly settings: string;
}

const processState = (): ProcessState => ({
  resources: process.getActiveResourcesInfo().sort(),
  settings: JSON.stringify([process.cwd(), Object.entries(process.env).sort()]),
});

/** As long as a test may take that is alone in its process, which would end only then. */
const SETTLED_MS = 20_000;
const ASK_AGAIN_MS = 10;

/** In words, what is there that was not before; undefined where nothing is, which may take a moment. */
async function leftBehind(before: ProcessState): Promise<string | undefined> {
  const since = performance.now();
  while (performance.now() - since < SETTLED_MS) {
    const now = processState();
    if (now.settings !== before.settings) return 'another working folder or environment';
    if (now.resources.length <= before.resources.length) return undefined;
    await delay(ASK_AGAIN_MS, undefined, { ref: false });
  }
  return processState().resources.join(', ');
}
