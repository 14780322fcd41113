/**
 * Taking back a portfolio that was not finished, by its maker or by whoever comes after a crash
 * (`docs/design/portfolios.md#creation`).
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../host/files/fileErrors';
import type { Log } from '../../host/log';
import { identify, isRunning, machineName } from '../../host/process/processIdentity';
import { isBlank } from '../../kernel/image/blank';
import {
  abandonCreation,
  holdsChild,
  pendingCreations,
  settleCreation,
  removeCreatedChild,
  type CreationIntent,
  type IntendedChild,
} from '../../kernel/portfolio/intents';
import { refusalOf } from '../record/kernelState';
import type { ProjectKernel } from '../record/projectKernel';
import type { PortfolioKernels } from './snapshot/authority';

/** After so many seconds nobody works at a creation any more; for makers on other machines, which cannot be asked. */
const STALE_AFTER_SEC = 600;

/** This process, as an intent names it. */
export async function thisMaker(): Promise<CreationIntent['maker']> {
  return { ...(await identify(process.pid)), host: machineName() };
}

/**
 * Undoes what makers that are gone have left. Never throws for what is wrong with files: what cannot be undone
 * now is logged and stays for the next time.
 */
export async function undoInterrupted(home: PortfolioKernels, log: Log): Promise<void> {
  const { kernel } = home;
  if (kernel.state.kind !== 'ready') return;
  const { pending, now } = kernel.read((r) => ({ pending: pendingCreations(r), now: r.now }));
  for (const intent of pending) {
    if (await isUnderWay(intent, now)) continue;
    const error = await undoCreation(home, intent);
    const facts = { portfolio: intent.portfolioId, ...(error === undefined ? {} : { error }) };
    if (error === undefined) log.info('An interrupted portfolio was undone', facts);
    else log.warn('An interrupted portfolio could not be undone yet', facts);
  }
}

/**
 * Removes the children, records made for them and, where it was made for this portfolio, the portfolio's database.
 * Gives the first failure; then the rest is done as far as possible, and anybody may undo what is left.
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
    if (!child.isNewRecord || !(await isBegun(kernel))) return;
    // Its maker died before the first save: what it left is swept up by making the record whole.
    await kernel.initialize();
  }
  if (kernel.state.kind !== 'ready' && kernel.state.kind !== 'readOnly') throw refusalOf(kernel.state, kernel.path);
  // A record that cannot be written need not be where the child never came to it.
  if (kernel.read((r) => holdsChild(r, child.id))) {
    await kernel.write((u) => removeCreatedChild(u, intent.portfolioId, child.id));
  }
  if (child.isNewRecord && kernel.read(isBlank)) await kernel.remove(isBlank);
}

async function isBegun(kernel: ProjectKernel): Promise<boolean> {
  return (await ifThere(stat(path.dirname(kernel.path)))) !== undefined;
}

async function isUnderWay({ maker, since }: CreationIntent, now: number): Promise<boolean> {
  if (maker === null) return false;
  return maker.host === machineName() ? isRunning(maker) : now - since < STALE_AFTER_SEC;
}
