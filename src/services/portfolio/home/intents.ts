/**
 * Undoes a portfolio whose creation was not finished, in the creating program or in another one after a crash
 * (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../../host/files/fileErrors';
import type { Log } from '../../../host/log';
import { identify, isRunning, machineName } from '../../../host/process/processIdentity';
import { isBlank } from '../../../kernel/image/blank';
import {
  abandonCreation,
  holdsChild,
  pendingCreations,
  settleCreation,
  removeCreatedChild,
  type CreationIntent,
  type IntendedChild,
} from '../../../kernel/portfolio/intents';
import { refusalOf } from '../../record/kernelState';
import type { ProjectKernel } from '../../record/projectKernel';
import type { PortfolioKernels } from './authority';
import { defined } from '../../../kernel/defined';

/** Seconds after which a creation counts as abandoned, for processes on other machines, which cannot be checked. */
const STALE_AFTER_SEC = 600;

/** This process, as an intent names it. */
export async function thisMaker(): Promise<CreationIntent['maker']> {
  return { ...(await identify(process.pid)), host: machineName() };
}

/**
 * Undoes unfinished creations of processes that are gone. Never throws for problems with files: what cannot be undone
 * now is logged and retried next time.
 */
export async function undoInterrupted(home: PortfolioKernels, log: Log): Promise<void> {
  const { kernel } = home;
  if (kernel.state.kind !== 'ready') return;
  const { pending, now } = kernel.read((r) => ({ pending: pendingCreations(r), now: r.now }));
  for (const intent of pending) {
    if (await isUnderWay(intent, now)) continue;
    const error = await undoCreation(home, intent);
    const facts = { portfolio: intent.portfolioId, ...defined({ error }) };
    if (error === undefined) log.info('An interrupted portfolio was undone', facts);
    else log.warn('An interrupted portfolio could not be undone yet', facts);
  }
}

/**
 * Removes the children, records created for them and, if it was created for this portfolio, the portfolio's database.
 * Returns the first failure; the rest is still done as far as possible, and any program may undo what is left.
 */
export async function undoCreation(
  home: PortfolioKernels,
  intent: CreationIntent | Omit<CreationIntent, 'since'>,
): Promise<unknown> {
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const child of intent.children) await attempt(() => undoOne(home, intent, child));
  await attempt(() =>
    failures.length > 0
      ? home.kernel.write((u) => abandonCreation(u, intent.portfolioId))
      : settle(home.kernel, intent),
  );
  return failures[0];
}

async function settle(kernel: ProjectKernel, intent: Pick<CreationIntent, 'portfolioId' | 'isNewHome'>): Promise<void> {
  await kernel.write((u) => void settleCreation(u, intent.portfolioId));
  if (intent.isNewHome) await kernel.remove(isBlank);
}

async function undoOne(
  home: PortfolioKernels,
  intent: Pick<CreationIntent, 'portfolioId'>,
  child: IntendedChild,
): Promise<void> {
  const kernel = home.childKernel(child.projectDir);
  await kernel.load();
  await kernel.refresh();
  if (kernel.state.kind === 'missing') {
    if (!child.isNewRecord || !(await isStarted(kernel))) return;
    // Its process died before the first save: creating the record again removes what it left.
    await kernel.initialize();
  }
  if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') throw refusalOf(kernel.state, kernel.path);
  // An unwritable record does not matter if it never received the child.
  if (kernel.read((r) => holdsChild(r, child.id))) {
    await kernel.write((u) => removeCreatedChild(u, intent.portfolioId, child.id));
  }
  if (child.isNewRecord && kernel.read(isBlank)) await kernel.remove(isBlank);
}

async function isStarted(kernel: ProjectKernel): Promise<boolean> {
  return (await ifThere(stat(path.dirname(kernel.path)))) !== undefined;
}

async function isUnderWay({ maker, since }: CreationIntent, now: number): Promise<boolean> {
  if (maker === null) return false;
  return maker.host === machineName() ? isRunning(maker) : now - since < STALE_AFTER_SEC;
}
