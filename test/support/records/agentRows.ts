/** Rows of agents that a test speaks for. */
import { systemPorts } from '../../../src/host/clock';
import { createDispatch as create } from '../../../src/kernel/dispatch/service';
import type { DispatchId } from '../../../src/kernel/ids';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { portfolioLocationAt } from '../../../src/host/files/paths';
import { testDeps } from '../projects';

export interface DispatchKind {
  readonly agentType: string;
  readonly sandbox?: string;
  readonly scopeId?: string;
}

/** Records a dispatch under an id that the test has chosen. Nothing runs. */
export async function createDispatch(database: string, id: DispatchId, kind: DispatchKind): Promise<void> {
  const kernel = new ProjectKernel(portfolioLocationAt(database), testDeps({ ports: systemPorts }));
  await kernel.load();
  const row = { projectDir: kernel.folder, sandbox: 'none', ...kind };
  await kernel.write((u) => void create({ ...u, newId: () => id }, row));
  await kernel.dispose();
}
