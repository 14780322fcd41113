/** Does the parts of all steps side by side: as many as the machine has cores, and more while cores are idle. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Say } from '../../tools/project';
import type { Outcome } from './summary';

/** A piece of a step that needs no other: a check, a test file or a few, a launch of VS Code. */
export interface Part {
  readonly title: string;
  /** It opens windows of VS Code: one part does at a time, and two while the machine has room. */
  readonly opensWindows?: boolean;
  /**
   * For tests in windows of VS Code: where one fails, the part is done again, from nothing and while nothing else is.
   * The second outcome counts for tests in the ledger (`unstable.ts`); another that passes only then fails the run.
   */
  readonly secondTry?: boolean;
  /** Does it, showing what it has to show. */
  run(show: Show): Promise<Outcome>;
}

/** Takes text as a program writes it, with its line breaks. */
export type Show = (text: string) => void;

export interface Done {
  readonly outcome: Outcome;
  readonly seconds: number;
  /** What came of the first try, where this is the second. */
  readonly firstTry?: Outcome;
}

/** How many parts run at once. */
export interface Lanes {
  /** As many always do. */
  readonly sure: number;
  /** Up to as many do while the machine has room: most parts wait for processes and clocks half of their time. */
  readonly most: number;
  /** Whether there is room for one more; asked again only after a while. */
  hasRoom(): boolean;
}

const ASK_AGAIN_MS = 500;
const MOST_WINDOWS = 2;

/** One line of text. */
export const lines =
  (show: Show): Say =>
  (line) =>
    show(`${line}\n`);

/**
 * Does all parts. Where more than one may run at once, what a part shows comes whole, when it is done. Never throws: a part
 * that does is broken.
 */
export async function inLanes(parts: readonly Part[], lanes: Lanes, show: Show): Promise<ReadonlyMap<Part, Done>> {
  const done = new Map<Part, Done>();
  const waiting = [...parts];
  const running = new Set<Promise<void>>();
  const again: { part: Part; firstTry: Outcome }[] = [];
  let openWindows = 0;

  /** Windows take longest, so they come first; while as many are open as may be, a part that opens none is next. */
  const next = (windows: number): Part | undefined => {
    const other = waiting.findIndex((part) => part.opensWindows !== true);
    const window = waiting.findIndex((part) => part.opensWindows === true);
    const index = window >= 0 && openWindows < windows ? window : other;
    return index >= 0 ? waiting.splice(index, 1)[0] : undefined;
  };
  const start = async (part: Part): Promise<void> => {
    const opensWindows = part.opensWindows === true;
    if (opensWindows) openWindows += 1;
    const result = await perform(part, lanes.most > 1, show);
    if (opensWindows) openWindows -= 1;
    if (part.secondTry === true && hasFailed(result.outcome)) again.push({ part, firstTry: result.outcome });
    else done.set(part, result);
  };
  const nextWithRoom = (): Part | undefined => {
    const sure = running.size < lanes.sure ? next(1) : undefined;
    if (sure !== undefined || waiting.length === 0 || running.size >= lanes.most) return sure;
    return lanes.hasRoom() ? next(MOST_WINDOWS) : undefined;
  };

  while (waiting.length > 0 || running.size > 0) {
    const part = nextWithRoom();
    if (part === undefined) {
      const mayStart = waiting.length > 0 && running.size < lanes.most;
      await Promise.race([...running, ...(mayStart ? [delay(ASK_AGAIN_MS, undefined, { ref: false })] : [])]);
    } else {
      const started = start(part).finally(() => running.delete(started));
      running.add(started);
    }
  }
  for (const { part, firstTry } of again) {
    show(`\n${part.title} failed and gets a second try:\n`);
    done.set(part, { ...(await perform(part, false, show)), firstTry });
  }
  return done;
}

async function perform(part: Part, isKept: boolean, show: Show): Promise<Done> {
  const startedAt = performance.now();
  const kept: string[] = [];
  if (!isKept) show(heading(part.title));
  const outcome = await part.run(isKept ? (text) => void kept.push(text) : show).catch((cause: unknown): Outcome => {
    console.error(cause instanceof Error ? cause.message : cause);
    return { kind: 'broken' };
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (isKept) show(`${heading(`${part.title}, ${seconds.toFixed(1)} s`)}${kept.join('')}`);
  return { outcome, seconds };
}

function hasFailed(outcome: Outcome): boolean {
  return outcome.kind === 'broken' || (outcome.kind === 'tested' && outcome.results.failed > 0);
}

const heading = (title: string): string => `\n━━ ${title} ${'━'.repeat(Math.max(3, 70 - title.length))}\n`;
